"""The use cases of the invite tracker, each once: commands and HTTP routes only translate to and from these.

Every refusal is a `bot.errors.HeadcountError` whose message is one sentence for people. Who may call what is the caller's
business; what the bot itself may do is checked here.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Literal
from weakref import WeakValueDictionary

import discord
from pydantic import ValidationError

from bot.client import HeadcountClient
from bot.errors import (
    ConflictError,
    DiscordRefusedError,
    ModuleDisabledError,
    ModuleEnabledError,
    SettingsError,
    UnprocessableEntityError,
)
from bot.text.dates import timezone_named
from bot.text.discord_objects import send_arguments
from bot.text.facts import Moment
from bot.text.rendering import RenderedMessage
from cogs.invite_tracker.counting import STATISTICS_DAYS, counted_since_ms
from cogs.invite_tracker.invite_links import invite_url, parse_invite_code
from cogs.invite_tracker.messages.message_settings import (
    MessageKind,
    check_change,
    message_of,
    require_channel,
)
from cogs.invite_tracker.messages.samples import render_sample
from cogs.invite_tracker.settings import MODULE, InviteTrackerSettings
from cogs.invite_tracker.tracking.discord_requests import missing_permissions
from cogs.invite_tracker.tracking.trackers import TrackerStatus, Tracking
from storage import guild_modules, guilds, invite_counts, invites, joins
from storage.records import InviteCounts, Join, KnownInvite

_log = logging.getLogger(__name__)

InviteChannel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel
"""The channels that an invite can lead to."""

MAX_USES_MOST = 100
MAX_AGE_SECONDS_MOST = 7 * 86_400
"""Discord documentation, Channel Resource, Create Channel Invite."""


@dataclass(frozen=True, slots=True)
class VersionedSettings:
    """Settings as read; `version` goes back with the save, so that no other admin's save is overwritten."""

    settings: InviteTrackerSettings
    version: int


@dataclass(frozen=True, slots=True)
class StoredAmounts:
    """How much is stored for a guild: what disabling the module deletes."""

    joins: int
    invites: int
    bonuses: int


