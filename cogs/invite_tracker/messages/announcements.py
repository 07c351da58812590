"""Join and leave messages: sent after the commit, one after the other in each guild; late ones are left out.

A join message is edited when more is known of its join, once per change, and never sent a second time. Why messages cannot be
sent is logged once, until one can be sent again; what is on record stays as it is.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any

import discord

from bot.client import HeadcountClient
from bot.gateway import Payload
from bot.request_failures import REQUEST_FAILURES
from bot.snowflakes import snowflake_ms
from bot.text.dates import timezone_named
from bot.text.discord_objects import (
    channel_facts,
    member_facts_from_payload,
    send_arguments,
    server_facts,
)
from bot.text.facts import MemberFacts, Moment
from bot.text.language import Language, speaking
from bot.text.rendering import RenderedMessage
from cogs.invite_tracker.counting import counted_since_ms
from cogs.invite_tracker.messages.join_messages import JoinMessages
from cogs.invite_tracker.messages.people import People
from cogs.invite_tracker.messages.rendering import (
    JoinFacts,
    LeaveFacts,
    inviter_facts,
    names_inviter,
    render_join_message,
    render_leave_message,
)
from cogs.invite_tracker.settings import MODULE, InviteTrackerSettings
from storage.guild_modules import fetch_module
from storage.guilds import fetch_guild_timezone
from storage.invite_counts import fetch_counts
from storage.records import Join
from storage.statistics.catalogue import WELCOME_CHECK_TIME

_log = logging.getLogger(__name__)

OLDEST_NEWS_MS = 3_600_000
"""Who joined longer ago is recorded, but announced no more: the bot was down, or messages pile up in a raid."""

CLOSE_SECONDS = 5.0
RATE_LIMIT_TRIES = 5


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every message of a guild is rendered with."""

    guild: discord.Guild
    settings: InviteTrackerSettings
    moment: Moment
    language: Language


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a message was not sent."""

    guild_id: int
    channel_id: int | None
    kind: str
    sentence: str

    def log(self) -> None:
        _log.warning(
            self.sentence,
            extra={
                "event": "message_failed",
                "guild_id": self.guild_id,
                "channel_id": self.channel_id,
                "kind": self.kind,
            },
        )


class _Edited(Enum):
    """What became of an edit."""

    YES = auto()
    IMPOSSIBLE = auto()
    FAILED = auto()


class _Lane(Enum):
    """What is sent one after the other; edits keep nobody's greeting waiting."""

    SENDING = auto()
    EDITING = auto()


