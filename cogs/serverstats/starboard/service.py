"""The use cases of the starboard, each once: commands and HTTP routes only translate to and from these.

Every refusal is a `bot.errors.HeadcountError` whose message is one sentence for people.
"""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.client import HeadcountClient
from bot.errors import ConflictError, DiscordRefusedError, ModuleDisabledError, UnprocessableEntityError
from bot.modules import Job
from bot.request_failures import REQUEST_FAILURES
from bot.settings.guild_settings import CHANGED_MEANWHILE
from bot.settings.log import Describe
from bot.settings.pages import Component
from bot.text.language import N_, _, ngettext
from cogs.serverstats.service import Amounts, ServerstatsService
from cogs.serverstats.starboard import changes
from cogs.serverstats.starboard.asked_looks import AskedLooks
from cogs.serverstats.starboard.board_wishes import (
    BoardWishes,
    check_board,
    make_board_channel,
    require_channel_making,
    take_back_channel,
)
from cogs.serverstats.starboard.engine import Engine
from cogs.serverstats.starboard.guild_state import GuildState
from cogs.serverstats.starboard.retention import retain
from cogs.serverstats.starboard.troubles import list_troubles
from storage import starboard, starboard_tops
from storage.database import WriteTransaction
from storage.starboard_records import Board, StarboardAmounts, StarredMessage, StarredPerson

BOARDS_MOST = 10
RETRY_MINUTES = 5.0
LOOK_AGAIN_SECONDS = 30.0
TOP_LENGTH = 10

