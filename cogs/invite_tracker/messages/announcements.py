"""Join and leave messages: sent after the commit, one after the other in each guild; late ones are left out.

Why messages cannot be sent is logged once, until one can be sent again; what is on record stays as it is.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
import discord

from bot.client import HeadcountClient
from bot.gateway import Payload
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
from cogs.invite_tracker.messages.people import People
from cogs.invite_tracker.messages.rendering import (
    JoinFacts,
    LeaveFacts,
    inviter_facts,
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


class Announcer:
    """Sends join and leave messages in the order in which they were handed over, guild by guild."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._people = People(client)
        self._queues: dict[int, deque[Callable[[], Coroutine[Any, Any, None]]]] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._warned: set[tuple[int, str]] = set()

    def announce_joins(self, guild_id: int, joins: Iterable[Join]) -> None:
        """Send the join message of each of these, if the guild wants it."""
        for join in joins:
            self._enqueue(guild_id, partial(self._announce_join, guild_id, join))

    def announce_leave(self, guild_id: int, user: Payload, join: Join | None) -> None:
        """Send the leave message of a user, with the join that it ends, if the guild wants it."""
        self._enqueue(guild_id, partial(self._announce_leave, guild_id, user, join))

    async def close(self) -> None:
        """Send what is waiting, for a few seconds at the most."""
        workers = [worker for worker in self._workers.values() if not worker.done()]
        if not workers:
            return
        _done, late = await asyncio.wait(workers, timeout=CLOSE_SECONDS)
        unsent = sum(len(queue) for queue in self._queues.values()) + len(late)
        for worker in late:
            worker.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if unsent:
            _log.warning("%d join and leave messages were not sent before the stop.", unsent)

    def _enqueue(self, guild_id: int, send: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._queues.setdefault(guild_id, deque()).append(send)
        worker = self._workers.get(guild_id)
        if worker is None or worker.done():
            self._workers[guild_id] = asyncio.create_task(
                self._work(guild_id), name=f"messages of {guild_id}"
            )

    async def _work(self, guild_id: int) -> None:
        queue = self._queues[guild_id]
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
        facts = JoinFacts(
            member=await self._people.fetch(around.guild, join.member_id or 0),
            inviter=inviter_facts(
                join, await self._fetch_inviters(around.guild, join), await self._count(around, join)
            ),
            channel=channel_facts(channel),
            server=server_facts(around.guild),
            moment=around.moment,
        )
        settings = around.settings
        with speaking(around.language):
            rendered = render_join_message(
                settings.join_message_content, settings.join_message_is_embed, facts
            )
        if await self._send(channel, rendered, "join"):
            self._record_check_time(guild_id, join)

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

    async def _send(self, channel: discord.TextChannel, rendered: RenderedMessage, kind: str) -> bool:
        """Send the message and return whether it was sent."""
        if rendered.is_empty:
            return False
        about = (channel.id, "sending")
        failed = partial(_Failure, channel.guild.id, channel.id, kind)
        for _ in range(RATE_LIMIT_TRIES):
            try:
                await channel.send(**send_arguments(rendered))
            except discord.RateLimited as limit:
                await self._client.parts.clock.sleep(limit.retry_after)
            except discord.Forbidden as error:
                self._warn_once(
                    about, failed(f"Messages are refused; I need View Channel and Send Messages: {error}")
                )
                return False
            except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
                failed(f"A message could not be sent: {error}").log()
                return False
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
                return True
        failed(f"A message was given up after {RATE_LIMIT_TRIES} rate limits.").log()
        return False