class Announcer:
    """Sends join and leave messages in the order in which they were handed over, guild by guild."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._people = People(client)
        self._messages = JoinMessages(client.parts.database)
        self._queues: dict[tuple[int, _Lane], deque[Callable[[], Coroutine[Any, Any, None]]]] = {}
        self._workers: dict[tuple[int, _Lane], asyncio.Task[None]] = {}
        self._warned: set[tuple[int, str]] = set()

    def announce_joins(self, guild_id: int, joins: Iterable[Join]) -> None:
        """Send the join message of each of these, if the guild wants it."""
        for join in joins:
            self._enqueue(guild_id, partial(self._announce_join, guild_id, join))

    def announce_leave(self, guild_id: int, user: Payload, join: Join | None) -> None:
        """Send the leave message of a user, with the join that it ends, if the guild wants it."""
        self._enqueue(guild_id, partial(self._announce_leave, guild_id, user, join))

    def revise_joins(self, guild_id: int, join_ids: Iterable[int]) -> None:
        """Edit the messages of joins that were repaired, where there are any."""
        for join_id in join_ids:
            self._enqueue(guild_id, partial(self._revise_join, guild_id, join_id), _Lane.EDITING)

    def revise_changed(self, guild_id: int) -> None:
        """Edit all messages of a guild that do not tell what is on record."""
        self._enqueue(guild_id, partial(self._revise_changed, guild_id), _Lane.EDITING)

    async def close(self) -> None:
        """Send what is waiting, for a few seconds at the most."""
        workers = [worker for worker in self._workers.values() if not worker.done()]
        if not workers:
            return
        _done, late = await asyncio.wait(workers, timeout=CLOSE_SECONDS)
        # What is not edited now is edited after the next start.
        unsent = sum(len(queue) for (_, lane), queue in self._queues.items() if lane is _Lane.SENDING)
        unsent += sum(worker in late for (_, lane), worker in self._workers.items() if lane is _Lane.SENDING)
        for worker in late:
            worker.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if unsent:
            _log.warning("%d join and leave messages were not sent before the stop.", unsent)

    def _enqueue(
        self, guild_id: int, send: Callable[[], Coroutine[Any, Any, None]], lane: _Lane = _Lane.SENDING
    ) -> None:
        self._queues.setdefault((guild_id, lane), deque()).append(send)
        worker = self._workers.get((guild_id, lane))
        if worker is None or worker.done():
            self._workers[guild_id, lane] = asyncio.create_task(
                self._work(guild_id, lane), name=f"messages of {guild_id}"
            )

    async def _work(self, guild_id: int, lane: _Lane) -> None:
        queue = self._queues[guild_id, lane]
        while queue:
            send = queue.popleft()
            try:
                await send()
            except Exception:
                _log.exception("A join or leave message failed.", extra={"guild_id": guild_id})

    async def _announce_join(self, guild_id: int, join: Join) -> None:
        if self._client.parts.clock.now_ms() - join.joined_at_ms > OLDEST_NEWS_MS:
            return
        around = await self._fetch_surroundings(guild_id)
        if around is None or not around.settings.join_messages_enabled:
            return
        channel = self._find_channel(around.guild, around.settings.join_messages_channel, "join")
        if channel is None:
            return
        message = await self._send(channel, await self._render_join(around, channel, join), "join")
        if message is not None:
            self._record_check_time(guild_id, join)
            if await self._messages.note_sent(join, message):
                self.revise_joins(guild_id, [join.join_id])

    async def _render_join(
        self, around: Surroundings, channel: discord.TextChannel, join: Join, moment: Moment | None = None
    ) -> RenderedMessage:
        """Return the message about a join, with the present as its time, or with another moment."""
        facts = JoinFacts(
            member=await self._people.fetch(around.guild, join.member_id or 0),
            inviter=inviter_facts(
                join, await self._fetch_inviters(around.guild, join), await self._count(around, join)
            ),
            channel=channel_facts(channel),
            server=server_facts(around.guild),
            moment=moment or around.moment,
        )
        settings = around.settings
        with speaking(around.language):
            return render_join_message(settings.join_message_content, settings.join_message_is_embed, facts)

    async def _revise_changed(self, guild_id: int) -> None:
        for join_id in await self._messages.fetch_outdated(guild_id):
            await self._revise_join(guild_id, join_id)

    async def _revise_join(self, guild_id: int, join_id: int) -> None:
        revision = await self._messages.fetch_revision(guild_id, join_id)
        around = await self._fetch_surroundings(guild_id)
        if revision is None or around is None or around.guild.unavailable:
            # In an outage the channels are not known: it is tried again.
            return
        message, join = revision
        channel = around.guild.get_channel(message.channel_id)
        if not isinstance(channel, discord.TextChannel) or not around.settings.join_messages_enabled:
            await self._messages.forget(guild_id, join_id)
            return
        if not names_inviter(around.settings.join_message_content):
            await self._messages.note_shown(guild_id, join_id, message)
            return
        # Times in it are those of the greeting.
        sent_at_ms = snowflake_ms(message.message_id) + self._client.discord_time.lead_ms
        moment = Moment(sent_at_ms, around.moment.timezone)
        rendered = await self._render_join(around, channel, join, moment)
        match await self._edit(channel, message.message_id, rendered):
            case _Edited.YES:
                await self._messages.note_shown(guild_id, join_id, message)
            case _Edited.IMPOSSIBLE:
                await self._messages.forget(guild_id, join_id)
            case _Edited.FAILED:
                # It is tried again later.
                pass

    def _record_check_time(self, guild_id: int, join: Join) -> None:
        """Record how long it took from the join to its message: finding out by which invite it was, and greeting."""
        parts = self._client.parts
        # Joins carry Discord's time.
        took_ms = parts.clock.now_ms() - self._client.discord_time.lead_ms - join.joined_at_ms
        parts.recorder.record(WELCOME_CHECK_TIME.key, guild_id, duration_seconds=max(took_ms, 0) / 1000)

    async def _announce_leave(self, guild_id: int, user: Payload, join: Join | None) -> None:
        around = await self._fetch_surroundings(guild_id)
        if around is None or not around.settings.leave_messages_enabled:
            return
        channel = self._find_channel(around.guild, around.settings.leave_messages_channel, "leave")
        if channel is None:
            return
        inviters = {} if join is None else await self._fetch_inviters(around.guild, join)
        facts = LeaveFacts(
            member=member_facts_from_payload(user),
            inviter=inviter_facts(join, inviters, None if join is None else await self._count(around, join)),
            server=server_facts(around.guild),
            moment=around.moment,
        )
        settings = around.settings
        with speaking(around.language):
            rendered = render_leave_message(
                settings.leave_message_content, settings.leave_message_is_embed, facts
            )
        await self._send(channel, rendered, "leave")

    async def _fetch_surroundings(self, guild_id: int) -> Surroundings | None:
        guild = self._client.get_guild(guild_id)
        async with self._client.parts.database.read() as rx:
            module = await fetch_module(rx, guild_id, MODULE)
            timezone = await fetch_guild_timezone(rx, guild_id)
        if guild is None or module is None:
            return None
        settings = InviteTrackerSettings.model_validate_json(module.settings)
        parts = self._client.parts
        return Surroundings(
            guild,
            settings,
            Moment(parts.clock.now_ms(), timezone_named(timezone)),
            parts.guild_settings.language_for(guild),
        )

    async def _count(self, around: Surroundings, join: Join) -> int | None:
        if join.inviter_id is None:
            return None
        since_ms = counted_since_ms(around.moment.now_ms)
        async with self._client.parts.database.read() as rx:
            counts = await fetch_counts(
                rx, around.guild.id, join.inviter_id, around.settings.fake_rules, since_ms
            )
        return counts.real

    async def _fetch_inviters(self, guild: discord.Guild, join: Join) -> dict[int, MemberFacts]:
        ids = {candidate.inviter_id for candidate in join.candidates} | {join.inviter_id}
        return await self._people.fetch_all(guild, (inviter_id for inviter_id in ids if inviter_id))

    def _find_channel(
        self, guild: discord.Guild, channel_id: int | None, kind: str
    ) -> discord.TextChannel | None:
        channel = guild.get_channel(channel_id) if channel_id else None
        if isinstance(channel, discord.TextChannel):
            self._warned.discard((guild.id, kind))
            return channel
        self._warn_once(
            (guild.id, kind),
            _Failure(
                guild.id,
                channel_id,
                kind,
                f"The channel of the {kind} messages is gone; "
                f"choose another with /invite_tracker settings {kind}_message.",
            ),
        )
        return None

    def _warn_once(self, about: tuple[int, str], failure: _Failure) -> None:
        if about not in self._warned:
            self._warned.add(about)
            failure.log()

    async def _edit(
        self, channel: discord.TextChannel, message_id: int, rendered: RenderedMessage
    ) -> _Edited:
        """Let a message tell something else, without a ping."""
        if rendered.is_empty:
            return _Edited.IMPOSSIBLE
        arguments = send_arguments(rendered)
        arguments["allowed_mentions"] = discord.AllowedMentions.none()
        message = channel.get_partial_message(message_id)
        for _ in range(RATE_LIMIT_TRIES):
            try:
                await message.edit(**arguments)
            except discord.RateLimited as limit:
                await self._client.parts.clock.sleep(limit.retry_after)
            except (discord.NotFound, discord.Forbidden):
                # Somebody deleted the message, or took a permission away: then it stays as it is.
                return _Edited.IMPOSSIBLE
            except REQUEST_FAILURES as error:
                _log.debug("A join message could not be edited: %s", error)
                return _Edited.FAILED
            else:
                _log.info(
                    "A join message was corrected.",
                    extra={
                        "event": "message_edited",
                        "guild_id": channel.guild.id,
                        "channel_id": channel.id,
                        "kind": "join",
                    },
                )
                return _Edited.YES
        return _Edited.FAILED

    async def _send(
        self, channel: discord.TextChannel, rendered: RenderedMessage, kind: str
    ) -> discord.Message | None:
        """Send the message and return it, None if it was not sent."""
        if rendered.is_empty:
            return None
        about = (channel.id, "sending")
        failed = partial(_Failure, channel.guild.id, channel.id, kind)
        for _ in range(RATE_LIMIT_TRIES):
            try:
                message = await channel.send(**send_arguments(rendered))
            except discord.RateLimited as limit:
                await self._client.parts.clock.sleep(limit.retry_after)
            except discord.Forbidden as error:
                self._warn_once(
                    about, failed(f"Messages are refused; I need View Channel and Send Messages: {error}")
                )
                return None
            except REQUEST_FAILURES as error:
                failed(f"A message could not be sent: {error}").log()
                return None
            else:
                self._warned.discard(about)
                _log.info(
                    "A %s message was sent.",
                    kind,
                    extra={
                        "event": "message_sent",
                        "guild_id": channel.guild.id,
                        "channel_id": channel.id,
                        "kind": kind,
                    },
                )
                return message
        failed(f"A message was given up after {RATE_LIMIT_TRIES} rate limits.").log()
        return None
