"""What is checked in a server: what the modules need there against what the bot has there. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import discord

from bot.doctor.findings import Area, Finding, Severity
from bot.doctor.needs import (
    ChannelNeed,
    IntentNeed,
    Need,
    PermissionNeed,
    ReachNeed,
    Remark,
    RenameWait,
    RoleNeed,
)
from bot.permissions import NEEDED_PERMISSIONS
from bot.text.language import N_, _, ngettext

NAMES_SHOWN: Final = 3

INTENT_TITLES: Final = {
    "members": "Server Members Intent",
    "presences": "Presence Intent",
    "message_content": "Message Content Intent",
}
"""The privileged ones, as the Developer Portal calls them in every language."""

_TITLES: Final = {permission.name: permission.title for permission in NEEDED_PERMISSIONS}
_IN_A_CHANNEL: Final = {"view_channel": N_("View Channel")}
"""In the settings of a single channel it is called so."""

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class SeenServer:
    """A server as Discord shows it, through the gateway or through requests."""

    guild: discord.Guild
    me: discord.Member
    channels: Mapping[int, discord.abc.GuildChannel]

    @classmethod
    def of_gateway(cls, guild: discord.Guild) -> "SeenServer":
        """Return a guild that discord.py keeps up to date."""
        return cls(guild, guild.me, {channel.id: channel for channel in guild.channels})


def check_server(
    seen: SeenServer, needs: Sequence[Need], intents: Collection[str], now_ms: int
) -> tuple[Finding, ...]:
    """Return what there is to say about a server; `intents` are the privileged ones that the bot has."""
    if seen.me.is_timed_out():
        found: Iterable[Finding] = (_timed_out(),)
    elif not needs:
        return (nothing_needed(seen.guild.id, seen.guild.name),)
    else:
        found = (
            *_check_intents(_of(needs, IntentNeed), intents),
            *_check_permissions(seen, _of(needs, PermissionNeed)),
            *_check_channels(seen, _of(needs, ChannelNeed)),
            *_check_reach(seen, _of(needs, ReachNeed)),
            *_check_roles(seen, _of(needs, RoleNeed)),
            *_check_renames(seen, _of(needs, RenameWait), now_ms),
            *map(_from_remark, _of(needs, Remark)),
        )
    return tuple(replace(finding, guild_id=seen.guild.id, guild_name=seen.guild.name) for finding in found)


def title_of(permission: str, *, in_channel: bool = False) -> str:
    """Return how Discord's settings call a permission, in the language of the context."""
    titles = _TITLES | _IN_A_CHANNEL if in_channel else _TITLES
    return _(titles[permission])


def _finding(check: str, severity: Severity, subject: str, sentence: str, **rest: Any) -> Finding:
    return Finding(
        check=f"server.{check}",
        severity=severity,
        area=Area.SERVER,
        subject=subject,
        sentence=sentence,
        **rest,
    )


def _of(needs: Iterable[Need], kind: type[_Kind]) -> list[_Kind]:
    return [need for need in needs if isinstance(need, kind)]


def _timed_out() -> Finding:
    return _finding(
        "timeout",
        Severity.ERROR,
        _("Timeout"),
        _("The bot is timed out in this server."),
        meaning=_("It can do nothing here but read."),
        advice=_("Remove the timeout of the bot (right-click it in the member list)."),
    )


def nothing_needed(guild_id: int, guild_name: str) -> Finding:
    """Return the only finding about a server in which there is nothing to check."""
    return _finding(
        "nothing_enabled",
        Severity.NOTE,
        _("Modules"),
        _("Nothing is switched on in this server."),
        advice=_("Use `/invite_tracker enable` or `/serverstats enable`."),
        guild_id=guild_id,
        guild_name=guild_name,
    )


def _from_remark(remark: Remark) -> Finding:
    return _finding(
        remark.check,
        remark.severity,
        remark.subject,
        remark.sentence,
        meaning=remark.meaning,
        advice=remark.advice,
    )


