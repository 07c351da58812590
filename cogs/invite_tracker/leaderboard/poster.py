"""Posts the leaderboards that are due, each exactly once: noted before it is sent, and looked for before it is sent again."""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final
from zoneinfo import ZoneInfo

import discord

from bot.charts.studio import ChartError, ChartStudio
from bot.client import HeadcountClient
from bot.errors import HeadcountError
from bot.request_failures import REQUEST_FAILURES
from bot.text.dates import timezone_named
from bot.text.language import speaking
from bot.ui.look import NO_PINGS
from cogs.invite_tracker.counting import DAY_MS
from cogs.invite_tracker.leaderboard.channel import require_channel
from cogs.invite_tracker.leaderboard.ranking import Hidden, NobodyAnsweredError, rank
from cogs.invite_tracker.leaderboard.schedule import (
    Edition,
    Schedule,
    Step,
    counted_since_ms,
    edition_on,
    is_too_late,
    last_edition,
    may_try_again,
    next_step,
    nonce_of,
)
from cogs.invite_tracker.leaderboard.wording import due_of, make_board, make_chart
from cogs.invite_tracker.settings import MODULE, InviteTrackerSettings
from cogs.invite_tracker.tracking.trackers import Tracking
from storage.guild_modules import fetch_module
from storage.guilds import fetch_guild_timezone
from storage.leaderboards import (
    LeaderboardRecord,
    Outcome,
    Posting,
    fetch_leaderboards,
    update_leaderboard_posting,
    update_leaderboard_settled,
    update_leaderboard_unsent,
)

_log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 60
NONCE_MS: Final = 120_000
"""So long, at least, Discord answers a repetition with the message that is there (Discord documentation: a few minutes)."""
CLOCKS_APART_MS: Final = 60_000
"""So far two clocks may be apart without a post being overlooked."""
HISTORY_MOST: Final = 2_000
"""Who finds no post in so many messages does not know whether there is one."""

