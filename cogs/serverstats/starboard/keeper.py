"""Looks at one message: asks Discord for the truth about its stars, and brings every board into line with it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.client import HeadcountClient
from bot.text.language import Language, speaking
from bot.text.rendering import RenderedMessage
from cogs.serverstats.later import Later
from cogs.serverstats.public import public_language
from cogs.serverstats.starboard.desk import GIVERS_MOST, Desk, OutOfReachError, PlaceFacts
from cogs.serverstats.starboard.emoji import show_emoji
from cogs.serverstats.starboard.guild_state import GuildState
from cogs.serverstats.starboard.marks import nonce_of
from cogs.serverstats.starboard.permissions import missing_to_post, missing_to_read
from cogs.serverstats.starboard.reading import (
    Raw,
    author_of,
    reaction_of,
    star_givers,
)
from cogs.serverstats.starboard.rendering import post as posts
from cogs.serverstats.starboard.rendering.starrable import is_starrable
from cogs.serverstats.starboard.rules import Demand
from cogs.serverstats.starboard.settling import PostRefusedError, settle
from storage.database import Database
from storage.starboard import (
    delete_entry,
    fetch_entries,
    fetch_tombstones,
    insert_tombstone,
    update_stars,
    upsert_entry,
)
from storage.starboard_records import Board, Entry, EntryState

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a message for one board, and what follows."""

    demand: Demand
    givers: frozenset[int] | None = None
    """None when they were not asked for, because the number alone decides."""
    body: Mapping[str, Any] | None = None
    """The post, as it is sent; None when it is not wanted."""
    parent_id: int | None = None
    """The channel of the thread, where it was asked for."""