def _check_intents(needs: Sequence[IntentNeed], intents: Collection[str]) -> Iterator[Finding]:
    for intent, title in INTENT_TITLES.items():
        lost = dict.fromkeys(need.lost for need in needs if need.intent == intent)
        if lost and intent not in intents:
            yield _finding(
                "intent",
                Severity.WARNING,
                title,
                _("The operator of the bot has not switched it on."),
                meaning=" ".join(lost),
                advice=_(
                    "The operator switches it on in the Developer Portal → the application → Bot → "
                    "Privileged Gateway Intents, and restarts the bot."
                ),
            )


def _check_permissions(seen: SeenServer, needs: Sequence[PermissionNeed]) -> Iterator[Finding]:
    held = seen.me.guild_permissions
    by_permission: dict[str, list[PermissionNeed]] = {}
    for need in needs:
        by_permission.setdefault(need.permission, []).append(need)
    missing = {name: wanted for name, wanted in by_permission.items() if not getattr(held, name)}
    for name, wanted in missing.items():
        yield _finding(
            "permission",
            Severity.ERROR if any(need.is_vital for need in wanted) else Severity.WARNING,
            title_of(name),
            _("The bot does not have this permission in the server."),
            meaning=" ".join(dict.fromkeys(need.lost for need in wanted)),
            advice=_("Switch it on for the role of the bot (Server Settings → Roles)."),
        )
    if by_permission and not missing:
        sentence = ngettext(
            "The {count} permission that is needed is there.",
            "All {count} permissions that are needed are there.",
            len(by_permission),
        )
        yield _finding("permissions", Severity.FINE, _("Permissions"), sentence)
    if held.administrator and seen.guild.owner_id != seen.me.id:
        yield _finding(
            "administrator",
            Severity.NOTE,
            _("Administrator"),
            _("The bot has this permission, which is more than it ever needs."),
            advice=_("Switch it off for the role of the bot; the README lists what is needed instead."),
        )


def _check_channels(seen: SeenServer, needs: Sequence[ChannelNeed]) -> Iterator[Finding]:
    troubles = 0
    for need in needs:
        channel = seen.channels.get(need.channel_id)
        if channel is None:
            troubles += 1
            yield _finding(
                "channel_gone",
                need.severity,
                need.purpose,
                _("The channel is gone."),
                meaning=need.lost,
                advice=need.when_gone,
                channel_id=need.channel_id,
            )
        elif missing := missing_in(channel, seen.me, need.permissions):
            troubles += 1
            yield _finding(
                "channel_permission",
                need.severity,
                _name_of(channel),
                _lacking(need.purpose, missing),
                meaning=need.lost,
                advice=_("Allow it for the bot in the permissions of this channel, or of its category."),
                channel_id=channel.id,
            )
    if needs and not troubles:
        sentence = ngettext(
            "The {count} channel that is used is there and open to the bot.",
            "All {count} channels that are used are there and open to the bot.",
            len({need.channel_id for need in needs}),
        )
        yield _finding("channels", Severity.FINE, _("Channels"), sentence)


def missing_in(
    channel: discord.abc.GuildChannel, me: discord.Member, permissions: Sequence[str]
) -> tuple[str, ...]:
    """Return which of these permissions to give first: without View Channel, and Connect of voice, nothing else counts."""
    held = channel.permissions_for(me)
    is_voice = isinstance(channel, discord.VoiceChannel | discord.StageChannel)
    missing = tuple(
        name
        for name in permissions
        if not getattr(held, name)
        # Elsewhere there is no such permission (Discord documentation, Permissions).
        and (name != "connect" or is_voice)
    )
    for name in ("view_channel", "connect"):
        if name in missing:
            return (name,)
    return missing