@dataclass(frozen=True, slots=True)
class InviterStats:
    """An inviter's counts and latest joins, newest first."""

    counts: InviteCounts
    latest: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class InvitePage:
    """One page of the live known invites, most used first; pages count from 1."""

    invites: tuple[KnownInvite, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class LeaderboardPage:
    """One page of (inviter id, counts), best first; pages count from 1, `first_rank` is the rank of the first row."""

    rows: tuple[tuple[int, InviteCounts], ...]
    first_rank: int
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class TrackerInfo:
    """The state of the module in a guild, as an admin wants to know it."""

    enabled_at_ms: int
    missing_permissions: tuple[str, ...]
    status: TrackerStatus
    stored: StoredAmounts
    retention: int | Literal["while_member"]
    """Days for which joins are kept, 0 for ever."""


class InviteTrackerService:
    """What can be done with the invite tracker of a guild."""

    def __init__(self, client: HeadcountClient, tracking: Tracking) -> None:
        self._client = client
        self._tracking = tracking
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._switching: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    # The module itself

    async def enable(self, guild_id: int) -> None:
        """Begin to track joins; existing invites become known with the uses that they have now."""
        self._guild(guild_id)
        async with self._switch(guild_id):
            async with self._database.write() as tx:
                if await guild_modules.fetch_module(tx, guild_id, MODULE) is not None:
                    raise ModuleEnabledError("The invite tracker is enabled already.")
                await guild_modules.insert_module(
                    tx, guild_id, MODULE, self._clock.now_ms(), InviteTrackerSettings().model_dump_json()
                )
            self._tracking.start(guild_id)
        _log.info("The invite tracker was enabled in server %d.", guild_id)

    async def disable(self, guild_id: int) -> None:
        """Stop tracking and delete all of the module's data for this guild."""
        async with self._switch(guild_id):
            await self._require_enabled(guild_id)
            await self._tracking.stop(guild_id)
            try:
                async with self._database.write() as tx:
                    await invites.delete_invite_tracker_data(tx, guild_id)
                    await guild_modules.delete_module(tx, guild_id, MODULE)
            except BaseException:
                # Nothing was deleted: the module is still enabled, so joins must still be tracked.
                self._tracking.start(guild_id)
                raise
        _log.info("The invite tracker was disabled in server %d; its data was deleted.", guild_id)

    async def count_stored(self, guild_id: int) -> StoredAmounts:
        """Return what disabling would delete."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            return StoredAmounts(*await invites.fetch_stored_amounts(rx, guild_id))

    async def describe(self, guild_id: int) -> TrackerInfo:
        """Return the module's state."""
        guild = self._guild(guild_id)
        module = await self._require_enabled(guild_id)
        stored = await self.count_stored(guild_id)
        return TrackerInfo(
            enabled_at_ms=module.enabled_at_ms,
            missing_permissions=missing_permissions(guild),
            status=self._tracking.status(guild_id),
            stored=stored,
            retention=self._client.parts.config.retention.joins,
        )

    # Settings

    async def fetch_settings(self, guild_id: int) -> VersionedSettings:
        """Return the settings of an enabled module."""
        module = await self._require_enabled(guild_id)
        settings = InviteTrackerSettings.model_validate_json(module.settings)
        return VersionedSettings(settings, module.settings_version)

    async def save_settings(
        self, guild_id: int, settings: InviteTrackerSettings, expected_version: int
    ) -> VersionedSettings:
        """Check and store settings; raises ConflictError when they were saved by somebody else since they were read.

        A value out of range, a message that Discord would refuse, or a channel that the bot cannot send to, is refused.
        """
        settings = _validated(settings)
        guild = self._guild(guild_id)
        before = (await self.fetch_settings(guild_id)).settings
        for kind in MessageKind:
            check_change(guild, kind, message_of(before, kind), message_of(settings, kind))
        async with self._database.write() as tx:
            saved = await guild_modules.update_module_settings(
                tx, guild_id, MODULE, settings.model_dump_json(), expected_version
            )
        if not saved:
            raise ConflictError(
                "Somebody else saved these settings in the meantime; open them again to see theirs."
            )
        return VersionedSettings(settings, expected_version + 1)

    async def render_sample(
        self, guild_id: int, kind: MessageKind, person: discord.Member | discord.User
    ) -> RenderedMessage:
        """Return the message of this kind as it would read about this person."""
        message = message_of((await self.fetch_settings(guild_id)).settings, kind)
        guild = self._guild(guild_id)
        channel = guild.get_channel(message.channel_id) if message.channel_id is not None else None
        moment = Moment(self._clock.now_ms(), timezone_named(await self.fetch_timezone(guild_id)))
        return render_sample(kind, message, person=person, guild=guild, channel=channel, moment=moment)

    async def send_sample(
        self, guild_id: int, kind: MessageKind, person: discord.Member | discord.User
    ) -> discord.Message:
        """Send that message to its channel, whether or not messages are turned on."""
        message = message_of((await self.fetch_settings(guild_id)).settings, kind)
        channel = require_channel(self._guild(guild_id), kind, message)
        rendered = await self.render_sample(guild_id, kind, person)
        if rendered.is_empty:
            raise UnprocessableEntityError(
                "Nothing is left of this message once its variables are filled in."
            )
        try:
            return await channel.send(**send_arguments(rendered))
        except discord.HTTPException as error:
            raise DiscordRefusedError(
                f"Discord refused the message: {error.text or error.status}."
            ) from error

    async def check_shared_link(self, guild_id: int, link: str) -> str:
        """Return the link in its full form; refuse what is no invite to this server."""
        code = parse_invite_code(link)
        try:
            invite = await self._client.fetch_invite(code, with_counts=False, with_expiration=False)
        except discord.NotFound:
            raise UnprocessableEntityError(f"There is no invite with the code `{code}`.") from None
        if invite.guild is None or invite.guild.id != guild_id:
            raise UnprocessableEntityError(f"The invite `{code}` does not lead to this server.")
        return invite_url(invite.code)

    # Invites

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
        guild = self._guild(guild_id)
        await self._require_enabled(guild_id)
        if not 0 <= max_uses <= MAX_USES_MOST:
            raise UnprocessableEntityError(f"max_uses must be between 0 (no limit) and 100, not {max_uses}.")
        if not 0 <= max_age_seconds <= MAX_AGE_SECONDS_MOST:
            raise UnprocessableEntityError(
                f"max_age must be between 0 (never expires) and {MAX_AGE_SECONDS_MOST} seconds, not {max_age_seconds}."
            )
        channel = guild.get_channel(channel_id)
        if not isinstance(channel, InviteChannel):
            raise UnprocessableEntityError(
                "Invites can be made for text, voice, stage and forum channels only."
            )
        if not channel.permissions_for(guild.me).create_instant_invite:
            raise DiscordRefusedError(f"I need the permission Create Invite in {channel.mention}.")
        try:
            made = await channel.create_invite(
                max_uses=max_uses, max_age=max_age_seconds, temporary=is_temporary, unique=True
            )
        except discord.Forbidden:
            raise DiscordRefusedError(f"I need the permission Create Invite in {channel.mention}.") from None
        except discord.HTTPException as error:
            raise DiscordRefusedError(
                f"Discord did not make the invite: {error.text or error.status}."
            ) from error
        created_at_ms = int(made.created_at.timestamp() * 1000) if made.created_at else self._clock.now_ms()
        owner_id = for_user_id or guild.me.id
        invite = KnownInvite(
            guild_id=guild_id,
            code=made.code,
            channel_id=channel_id,
            inviter_id=owner_id,
            uses=0,
            accounted_uses=0,
            open_since_ms=None,
            max_uses=max_uses,
            is_temporary=is_temporary,
            created_at_ms=created_at_ms,
            expires_at_ms=created_at_ms + max_age_seconds * 1000 if max_age_seconds else None,
            label=None,
            deleted_at_ms=None,
        )
        self._tracking.note_made_invite(guild_id, invite.code, owner_id)
        async with self._database.write() as tx:
            # While Discord made the invite, the module may have been disabled and its data deleted.
            if await guild_modules.fetch_module(tx, guild_id, MODULE) is None:
                raise ModuleDisabledError(
                    f"The invite tracker was disabled meanwhile; `{invite.code}` works, but counts for nobody."
                )
            await invites.upsert_invite_owner(tx, invite)
        return invite

    async def delete_invite(self, guild_id: int, code: str) -> str:
        """Delete an invite of this guild at Discord and return its code."""
        guild = self._guild(guild_id)
        await self._require_enabled(guild_id)
        code = parse_invite_code(code)
        async with self._database.read() as rx:
            known = await invites.fetch_known_invite(rx, guild_id, code)
        if known is None or known.deleted_at_ms is not None:
            raise UnprocessableEntityError(f"This server has no invite with the code `{code}`.")
        try:
            await self._client.delete_invite(code)
        except discord.NotFound:
            raise UnprocessableEntityError(f"The invite `{code}` does not exist any more.") from None
        except discord.Forbidden:
            place = guild.get_channel(known.channel_id) if known.channel_id else None
            where = place.mention if place else "this server"
            raise DiscordRefusedError(f"I need the permission Manage Channels in {where}.") from None
        self._tracking.look_again(guild_id)
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

    async def suggest_codes(self, guild_id: int, typed: str) -> list[KnownInvite]:
        """Return up to 25 live invites whose code or label begins so, for autocomplete."""
        async with self._database.read() as rx:
            return list(await invites.fetch_invites_like(rx, guild_id, typed, 25))

    # Who invited whom

    async def fetch_inviter_stats(self, guild_id: int, inviter_id: int, latest: int) -> InviterStats:
        """Return the counts of an inviter within the retention window, and that many of their latest joins."""
        rules = (await self.fetch_settings(guild_id)).settings.fake_rules
        since_ms = counted_since_ms(self._clock.now_ms())
        async with self._database.read() as rx:
            counts = await invite_counts.fetch_counts(rx, guild_id, inviter_id, rules, since_ms)
            rows = await joins.fetch_last_joins_of_inviter(rx, guild_id, inviter_id, latest, 0, since_ms)
        return InviterStats(counts, tuple(rows))

    async def fetch_join(self, guild_id: int, member_id: int) -> Join | None:
        """Return the latest join of a member, with how we know."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            return await joins.fetch_latest_join_of_member(rx, guild_id, member_id)

    async def fetch_leaderboard(
        self, guild_id: int, *, days: int | None, page: int, page_size: int
    ) -> LeaderboardPage:
        """Return a page of the inviters, by real invites.

        `days` (1 to 31) counts only joins of these last days; None counts all 31, and shows who has nothing but a bonus.
        """
        rules = (await self.fetch_settings(guild_id)).settings.fake_rules
        since_ms = counted_since_ms(self._clock.now_ms(), days or STATISTICS_DAYS)
        bonus_alone = days is None
        async with self._database.read() as rx:
            total = await invite_counts.fetch_leaderboard_count(
                rx, guild_id, since_ms, with_bonus_alone=bonus_alone
            )
            pages = max(1, -(-total // page_size))
            page = min(max(1, page), pages)
            offset = (page - 1) * page_size
            rows = await invite_counts.fetch_leaderboard(
                rx, guild_id, rules, since_ms, page_size, offset, with_bonus_alone=bonus_alone
            )
        return LeaderboardPage(tuple(rows), offset + 1, page, pages, total)

    async def fetch_timezone(self, guild_id: int) -> str:
        """Return the IANA name of the guild's timezone."""
        async with self._database.read() as rx:
            return await guilds.fetch_guild_timezone(rx, guild_id)

    def _switch(self, guild_id: int) -> asyncio.Lock:
        """Return the lock of a guild: enabling must not begin before disabling has ended, nor the other way round."""
        return self._switching.setdefault(guild_id, asyncio.Lock())

    def _guild(self, guild_id: int) -> discord.Guild:
        guild = self._client.get_guild(guild_id)
        if guild is None:
            raise SettingsError("I am not in this server.")
        return guild

    async def _require_enabled(self, guild_id: int) -> guild_modules.StoredModule:
        async with self._database.read() as rx:
            module = await guild_modules.fetch_module(rx, guild_id, MODULE)
        if module is None:
            raise ModuleDisabledError(
                "The invite tracker is not enabled here; an admin can use /invite_tracker enable."
            )
        return module


def _validated(settings: InviteTrackerSettings) -> InviteTrackerSettings:
    """Return the settings, checked once more: copies of a model are not checked when they are made."""
    try:
        return InviteTrackerSettings.model_validate(settings.model_dump())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise UnprocessableEntityError(f"{field}: {first['msg']}.") from None