class Keeper:
    """Keeps the boards of all guilds in line with the stars."""

    def __init__(self, client: HeadcountClient, desk: Desk) -> None:
        self._client = client
        self._desk = desk
        self._database = client.parts.database
        self._now_ms = client.parts.clock.now_ms

    async def look(self, state: GuildState, message_id: int, channel_id: int) -> list[Entry]:
        """Look at a message and return what the boards have of it now.

        To be called in the guild's turn. What Discord refuses for good is noted in the state; what may work at another time
        is raised, once all boards had their chance.
        """
        state.under_look = message_id
        try:
            return await self._look(state, message_id, channel_id)
        finally:
            state.under_look = None

    async def _look(self, state: GuildState, message_id: int, channel_id: int) -> list[Entry]:
        entries, boards = await self._gather(state, message_id)
        guild = self._client.get_guild(state.guild_id)
        if guild is None or guild.unavailable:
            # What Discord says of a server in an outage, or of one that the bot left, is no word about messages.
            state.postponed[message_id] = channel_id
            return list(entries.values())
        if not boards or (not entries and state.boards_in(channel_id)):
            return []
        if missing_to_read(guild, channel_id):
            # Refusals are not asked for: Discord bars whoever collects too many.
            state.unread_channels.add(channel_id)
            return list(entries.values())
        try:
            message = await self._desk.fetch_message(channel_id, message_id)
        except OutOfReachError:
            return list(entries.values())
        if message is not None and not entries and not self._may_appear(message):
            return []
        kept = dict(entries)
        first_error: Exception | None = None
        for board in boards:
            try:
                after = await self._look_for(
                    state, board, entries.get(board.board_id), message_id, channel_id, message
                )
            except OutOfReachError:
                continue
            except PostRefusedError as refusal:
                self._note_refusal(state, board, refusal.sentence)
            except Exception as error:
                # Other boards must not wait for this one's trouble.
                first_error = first_error or error
            else:
                state.refusals.pop(board.board_id, None)
                kept.pop(board.board_id, None)
                if after is not None:
                    kept[board.board_id] = after
        if first_error is not None:
            raise first_error
        if not kept:
            state.watched.discard(message_id)
        return list(kept.values())

    async def _gather(self, state: GuildState, message_id: int) -> tuple[dict[int, Entry], Sequence[Board]]:
        async with self._database.read() as rx:
            entries = await fetch_entries(rx, state.guild_id, message_id)
            closed = await fetch_tombstones(rx, state.guild_id, message_id)
        for entry in tuple(entries.values()):
            if entry.post_id in state.lost_posts and entry.state is EntryState.POSTED:
                # Somebody deleted the post on purpose: it must not come back with the next star.
                await _Records(self._database, state, entry, None).forget(entry, for_good=True)
                del entries[entry.board_id]
                closed.add(entry.board_id)
        state.lost_posts -= {
            post_id
            for post_id in state.lost_posts
            if state.posts.get(post_id, (message_id,))[0] == message_id
        }
        return entries, [board for board in state.boards if board.board_id not in closed]

    def _may_appear(self, message: Raw) -> bool:
        me = self._client.user
        is_post = (
            me is not None
            and int(message["author"]["id"]) == me.id
            and posts.original_id_of(message) is not None
        )
        return is_starrable(message) and not is_post

    async def _look_for(
        self,
        state: GuildState,
        board: Board,
        entry: Entry | None,
        message_id: int,
        channel_id: int,
        message: Raw | None,
    ) -> Entry | None:
        # An entry whose author may not be named is nobody's for good.
        is_nobodys = entry is not None and entry.author_id is None
        if entry is None:
            if message is None or reaction_of(message, board.emoji) is None:
                return None
            entry = Entry(
                guild_id=state.guild_id,
                board_id=board.board_id,
                message_id=message_id,
                channel_id=channel_id,
                author_id=None,
                recorded_at_ms=self._now_ms(),
            )
        seen = await self._see(board, entry, message)
        before = entry
        if message is not None:
            author_id = None if is_nobodys else self._creditable(state.guild_id, message)
            entry = replace(entry, author_id=author_id, parent_id=seen.parent_id or entry.parent_id)
        records = _Records(self._database, state, before, self._nameable(state.guild_id, seen.givers))
        wall = _Wall(self._desk, state, board, seen.body, self._client.discord_time.lead_ms)
        return await settle(entry, seen.demand, wall, records, self._now_ms)

    async def _see(self, board: Board, entry: Entry, message: Raw | None) -> Seen:
        """Find out how many stars count; who gave them is asked for only where it decides or is shown."""
        if message is None:
            return Seen(Demand(stars=0, is_wanted=False, is_original_gone=True))
        reaction = reaction_of(message, board.emoji)
        if reaction is None or reaction.count < board.threshold:
            return Seen(Demand(stars=reaction.count if reaction else 0, is_wanted=False))
        author = author_of(message)
        author_id = int(author["id"]) if author else None
        users = await self._desk.fetch_givers(entry.channel_id, entry.message_id, reaction)
        givers = star_givers(users, author_id=author_id, counts_self_stars=board.counts_self_stars)
        stars = len(givers)
        if len(users) >= GIVERS_MOST:
            # Not all were asked for: the rest are taken for people.
            stars += max(0, reaction.count - len(users))
        if stars < board.threshold:
            return Seen(Demand(stars=stars, is_wanted=False), givers)
        place = await self._desk.fetch_place(board.guild_id, entry.channel_id)
        if entry.state is EntryState.WAITING and await self._is_ignored(board, entry, place, author_id):
            return Seen(Demand(stars=0, is_wanted=False), givers)
        # Told apart in one language: with another language of the server nothing that is told becomes another.
        with speaking(Language.ENGLISH):
            shown = posts.digest_of(self._render(board, entry, message, stars, place))
        with speaking(self._language(board.guild_id)):
            post = self._render(board, entry, message, stars, place)
        demand = Demand(
            stars=stars,
            is_wanted=True,
            shown=shown,
            can_post=not missing_to_post(self._client.get_guild(board.guild_id), board.channel_id),
        )
        body = {"content": post.content, "embeds": list(post.embeds)}
        return Seen(demand, givers, body, place.parent_id)

    async def _is_ignored(self, board: Board, entry: Entry, place: PlaceFacts, author_id: int | None) -> bool:
        # A thread below the board is part of the board.
        if {entry.channel_id, place.parent_id} & {*board.ignored_channel_ids, board.channel_id}:
            return True
        if not board.ignored_role_ids or author_id is None:
            return False
        return bool(board.ignored_role_ids & await self._desk.fetch_role_ids(board.guild_id, author_id))

    def _render(
        self, board: Board, entry: Entry, message: Raw, stars: int, place: PlaceFacts
    ) -> RenderedMessage:
        guild = self._client.get_guild(board.guild_id)
        channel = guild.get_channel(entry.post_channel_id or board.channel_id) if guild is not None else None
        me = self._client.user
        source = posts.Source(
            guild_id=board.guild_id,
            is_nsfw=place.is_nsfw,
            bot_user_id=me.id if me is not None else 0,
            can_read_content=self._client.intents.message_content,
            post_title=place.name if place.is_forum_post and entry.message_id == entry.channel_id else None,
        )
        is_nsfw = isinstance(channel, discord.TextChannel) and channel.is_nsfw()
        return posts.render_post(
            message, stars, posts.Board(emoji=show_emoji(board.emoji), is_nsfw=is_nsfw), source
        )

    def _language(self, guild_id: int) -> Language:
        guild = self._client.get_guild(guild_id)
        return Language.ENGLISH if guild is None else public_language(self._client, guild)

    def _nameable(self, guild_id: int, givers: frozenset[int] | None) -> frozenset[int] | None:
        """Return those of them who did not opt out: the stars of the others count, but are nobody's."""
        if givers is None:
            return None
        is_opted_out = self._client.parts.recorder.is_opted_out
        return frozenset(user_id for user_id in givers if not is_opted_out(guild_id, user_id))

    def _creditable(self, guild_id: int, message: Raw) -> int | None:
        """Return the author's id, unless they opted out."""
        author = author_of(message)
        if author is None:
            return None
        author_id = int(author["id"])
        return None if self._client.parts.recorder.is_opted_out(guild_id, author_id) else author_id

    def _note_refusal(self, state: GuildState, board: Board, sentence: Later) -> None:
        if state.refusals.get(board.board_id) != sentence:
            _log.warning(
                sentence.in_english(),
                extra={
                    "event": "board_refused",
                    "guild_id": state.guild_id,
                    "channel_id": board.channel_id,
                },
            )
        state.refusals[board.board_id] = sentence


