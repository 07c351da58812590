"""Invite links: made, deleted, listed, and the one that everyone may share."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord

from bot.acting import current_actor
from bot.errors import DiscordRefusedError, ModuleDisabledError, UnprocessableEntityError
from bot.settings.fields import SettingChange
from bot.text.language import _
from cogs.invite_tracker.invite_links import invite_url, parse_invite_code
from cogs.invite_tracker.joiner_roles.requests import InviteWish, MadeInvite, make_invite_with_roles
from cogs.invite_tracker.setting_fields import TITLE
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.use_cases.scope import UseCases
from storage import guild_modules, invites
from storage.joiner_roles import JoinerRole, insert_joiner_role
from storage.records import KnownInvite

_log = logging.getLogger(__name__)

InviteChannel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel
"""The channels that an invite can lead to."""

MAX_USES_MOST = 100
MAX_AGE_SECONDS_MOST = 7 * 86_400
"""Discord documentation, Channel Resource, Create Channel Invite."""


@dataclass(frozen=True, slots=True)
class InvitePage:
    """One page of the live known invites, most used first; pages count from 1."""

    invites: tuple[KnownInvite, ...]
    page: int
    pages: int
    total: int


class LinkUseCases(UseCases):
    """What is done with invite links."""

    async def check_shared_link(self, guild_id: int, link: str) -> str:
        """Return the link in its full form; refuse what is no invite to this server."""
        code = parse_invite_code(link)
        try:
            invite = await self._client.fetch_invite(code, with_counts=False, with_expiration=False)
        except discord.NotFound:
            raise UnprocessableEntityError(
                _("There is no invite with the code `{code}`.", code=code)
            ) from None
        if invite.guild is None or invite.guild.id != guild_id:
            raise UnprocessableEntityError(_("The invite `{code}` does not lead to this server.", code=code))
        return invite_url(invite.code)

    async def create_invite(
        self,
        guild_id: int,
        channel_id: int,
        *,
        max_uses: int,
        max_age_seconds: int,
        is_temporary: bool,
        for_user_id: int | None,
    ) -> KnownInvite:
        """Create an invite at Discord; its joins count for `for_user_id`, although Discord names the bot as inviter.

        `max_uses` is 0 (no limit) to 100, `max_age_seconds` 0 (never expires) to 604,800.
        """
        wish = InviteWish(max_uses, max_age_seconds, is_temporary)
        channel = await self._check_invite(guild_id, channel_id, wish)
        made = await self._make_invite(channel, wish)
        return await self._keep_invite(channel, wish, made, for_user_id)

    async def _check_invite(self, guild_id: int, channel_id: int, wish: InviteWish) -> InviteChannel:
        """Return the channel of an invite that may be made."""
        guild = self._guild(guild_id)
        await self._require_enabled(guild_id)
        if not 0 <= wish.max_uses <= MAX_USES_MOST:
            raise UnprocessableEntityError(
                _(
                    "max_uses must be between 0 (no limit) and {most}, not {given}.",
                    most=MAX_USES_MOST,
                    given=wish.max_uses,
                )
            )
        if not 0 <= wish.max_age_seconds <= MAX_AGE_SECONDS_MOST:
            raise UnprocessableEntityError(
                _(
                    "max_age must be between 0 (never expires) and {most} seconds, not {given}.",
                    most=MAX_AGE_SECONDS_MOST,
                    given=wish.max_age_seconds,
                )
            )
        channel = guild.get_channel(channel_id)
        if not isinstance(channel, InviteChannel):
            raise UnprocessableEntityError(
                _("Invites can be made for text, voice, stage and forum channels only.")
            )
        if not channel.permissions_for(guild.me).create_instant_invite:
            raise DiscordRefusedError(
                _("I need the permission Create Invite in {channel}.", channel=channel.mention)
            )
        return channel

    async def _make_invite(
        self, channel: InviteChannel, wish: InviteWish, role_ids: Sequence[int] = ()
    ) -> MadeInvite:
        """Let Discord make an invite, which carries the roles if Discord allows it."""
        try:
            if role_ids:
                made = await make_invite_with_roles(self._client, channel.id, wish, role_ids)
                if made is not None:
                    return made
            invite = await channel.create_invite(
                max_uses=wish.max_uses,
                max_age=wish.max_age_seconds,
                temporary=wish.is_temporary,
                unique=True,
            )
        except discord.Forbidden:
            raise DiscordRefusedError(
                _("I need the permission Create Invite in {channel}.", channel=channel.mention)
            ) from None
        except discord.HTTPException as error:
            raise DiscordRefusedError(
                _("Discord did not make the invite: {reason}.", reason=error.text or error.status)
            ) from error
        created_at = invite.created_at
        return MadeInvite(invite.code, int(created_at.timestamp() * 1000) if created_at else None)

    async def _keep_invite(
        self,
        channel: InviteChannel,
        wish: InviteWish,
        made: MadeInvite,
        for_user_id: int | None,
        role_ids: Sequence[int] = (),
    ) -> KnownInvite:
        """Put an invite on record that was made just now, with the roles that it brings."""
        guild = channel.guild
        created_at_ms = made.created_at_ms or self._clock.now_ms()
        owner_id = for_user_id or guild.me.id
        invite = KnownInvite(
            guild_id=guild.id,
            code=made.code,
            channel_id=channel.id,
            inviter_id=owner_id,
            uses=0,
            accounted_uses=0,
            open_since_ms=None,
            max_uses=wish.max_uses,
            is_temporary=wish.is_temporary,
            created_at_ms=created_at_ms,
            expires_at_ms=created_at_ms + wish.max_age_seconds * 1000 if wish.max_age_seconds else None,
            label=None,
            deleted_at_ms=None,
        )
        self._tracking.note_made_invite(guild.id, invite.code, owner_id)
        self._tell_of_program(guild.id, made=invite.code)
        now_ms = self._clock.now_ms()
        async with self._database.write() as tx:
            # While Discord made the invite, the module may have been disabled and its data deleted.
            if await guild_modules.fetch_module(tx, guild.id, MODULE) is None:
                raise ModuleDisabledError(
                    _(
                        "The invite tracker was disabled meanwhile; `{code}` works, but counts for nobody.",
                        code=invite.code,
                    )
                )
            is_named = not self._client.parts.recorder.is_opted_out(guild.id, owner_id)
            await invites.upsert_invite_owner(tx, invite if is_named else replace(invite, inviter_id=None))
            for role_id in role_ids:
                rule = JoinerRole(guild.id, invite.code, role_id, now_ms, made.carries_roles)
                await insert_joiner_role(tx, rule)
        _log.info(
            "An invite was made.",
            extra={
                "event": "invite_created",
                "guild_id": guild.id,
                "code": invite.code,
                "channel_id": channel.id,
            },
        )
        return invite

    async def delete_invite(self, guild_id: int, code: str) -> str:
        """Delete an invite of this guild at Discord and return its code."""
        guild = self._guild(guild_id)
        await self._require_enabled(guild_id)
        code = parse_invite_code(code)
        async with self._database.read() as rx:
            known = await invites.fetch_known_invite(rx, guild_id, code)
        if known is None or known.deleted_at_ms is not None:
            raise UnprocessableEntityError(_("This server has no invite with the code `{code}`.", code=code))
        place = guild.get_channel(known.channel_id) if known.channel_id else None
        held = guild.me.guild_permissions if place is None else place.permissions_for(guild.me)
        if not (held.manage_channels or guild.me.guild_permissions.manage_guild):
            # Discord would refuse, and counts refusals.
            raise _manage_channels_missing(place)
        try:
            await self._client.delete_invite(code)
        except discord.NotFound:
            raise UnprocessableEntityError(
                _("The invite `{code}` does not exist any more.", code=code)
            ) from None
        except discord.Forbidden:
            raise _manage_channels_missing(place) from None
        self._tracking.look_again(guild_id)
        self._tell_of_program(guild_id, deleted=code)
        _log.info(
            "An invite was deleted.",
            extra={"event": "invite_deleted", "guild_id": guild_id, "code": code},
        )
        return code

    async def fetch_invite_page(self, guild_id: int, page: int, page_size: int) -> InvitePage:
        """Return a page of the live known invites; a page past the end is the last one."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            total = await invites.fetch_invite_count(rx, guild_id)
            pages = max(1, -(-total // page_size))
            page = min(max(1, page), pages)
            rows = await invites.fetch_invite_page(rx, guild_id, page_size, (page - 1) * page_size)
        return InvitePage(tuple(rows), page, pages, total)

    async def fetch_invites(self, guild_id: int, limit: int, offset: int) -> tuple[list[KnownInvite], int]:
        """Return live known invites in the order of their codes, and how many there are."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            rows = await invites.fetch_invites_by_code(rx, guild_id, limit, offset)
            return rows, await invites.fetch_invite_count(rx, guild_id)

    async def has_channel(self, guild_id: int, channel_id: int) -> bool:
        """Whether this is a channel of a guild in which joins are tracked."""
        await self._require_enabled(guild_id)
        return self._guild(guild_id).get_channel(channel_id) is not None

    async def look_again(self, guild_id: int) -> None:
        """Look at the invites soon, because other software says that something happened; it is never taken at its word.

        However often it asks, Discord is asked once in a few seconds.
        """
        await self._require_enabled(guild_id)
        self._tracking.look_when_asked(guild_id)

    async def suggest_codes(self, guild_id: int, typed: str) -> list[KnownInvite]:
        """Return up to 25 live invites whose code or label begins so, for autocomplete."""
        async with self._database.read() as rx:
            return list(await invites.fetch_invites_like(rx, guild_id, typed, 25))

    async def is_deleted(self, guild_id: int, code: str) -> bool:
        """Whether this is an invite that we know to be deleted; of one that we never knew, nothing is said."""
        async with self._database.read() as rx:
            known = await invites.fetch_known_invite(rx, guild_id, code)
        return known is not None and known.deleted_at_ms is not None

    def _tell_of_program(self, guild_id: int, *, made: str | None = None, deleted: str | None = None) -> None:
        """Tell in the log channel what a program did with an invite; what people do, they do in front of others."""
        if current_actor().name is None:
            return

        def describe() -> tuple[SettingChange, ...]:
            label = _("Known invite links")
            if made is not None:
                return (SettingChange(label, "", "", added=(f"`{made}`",)),)
            return (SettingChange(label, "", "", removed=(f"`{deleted}`",)),)

        self._client.settings_log.note(guild_id, TITLE, describe)


def _manage_channels_missing(place: discord.abc.GuildChannel | None) -> DiscordRefusedError:
    if place is None:
        return DiscordRefusedError(_("I need the permission Manage Channels in this server."))
    return DiscordRefusedError(
        _("I need the permission Manage Channels in {channel}.", channel=place.mention)
    )