_KINDS: Final = {
    Outcome.TOO_LATE: "A leaderboard was left out: it could not be posted within a day.",
    Outcome.REFUSED: "A leaderboard was refused by Discord, and is left out.",
    Outcome.UNCLEAR: "Whether a leaderboard was posted could not be found out; it is not sent again.",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _UnknownError(Exception):
    """Whether a post is there cannot be found out."""


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What a leaderboard of a guild is made with."""

    guild: discord.Guild
    settings: InviteTrackerSettings
    zone: ZoneInfo
    now_ms: int


class LeaderboardPoster:
    """Looks once a minute which leaderboards are due."""

    def __init__(
        self, client: HeadcountClient, tracking: Tracking, charts: ChartStudio, kept_days: int | None
    ) -> None:
        """`kept_days`: for so long joins are kept; None for longer than any leaderboard looks back."""
        self._client = client
        self._tracking = tracking
        self._charts = charts
        self._kept_days = kept_days
        self._database = client.parts.database
        self._warned: dict[int, str] = {}

    async def post_due(self) -> None:
        """Post what is due, guild by guild; one that fails keeps no other from it."""
        async with self._database.read() as rx:
            records = await fetch_leaderboards(rx)
        for record in records:
            try:
                await self._look_after(record)
            except Exception:
                _log.exception("A leaderboard failed.", extra={"guild_id": record.guild_id})

    async def _look_after(self, record: LeaderboardRecord) -> None:
        around = await self._fetch_surroundings(record.guild_id)
        if around is None:
            return
        if record.posting is not None:
            await self._take_up(around, record, record.posting)
            return
        settings = around.settings
        edition = last_edition(
            settings.leaderboard_schedule, settings.leaderboard_hour, around.zone, around.now_ms
        )
        match next_step(record, edition, around.now_ms):
            case Step.REST:
                pass
            case Step.LEAVE_OUT:
                await self._settle(record.guild_id, edition.day, Outcome.TOO_LATE)
            case Step.POST:
                posting = Posting(edition.day, edition.due_at_ms, 0, around.now_ms, around.now_ms, 1)
                await self._post(around, record, edition, posting)

    async def _take_up(self, around: _Surroundings, record: LeaderboardRecord, posting: Posting) -> None:
        """Find out what became of a leaderboard that was under way, and send it again only if it is not there."""
        if not may_try_again(posting, around.now_ms):
            return
        guild_id = record.guild_id
        channel = around.guild.get_channel(posting.channel_id)
        if not isinstance(channel, discord.TextChannel):
            # What was sent there went with the channel.
            await self._settle(guild_id, posting.day, Outcome.REFUSED)
            return
        try:
            is_there = await self._is_there(channel, posting)
            if not is_there and not _may_post(channel):
                # It was not sent, and nothing more is asked of Discord until an admin has changed something.
                await self._take_back(guild_id, posting.day)
                return
        except _UnknownError:
            if around.now_ms - posting.began_at_ms > NONCE_MS:
                await self._settle(guild_id, posting.day, Outcome.UNCLEAR)
                return
            is_there = False
        if is_there:
            await self._settle(guild_id, posting.day, Outcome.POSTED)
        elif is_too_late(posting.due_at_ms, around.now_ms):
            await self._settle(guild_id, posting.day, Outcome.TOO_LATE)
        else:
            settings = around.settings
            edition = edition_on(
                settings.leaderboard_schedule, settings.leaderboard_hour, around.zone, posting.day
            )
            # By that time it is known, whatever has become of the timezone.
            edition = replace(edition, due_at_ms=posting.due_at_ms)
            again = replace(posting, tried_at_ms=around.now_ms, tries=posting.tries + 1)
            await self._post(around, record, edition, again)

    async def _post(
        self, around: _Surroundings, record: LeaderboardRecord, edition: Edition, posting: Posting
    ) -> None:
        guild = around.guild
        if not self._tracking.is_caught_up(guild.id):
            return
        try:
            channel = require_channel(guild, posting.channel_id or around.settings.leaderboard_channel)
        except HeadcountError as error:
            # Nothing is asked of Discord until an admin has changed something.
            self._warn_once(guild.id, error.message)
            return
        message = await self._write(around, channel, edition)
        if message is None:
            return
        async with self._database.write() as tx:
            posting = replace(posting, channel_id=channel.id)
            if not await update_leaderboard_posting(tx, guild.id, record.since_ms, posting):
                return
        await self._send(guild.id, channel, posting, message)

    async def _write(
        self, around: _Surroundings, channel: discord.TextChannel, edition: Edition
    ) -> dict[str, Any] | None:
        """Return what is sent, or None when Discord does not say who is here."""
        guild, settings = around.guild, around.settings
        kept_days = self._kept_days
        since_ms = edition.start_ms
        if kept_days is not None:
            since_ms = counted_since_ms(edition, around.now_ms, kept_days * DAY_MS)
        is_opted_out = self._client.parts.recorder.is_opted_out
        hidden = Hidden(
            settings.leaderboard_hidden_members,
            settings.leaderboard_hidden_roles,
            lambda user_id: is_opted_out(guild.id, user_id),
        )
        try:
            places = await rank(self._database, guild, settings.fake_rules, since_ms, edition.end_ms, hidden)
        except NobodyAnsweredError:
            _log.warning(
                "Discord does not say who is here; a leaderboard waits.", extra={"guild_id": guild.id}
            )
            return None
        with speaking(self._client.parts.guild_settings.language_for(guild)):
            embed = make_board(edition, since_ms, around.zone, places, kept_days or 0)
            chart = make_chart(edition, around.zone, places)
            message: dict[str, Any] = {"embed": embed, "allowed_mentions": NO_PINGS}
            if chart is not None and channel.permissions_for(guild.me).attach_files:
                try:
                    png = await self._charts.draw(chart)
                except ChartError:
                    # The list tells the same.
                    return message
                message["file"] = discord.File(BytesIO(png), filename="leaderboard.png")
                embed.set_image(url="attachment://leaderboard.png")
        return message

    async def _send(
        self, guild_id: int, channel: discord.TextChannel, posting: Posting, message: dict[str, Any]
    ) -> None:
        try:
            await channel.send(**message, nonce=nonce_of(guild_id, posting.day))
        except discord.RateLimited:
            # It never left this process.
            await self._take_back(guild_id, posting.day)
        except discord.DiscordServerError as error:
            self._note_doubt(guild_id, error)
        except discord.HTTPException as error:
            _log.warning("A leaderboard was refused: %s", error, extra={"guild_id": guild_id})
            await self._settle(guild_id, posting.day, Outcome.REFUSED)
        except REQUEST_FAILURES as error:
            self._note_doubt(guild_id, error)
        else:
            await self._settle(guild_id, posting.day, Outcome.POSTED)

    async def _is_there(self, channel: discord.TextChannel, posting: Posting) -> bool:
        """Whether the post is in the channel; raises _UnknownError."""
        held = channel.permissions_for(channel.guild.me)
        if not (held.view_channel and held.read_message_history):
            raise _UnknownError
        me = self._client.user
        sent_after_ms = posting.began_at_ms - self._client.discord_time.lead_ms - CLOCKS_APART_MS
        after = _EPOCH + timedelta(milliseconds=sent_after_ms)
        seen = 0
        try:
            async for message in channel.history(limit=HISTORY_MOST, after=after, oldest_first=True):
                seen += 1
                is_ours = me is not None and message.author.id == me.id
                if is_ours and any(due_of(embed) == posting.due_at_ms for embed in message.embeds):
                    return True
        except REQUEST_FAILURES as error:
            raise _UnknownError from error
        if seen >= HISTORY_MOST:
            raise _UnknownError
        return False

    async def _settle(self, guild_id: int, day: int, outcome: Outcome) -> None:
        async with self._database.write() as tx:
            await update_leaderboard_settled(tx, guild_id, day, outcome)
        self._warned.pop(guild_id, None)
        if outcome is Outcome.POSTED:
            _log.info(
                "A leaderboard was posted.", extra={"event": "leaderboard_posted", "guild_id": guild_id}
            )
        else:
            _log.warning(_KINDS[outcome], extra={"event": "leaderboard_left_out", "guild_id": guild_id})

    async def _take_back(self, guild_id: int, day: int) -> None:
        async with self._database.write() as tx:
            await update_leaderboard_unsent(tx, guild_id, day)

    def _note_doubt(self, guild_id: int, error: Exception) -> None:
        _log.warning(
            "Whether a leaderboard was posted is not known yet; I look for it in a minute: %s",
            error,
            extra={"guild_id": guild_id},
        )

    def _warn_once(self, guild_id: int, sentence: str) -> None:
        if self._warned.get(guild_id) != sentence:
            self._warned[guild_id] = sentence
            _log.warning("A leaderboard waits: %s", sentence, extra={"guild_id": guild_id})

    async def _fetch_surroundings(self, guild_id: int) -> _Surroundings | None:
        """Return what a leaderboard is made with; None where the bot is not at the moment, or none is wanted."""
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return None
        async with self._database.read() as rx:
            module = await fetch_module(rx, guild_id, MODULE)
            timezone = await fetch_guild_timezone(rx, guild_id)
        if module is None:
            return None
        settings = InviteTrackerSettings.model_validate_json(module.settings)
        if settings.leaderboard_schedule is Schedule.OFF:
            return None
        now_ms = self._client.parts.clock.now_ms()
        return _Surroundings(guild, settings, timezone_named(timezone), now_ms)


def _may_post(channel: discord.TextChannel) -> bool:
    try:
        require_channel(channel.guild, channel.id)
    except HeadcountError:
        return False
    return True