class _Wall:
    """One board, for one message."""

    def __init__(
        self, desk: Desk, state: GuildState, board: Board, body: Mapping[str, Any] | None, lead_ms: int
    ) -> None:
        self.channel_id = board.channel_id
        self._desk = desk
        self._state = state
        self._body = body or {}
        self._lead_ms = lead_ms

    async def find(self, entry: Entry) -> int | None:
        since_ms = (entry.reserved_at_ms or 0) - self._lead_ms
        channel_id = entry.post_channel_id or self.channel_id
        return await self._desk.find_post(channel_id, entry.message_id, since_ms, self._state.posts)

    async def send(self, entry: Entry) -> int:
        nonce = nonce_of(entry.board_id, entry.message_id, entry.generation)
        return await self._desk.send(entry.post_channel_id or self.channel_id, self._body, nonce)

    async def edit(self, entry: Entry) -> bool:
        return await self._desk.edit(entry.post_channel_id or 0, entry.post_id or 0, self._body)

    async def delete(self, entry: Entry) -> None:
        await self._desk.delete(entry.post_channel_id or 0, entry.post_id or 0)


class _Records:
    """What is stored for one message on one board."""

    def __init__(
        self, database: Database, state: GuildState, before: Entry, givers: frozenset[int] | None
    ) -> None:
        self._database = database
        self._state = state
        self._before = before
        self._givers = givers

    async def store(self, entry: Entry) -> None:
        async with self._database.write() as tx:
            await upsert_entry(tx, entry)
            key = (entry.guild_id, entry.board_id, entry.message_id)
            if entry.state not in {EntryState.POSTING, EntryState.POSTED}:
                await update_stars(tx, *key, ())
            elif self._givers is not None:
                await update_stars(tx, *key, self._givers)
        self._state.note(self._before, entry)
        _log_posting(self._before, entry)
        self._before = entry

    async def forget(self, entry: Entry, *, for_good: bool) -> None:
        async with self._database.write() as tx:
            await delete_entry(tx, entry)
            if for_good:
                await insert_tombstone(tx, entry.guild_id, entry.board_id, entry.message_id)
        self._state.note(self._before, None)
        _log_posting(self._before, None)


def _log_posting(before: Entry, after: Entry | None) -> None:
    """Log that a message came onto a board or left it; that its stars changed is no news."""
    shown = {EntryState.POSTED, EntryState.REMOVING}
    was_posted = before.state in shown
    is_posted = after is not None and after.state in shown
    if is_posted and not was_posted:
        _log.info(
            "A message came onto a board.",
            extra={
                "event": "star_posted",
                "guild_id": before.guild_id,
                "channel_id": before.channel_id,
                "message_id": before.message_id,
            },
        )
    elif was_posted and not is_posted:
        _log.info(
            "A message left a board.",
            extra={
                "event": "star_removed",
                "guild_id": before.guild_id,
                "channel_id": before.channel_id,
                "message_id": before.message_id,
            },
        )