NO_BOARD = N_("There is no starboard here; an admin can make one with `/serverstats starboard add`.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one board has of a message after it was looked at."""

    board: Board
    stars: int
    post_channel_id: int | None
    post_id: int | None
    recorded_at_ms: int
    """Since when the message is monitored, UTC epoch milliseconds."""


@dataclass(frozen=True, slots=True)
class Tops:
    """The most starred messages, and who received and gave the most stars; each the best first."""

    board: Board
    messages: tuple[StarredMessage, ...]
    receivers: tuple[StarredPerson, ...]
    givers: tuple[StarredPerson, ...]


class StarboardService:
    """What can be done with the starboards of a guild."""

    def __init__(self, client: HeadcountClient, module: ServerstatsService) -> None:
        self._client = client
        self.module = module
        self._database = client.parts.database
        self._clock = client.parts.clock
        self.engine = Engine(client, module)
        self._looks = AskedLooks(self.engine)

    # The part of the module

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Another try at what could not be finished, and retention."""
        retention_seconds = self._client.parts.config.retention.interval_minutes * 60
        return (
            Job("starboard retry", RETRY_MINUTES * 60, self.engine.retry_unfinished),
            Job("starboard retention", retention_seconds, self._retain),
        )

    async def _retain(self) -> None:
        await self.engine.reload(await retain(self._database, self._clock))

    async def open(self) -> None:
        """Load and listen; the module has its settings by now."""
        await self.engine.open()

    async def close(self) -> None:
        """Finish what is under way, while Discord can still be reached."""
        await self.engine.close()

    async def forget(self, guild_id: int) -> None:
        """Stop all work for this guild; returns when nothing of it is under way."""
        await self.engine.forget(guild_id)

    async def count_stored(self, guild_id: int) -> Amounts:
        """Return how much is stored."""
        async with self._database.read() as rx:
            amounts = await starboard.fetch_starboard_amounts(rx, guild_id)
        starred = amounts.entries + amounts.tombstones
        return (
            ngettext("**{count}** starboard", "**{count}** starboards", amounts.boards),
            ngettext("**{count}** starred message", "**{count}** starred messages", starred),
        )

    async def delete_stored(self, tx: WriteTransaction, guild_id: int) -> None:
        """Delete everything of a guild; posts stay in their channels."""
        await starboard.delete_starboard_data(tx, guild_id)

    def troubles(self, guild: discord.Guild) -> tuple[str, ...]:
        """Return what keeps the boards of a guild from their work, one sentence each."""
        state = self.engine.find_active(guild.id)
        if state is None or not state.boards:
            return ()
        can_read_content = self._client.intents.message_content
        return list_troubles(guild, state, can_read_content=can_read_content)

    def component(self, guild: discord.Guild) -> Component:
        """Return the state of the starboard of a guild."""
        count = len(self.boards_of(guild.id))
        return Component(
            label=_("Starboard"),
            is_on=self.is_on(guild.id),
            troubles=self.troubles(guild),
            detail=ngettext("{count} starboard", "{count} starboards", count)
            if count
            else _("no starboard yet"),
        )

    # One message

    async def add(self, guild_id: int, channel_id: int, message_id: int) -> tuple[Outcome, ...]:
        """Count a message's stars now, because it got one; return what the boards have of it then.

        Raises UnprocessableEntityError for a channel of another server. All who ask at once share a look.
        """
        state = await self._require_active(guild_id)
        if not await self._looks.is_in_guild(guild_id, channel_id):
            raise UnprocessableEntityError(_("This server has no such channel, or I do not see it."))
        return await self._look(state, channel_id, message_id)

    async def remove(self, guild_id: int, channel_id: int, message_id: int) -> tuple[Outcome, ...]:
        """Count a message's stars now, because it lost one; all as in `add`: what counts is what Discord says."""
        return await self.add(guild_id, channel_id, message_id)

    async def check_deleted_message(self, guild_id: int, message_id: int) -> bool:
        """Forget a deleted message, be it a post or an original; return whether it was one of those.

        Raises UnprocessableEntityError for a post that is still there.
        """
        state = await self._require_active(guild_id)
        post_of = state.posts.get(message_id)
        original_id = message_id if post_of is None else post_of[0]
        async with self._database.read() as rx:
            entries = (await starboard.fetch_entries(rx, guild_id, original_id)).values()
        for entry in entries:
            if entry.post_id == message_id:
                if not await self.engine.is_message_gone(entry.post_channel_id or 0, message_id):
                    raise UnprocessableEntityError(
                        _("The message {message} still exists.", message=message_id)
                    )
                state.lost_posts.add(message_id)
        for channel_id in {entry.channel_id for entry in entries}:
            await self._look(state, channel_id, original_id)
        return bool(entries)

    async def check_deleted_channel(self, guild_id: int, channel_id: int) -> bool:
        """Remove the board of a channel that is deleted; return whether there was one."""
        state = await self.engine.require(guild_id)
        if not state.boards_in(channel_id):
            return False
        if not await self.engine.is_channel_gone(channel_id):
            raise UnprocessableEntityError(_("The channel {channel} still exists.", channel=channel_id))
        async with state.queue.turn:
            return await self.engine.drop_channel(state, channel_id)

    async def recount(self, guild_id: int) -> int:
        """Have monitored messages counted again, and channels looked through; return how many messages are monitored."""
        return await self.engine.catch_up(await self._require_active(guild_id))

    # Boards

    def boards_of(self, guild_id: int) -> tuple[Board, ...]:
        """Return the boards of a guild, the oldest first."""
        state = self.engine.find(guild_id)
        return state.boards if state is not None else ()

    def require_boards(self, guild_id: int) -> tuple[Board, ...]:
        """Return the boards of a guild; raises ModuleDisabledError, and UnprocessableEntityError when there is none."""
        self.module.require_settings(guild_id)
        boards = self.boards_of(guild_id)
        if not boards:
            raise UnprocessableEntityError(_(NO_BOARD))
        return boards

    def is_on(self, guild_id: int) -> bool:
        """Whether the starboard is turned on."""
        return self.engine.find_active(guild_id) is not None

    async def fetch_boards(self, guild_id: int) -> tuple[Board, ...]:
        """Return the boards of a guild, the oldest first, also of a module that was enabled this very moment."""
        return (await self.engine.require(guild_id)).boards

    async def check_new_board(self, guild_id: int, wishes: BoardWishes) -> None:
        """Raise what `create_board` would be refused with, as far as that is known before Discord is asked."""
        guild = self.module.require_guild(guild_id)
        await _checked_new(guild, await self.engine.require(guild_id), wishes)

    async def check_change(self, guild_id: int, board_id: int, **wished: Any) -> None:
        """Raise what `change_board` would be refused with; a channel of 0 is still to be made."""
        guild = self.module.require_guild(guild_id)
        state = await self.engine.require(guild_id)
        await check_board(guild, state.boards, replace(_require_board(state, board_id), **wished))
        if wished.get("channel_id") == 0:
            require_channel_making(guild)

    async def create_board(self, guild_id: int, wishes: BoardWishes, *, turns_on: bool = True) -> Board:
        """Make a board, its channel too when none is named, and turn the starboard on."""
        guild = self.module.require_guild(guild_id)
        state = await self.engine.require(guild_id)
        async with state.queue.turn:
            board = await _checked_new(guild, state, wishes)
            is_made = not board.channel_id
            if is_made:
                board = replace(board, channel_id=(await make_board_channel(guild, board.name)).id)
            async with (
                self._taken_back(guild_id, board.channel_id if is_made else None),
                self._database.write() as tx,
            ):
                self.module.require_settings(guild_id)
                newest_id = await starboard.fetch_highest_board_id(tx, guild_id)
                board = replace(board, board_id=max(self._clock.now_ms(), newest_id + 1))
                await starboard.upsert_board(tx, board)
            state.boards = (*state.boards, board)
        self._note(guild_id, lambda: changes.describe_made(board))
        if turns_on:
            await self.engine.set_enabled(guild_id, enabled=True)
        return board

    async def move_board_to_new_channel(self, guild_id: int, board_id: int, **wished: Any) -> Board:
        """Make a channel for a board that there is, and give the board that channel and these facts."""
        board = _require_board(await self.engine.require(guild_id), board_id)
        made = await make_board_channel(self.module.require_guild(guild_id), board.name)
        async with self._taken_back(guild_id, made.id):
            return await self.change_board(guild_id, board_id, **wished, channel_id=made.id)

    @contextlib.asynccontextmanager
    async def _taken_back(self, guild_id: int, channel_id: int | None) -> AsyncIterator[None]:
        """Delete a channel that was made when the block fails and no board has it: whoever tries again makes another."""
        try:
            yield
        except Exception:
            is_used = channel_id in {board.channel_id for board in self.boards_of(guild_id)}
            if channel_id is not None and not is_used:
                await take_back_channel(self._client, channel_id)
            raise

    async def change_board(
        self,
        guild_id: int,
        board_id: int,
        *,
        is_as_shown: Callable[[Board], bool] = lambda _now: True,
        **wished: Any,
    ) -> Board:
        """Give a board other facts, by the names of its fields; its posts stay where they are and are brought up to date.

        Raises ConflictError unless the board, as it is now, `is_as_shown`: as the person saw it who chose.
        """
        guild = self.module.require_guild(guild_id)
        state = await self.engine.require(guild_id)
        async with state.queue.turn:
            before = _require_board(state, board_id)
            if not is_as_shown(before):
                raise ConflictError(_(CHANGED_MEANWHILE))
            board = await check_board(guild, state.boards, replace(before, **wished))
            async with self._database.write() as tx:
                self.module.require_settings(guild_id)
                await starboard.upsert_board(tx, board)
            state.boards = tuple(board if other is before else other for other in state.boards)
        self._note(guild_id, lambda: changes.describe_edited(before, board))
        await self.engine.catch_up(state, with_channels=False)
        return board

    async def count_board(self, guild_id: int, board_id: int) -> StarboardAmounts:
        """Return what removing a board would delete."""
        _require_board(await self.engine.require(guild_id), board_id)
        async with self._database.read() as rx:
            return await starboard.fetch_starboard_amounts(rx, guild_id, board_id)

    async def remove_board(self, guild_id: int, board_id: int) -> StarboardAmounts:
        """Delete a board with everything that it watched and return how much that was; posts stay in the channel."""
        amounts = await self.count_board(guild_id, board_id)
        state = await self.engine.require(guild_id)
        async with state.queue.turn:
            await self.engine.delete_board(state, _require_board(state, board_id))
        return amounts

    async def set_enabled(self, guild_id: int, *, enabled: bool, expected_version: int | None = None) -> None:
        """Turn the starboard of a guild on or off; on needs a board.

        With a version: raises ConflictError when somebody saved the settings since.
        """
        await self.engine.require(guild_id)
        if enabled:
            self.require_boards(guild_id)
        await self.engine.set_enabled(guild_id, enabled=enabled, expected_version=expected_version)

    async def fetch_tops(self, guild_id: int, board_id: int | None = None) -> Tops:
        """Return who and what has the most stars on a board, the first one when none is named."""
        state = await self.engine.require(guild_id)
        board = self.require_boards(guild_id)[0] if board_id is None else _require_board(state, board_id)
        async with self._database.read() as rx:
            messages = await starboard_tops.fetch_top_messages(rx, guild_id, board.board_id, TOP_LENGTH)
            receivers = await starboard_tops.fetch_top_receivers(rx, guild_id, board.board_id, TOP_LENGTH)
            givers = await starboard_tops.fetch_top_givers(rx, guild_id, board.board_id, TOP_LENGTH)
        return Tops(board, tuple(messages), tuple(receivers), tuple(givers))

    def _note(self, guild_id: int, describe: Describe) -> None:
        """Tell the settings log what was stored."""
        self._client.settings_log.note(guild_id, changes.TITLE, describe)

    async def _look(self, state: GuildState, channel_id: int, message_id: int) -> tuple[Outcome, ...]:
        try:
            entries = await self._looks.look(state, channel_id, message_id)
        except REQUEST_FAILURES as error:
            state.queue.mark(message_id, channel_id, LOOK_AGAIN_SECONDS)
            raise DiscordRefusedError(
                _("Discord did not answer; the message will be looked at again soon.")
            ) from error
        except Exception:
            state.queue.mark(message_id, channel_id, LOOK_AGAIN_SECONDS)
            raise
        return tuple(
            Outcome(board, entry.stars, entry.post_channel_id, entry.post_id, entry.recorded_at_ms)
            for entry in entries
            for board in state.boards
            if board.board_id == entry.board_id
        )

    async def _require_active(self, guild_id: int) -> GuildState:
        state = await self.engine.require(guild_id)
        if self.engine.find_active(guild_id) is None:
            raise ModuleDisabledError(
                _(
                    "The starboard is turned off in this server; "
                    "an admin can turn it on with `/serverstats starboard switch`."
                )
                if state.boards
                else _(
                    "The starboard is turned off in this server; "
                    "an admin can turn it on with `/serverstats starboard add`."
                )
            )
        return state


def _require_board(state: GuildState, board_id: int) -> Board:
    board = state.board(board_id)
    if board is None:
        raise UnprocessableEntityError(_("There is no such starboard."))
    return board


async def _checked_new(guild: discord.Guild, state: GuildState, wishes: BoardWishes) -> Board:
    """Return the board that is wished for, without an id and, where one is to be made, without a channel."""
    if len(state.boards) >= BOARDS_MOST:
        raise UnprocessableEntityError(_("A server can have {most} starboards, no more.", most=BOARDS_MOST))
    wished = Board(
        guild_id=guild.id,
        board_id=0,
        name=wishes.name or _free_name(guild, state, wishes.channel_id),
        channel_id=wishes.channel_id or 0,
        emoji=wishes.emoji,
        threshold=wishes.threshold,
        counts_self_stars=wishes.counts_self_stars,
    )
    if not wished.channel_id:
        require_channel_making(guild)
    return await check_board(guild, state.boards, wished)


def _free_name(guild: discord.Guild, state: GuildState, channel_id: int | None) -> str:
    """Return a name that no board has: the channel's, or one with a number."""
    channel = guild.get_channel(channel_id) if channel_id is not None else None
    wanted = (channel.name if channel is not None else "starboard")[:40]
    taken = {board.name.casefold() for board in state.boards}
    names = [wanted, *(f"{wanted}-{number}" for number in range(2, BOARDS_MOST + 2))]
    return next(name for name in names if name.casefold() not in taken)