def _lacking(purpose: str, missing: Sequence[str]) -> str:
    names = ", ".join(title_of(name, in_channel=True) for name in missing)
    if len(missing) == 1:
        return _("{purpose}: the bot lacks the permission {name} here.", purpose=purpose, name=names)
    return _("{purpose}: the bot lacks the permissions {names} here.", purpose=purpose, names=names)


def _name_of(channel: discord.abc.GuildChannel) -> str:
    return channel.name if isinstance(channel, discord.CategoryChannel) else f"#{channel.name}"


def _check_reach(seen: SeenServer, needs: Sequence[ReachNeed]) -> Iterator[Finding]:
    """Note the channels that are closed to the bot: mostly that is meant."""
    for need in needs:
        # Then all of them are closed, and the permission in the server is what to speak of.
        if not getattr(seen.me.guild_permissions, need.permission):
            continue
        closed = [
            channel
            for channel in seen.channels.values()
            if not isinstance(channel, discord.CategoryChannel)
            and channel.id not in need.left_out_ids
            and channel.category_id not in need.left_out_ids
            and missing_in(channel, seen.me, ("view_channel", need.permission)) == (need.permission,)
        ]
        if closed:
            yield _finding(
                "reach",
                Severity.NOTE,
                _some_of([_name_of(channel) for channel in closed]),
                _("The bot lacks {name} here.", name=title_of(need.permission, in_channel=True)),
                meaning=need.lost,
                advice=_("If that is not meant, allow it for the bot in the permissions of the channel."),
            )


def _check_roles(seen: SeenServer, needs: Sequence[RoleNeed]) -> Iterator[Finding]:
    highest = seen.me.top_role
    troubles = 0
    for need in needs:
        role = seen.guild.get_role(need.role_id)
        if role is None:
            troubles += 1
            yield _finding(
                "role_gone",
                Severity.ERROR,
                need.purpose,
                _("The role is gone."),
                meaning=need.lost,
                advice=need.when_gone,
                role_id=need.role_id,
            )
        elif need.must_be_below and role >= highest:
            troubles += 1
            yield _finding(
                "role_order",
                Severity.ERROR,
                f"@{role.name}",
                _(
                    "{purpose}: the role does not stand below the highest role of the bot.",
                    purpose=need.purpose,
                ),
                meaning=need.lost,
                advice=_("Drag the role of the bot above it (Server Settings → Roles)."),
                role_id=role.id,
            )
    if troubles:
        return
    ordered = sorted(seen.guild.roles, reverse=True)
    depending = sum(need.must_be_below for need in needs)
    yield _finding(
        "roles",
        Severity.FINE,
        _("Roles"),
        _(
            "The highest role of the bot is number {place} of {count} from the top.",
            place=ordered.index(highest) + 1,
            count=len(ordered),
        ),
        meaning=ngettext(
            "The {count} role that it gives is below it.",
            "All {count} roles that it gives are below it.",
            depending,
        )
        if depending
        else _("Nothing that is switched on here depends on the order of roles."),
    )


def _check_renames(seen: SeenServer, needs: Sequence[RenameWait], now_ms: int) -> Iterator[Finding]:
    waiting = [need for need in needs if need.until_ms > now_ms and need.channel_id in seen.channels]
    if not waiting:
        return
    minutes = -(-(max(need.until_ms for need in waiting) - now_ms) // 60_000)
    yield _finding(
        "rename_limit",
        Severity.NOTE,
        _some_of([_name_of(seen.channels[need.channel_id]) for need in waiting]),
        ngettext(
            "The name is left alone for another {count} minute at most.",
            "The name is left alone for another {count} minutes at most.",
            minutes,
        ),
        meaning=_(
            "Discord lets the name of a channel change twice in ten minutes; the bot renames once in six. "
            "Until then a counter may show an older number."
        ),
    )


def _some_of(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    if more <= 0:
        return shown
    return ngettext("{names} and {count} more", "{names} and {count} more", more, names=shown)
