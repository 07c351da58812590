"""Finds what the boards missed, and what could not be finished; at an easy pace, so that nobody waits for it."""

from collections.abc import Iterable

import discord

from bot.client import HeadcountClient
from bot.snowflakes import snowflake_ms
from cogs.serverstats.starboard.desk import Desk, OutOfReachError
from cogs.serverstats.starboard.guild_state import CHORES, GuildState, Recount
from cogs.serverstats.starboard.permissions import missing_to_post, missing_to_read
from cogs.serverstats.starboard.reading import reaction_of
from cogs.serverstats.starboard.retention import DAY_MS
from cogs.serverstats.starboard.rules import MONITORED_DAYS
from storage import starboard
from storage.starboard import MessagePlace

DISTANCE_SECONDS = 0.1
"""Over all guilds: of the 50 requests a second that Discord allows, most stay free for what people wait for."""
CHANNEL_DISTANCE_SECONDS = 0.2
"""The same for pages of history; what is watched already does not wait for them."""
NEW_BOARD_MS = 5_000
"""A board that was made so short a time ago has missed nothing."""
PAGE_MESSAGES = 200
UNFINISHED_MOST = 200
"""Of one board, at one time."""
PROBES = 5
"""So many messages are tried on a board that Discord refused last; once one is taken, all the others are tried."""
CHANNELS_MOST = 100
"""So many channels and threads of a guild are looked through after a time away, the liveliest first."""

_WRITTEN_IN = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.Thread)


class CatchUp:
    """Marks messages of all guilds, one after the other."""

    def __init__(self, client: HeadcountClient, desk: Desk) -> None:
        self._client = client
        self._desk = desk
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._free_at = 0.0
        self._channel_free_at = 0.0

    def mark(self, state: GuildState, places: Iterable[MessagePlace]) -> None:
        """Have messages looked at, each in its turn among those of all guilds; what has one keeps it."""
        for message_id, channel_id in places:
            if state.queue.is_marked(message_id):
                continue
            state.queue.mark(message_id, channel_id, self._next_delay())

    async def begin(self, state: GuildState) -> int:
        """Mark what is unfinished, then all watched messages; return how many are watched."""
        await self.retry(state)
        postponed, state.postponed = state.postponed, {}
        self.mark(state, postponed.items())
        state.recount = Recount()
        await self.go_on(state)
        async with self._database.read() as rx:
            return await starboard.count_watched(rx, state.guild_id)

    async def go_on(self, state: GuildState) -> None:
        """Mark the next page of the messages that are counted again, if one is due."""
        room = PAGE_MESSAGES
        while state.recount is not None:
            page = state.recount
            wait = page.due_at - self._clock.monotonic()
            if wait > 0:
                state.queue.mark(CHORES, 0, wait)
                return
            async with self._database.read() as rx:
                places = await starboard.fetch_newest_places(
                    rx, state.guild_id, page.before_id, room, with_post=page.with_post
                )
            self.mark(state, places)
            if len(places) == room:
                state.recount = Recount(page.with_post, places[-1][0], self._free_at)
                room = PAGE_MESSAGES
            else:
                room -= len(places)
                state.recount = Recount(with_post=False) if page.with_post else None

    async def retry(self, state: GuildState) -> None:
        """Mark messages with a post to be found, made or removed, and those at which a look failed.

        What cannot work at this moment is left alone: thousands of vain requests would bar the bot from Discord.
        """
        state.queue.retry_put_off(self._next_delay)
        guild = self._client.get_guild(state.guild_id)
        for board in state.boards:
            async with self._database.read() as rx:
                places = await starboard.fetch_half_done_places(rx, board, UNFINISHED_MOST)
                if not missing_to_post(guild, board.channel_id):
                    places += await starboard.fetch_unposted_places(rx, board, UNFINISHED_MOST)
            if board.board_id in state.refusals and len(places) > PROBES:
                # Not the same ones each time: the refusal may be due to the messages.
                first = state.retries * PROBES % len(places)
                places = (places[first:] + places[:first])[:PROBES]
            self.mark(state, places)
        state.retries += 1

    async def mark_channel(self, state: GuildState, channel_id: int) -> None:
        """Mark the watched messages of a channel and its threads, and those with a post in it."""
        async with self._database.read() as rx:
            places = await starboard.fetch_places_of_channel(rx, state.guild_id, channel_id)
        self.mark(state, places)

    def mark_channels(self, state: GuildState) -> None:
        """Have channels looked through for messages that were starred while nobody watched."""
        guild = self._client.get_guild(state.guild_id)
        now_ms = self._clock.now_ms()
        if guild is None or all(now_ms - board.board_id < NEW_BOARD_MS for board in state.boards):
            return
        found: dict[int, int] = {}
        for channel in (*guild.channels, *guild.threads):
            if not isinstance(channel, _WRITTEN_IN) or missing_to_read(guild, channel.id):
                continue
            parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
            if state.is_open({channel.id, parent_id}):
                # As it was when Discord presented the guild: good enough for an order.
                found[channel.id] = channel.last_message_id or 0
        now = self._clock.monotonic()
        for channel_id in sorted(found, key=found.__getitem__, reverse=True)[:CHANNELS_MOST]:
            if state.queue.is_marked(-channel_id):
                continue
            at = max(now, self._channel_free_at)
            self._channel_free_at = at + CHANNEL_DISTANCE_SECONDS
            # A negative id stands for the channel's newest messages.
            state.queue.mark(-channel_id, channel_id, at - now)

    async def look_through(self, state: GuildState, channel_id: int) -> None:
        """Mark those of a channel's newest messages that have enough stars and are not watched.

        Messages from before a board was made are none of its business until they are starred again.
        """
        try:
            messages = await self._desk.fetch_newest(channel_id)
        except OutOfReachError:
            return
        for message in messages:
            message_id = int(message["id"])
            for board in state.boards:
                reaction = reaction_of(message, board.emoji)
                if (
                    reaction is not None
                    and reaction.count >= board.threshold
                    and snowflake_ms(message_id) >= self._since_ms(board.board_id)
                    and message_id not in state.watched
                ):
                    self.mark(state, [(message_id, channel_id)])
                    break

    def _since_ms(self, board_id: int) -> int:
        """Return from when on messages are looked for; a board's id is the time at which it was made."""
        return max(board_id, self._clock.now_ms() - MONITORED_DAYS * DAY_MS)

    def _next_delay(self) -> float:
        """Return in how many seconds the next free place is, and take it."""
        now = self._clock.monotonic()
        at = max(now, self._free_at)
        self._free_at = at + DISTANCE_SECONDS
        return at - now
