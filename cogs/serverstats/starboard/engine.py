"""Keeps the boards of all guilds going: who is watched, what is looked at when, and what follows from lost channels."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable

from bot.client import HeadcountClient
from bot.errors import ModuleDisabledError
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings
from cogs.serverstats.starboard import changes
from cogs.serverstats.starboard.catching_up import CatchUp
from cogs.serverstats.starboard.desk import Desk, OutOfReachError
from cogs.serverstats.starboard.guild_state import CHORES, GuildState
from cogs.serverstats.starboard.keeper import Keeper
from cogs.serverstats.starboard.lookout import Lookout
from cogs.serverstats.starboard.queue import LookQueue
from storage import starboard
from storage.starboard_records import Board, Entry, EntryState

_log = logging.getLogger(__name__)

EDIT_PACE_SECONDS = 5.0
"""A post is edited at most this often; the last number is always shown in the end."""
STEP_ROWS = 500


class Engine:
    """One queue per guild: no guild waits for another one's rate limits."""

    def __init__(self, client: HeadcountClient, module: ServerstatsService) -> None:
        self._client = client
        self._module = module
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._states: dict[int, GuildState] = {}
        self._desk = Desk(client)
        self._catch_up = CatchUp(client, self._desk)
        self._keeper = Keeper(client, self._desk)
        self._lookout = Lookout(client, self.find_active)
        self._is_open = False
        self.pace_seconds = EDIT_PACE_SECONDS
        module.on_change(self._take_change)

    async def open(self) -> None:
        """Load what events are compared with, and listen; each guild catches up when Discord presents it."""
        self._is_open = True
        for guild_id in self._module.enabled_guild_ids():
            state = self._state(guild_id)
            await self._load(state)
            state.was_on = self._module.require_settings(guild_id).starboard_enabled
        self._lookout.open()

    async def close(self) -> None:
        """Stop listening, and finish what is under way; what is not is taken up by the next life."""
        self._lookout.close()
        await asyncio.gather(*(state.queue.close() for state in self._states.values()))

    async def forget(self, guild_id: int) -> None:
        """Stop all work for this guild; returns when nothing of it is under way."""
        state = self._states.pop(guild_id, None)
        if state is not None:
            await state.queue.close()
            async with state.queue.turn:
                # A look that somebody asked for has ended, too.
                pass

    def find(self, guild_id: int) -> GuildState | None:
        """Return the state of a guild in which the module is enabled."""
        return self._states.get(guild_id)

    def find_active(self, guild_id: int) -> GuildState | None:
        """Return the state of a guild in which the starboard is turned on."""
        settings = self._module.settings_of(guild_id)
        return self._states.get(guild_id) if settings is not None and settings.starboard_enabled else None

    async def require(self, guild_id: int) -> GuildState:
        """Return the state of a guild, with its boards; raises ModuleDisabledError."""
        self._module.require_settings(guild_id)
        state = self._state(guild_id)
        if not state.is_loaded:
            await self._load(state)
        return state

    async def look(self, state: GuildState, message_id: int, channel_id: int) -> list[Entry]:
        """Look at a message and return what the boards have of it; in the guild's turn."""
        if self.find_active(state.guild_id) is not state:
            return []
        return await self._keeper.look(state, message_id, channel_id)

    async def catch_up(self, state: GuildState, *, with_channels: bool = True) -> int:
        """Count all watched messages again, at an easy pace, and return how many they are.

        `with_channels`: then look through the channels for messages that were starred while nobody watched.
        """
        count = await self._catch_up.begin(state)
        if with_channels:
            self._catch_up.mark_channels(state)
        return count

    async def retry_unfinished(self) -> None:
        """Look again at messages with a post that could not be made, found or removed."""
        for guild_id in self._module.enabled_guild_ids():
            state = self.find_active(guild_id)
            if state is not None and self._client.get_guild(guild_id) is not None:
                await self._catch_up.retry(state)

    async def reload(self, guild_ids: Iterable[int]) -> None:
        """Read anew what is watched in these guilds, because the monitoring of some of it ended."""
        for guild_id in guild_ids:
            state = self._states.get(guild_id)
            if state is not None:
                async with state.queue.turn:
                    await self._load(state)

    async def drop_channel(self, state: GuildState, channel_id: int) -> bool:
        """Remove the boards of a channel that is gone, and look after originals that went with it; in the guild's turn.

        Returns whether there was a board. When none is left the starboard is turned off.
        """
        boards = state.boards_in(channel_id)
        for board in boards:
            _log.info(
                "A board went with its channel.",
                extra={"event": "board_lost", "guild_id": state.guild_id, "channel_id": channel_id},
            )
            await self.delete_board(state, board)
        await self._catch_up.mark_channel(state, channel_id)
        return bool(boards)

    async def is_channel_gone(self, channel_id: int) -> bool:
        """Ask Discord whether a channel does not exist any more."""
        return await self._desk.is_channel_gone(channel_id)

    async def is_message_gone(self, channel_id: int, message_id: int) -> bool:
        """Ask Discord whether a message does not exist any more; False where the bot may not look."""
        try:
            return await self._desk.fetch_message(channel_id, message_id) is None
        except OutOfReachError:
            return False

    async def is_in_guild(self, guild_id: int, channel_id: int) -> bool:
        """Whether a channel or thread is one of this guild, as far as the bot may see it."""
        return await self._desk.is_in_guild(guild_id, channel_id)

    async def delete_board(self, state: GuildState, board: Board) -> None:
        """Delete a board with everything that it watched; in the guild's turn, so nothing of it is under way."""
        board_id = board.board_id
        state.boards = tuple(board for board in state.boards if board.board_id != board_id)
        while True:
            async with self._database.write() as tx:
                if not await starboard.delete_board_step(tx, state.guild_id, board_id, STEP_ROWS):
                    # Last: a board that is half deleted is still there to be deleted again.
                    await starboard.delete_board(tx, state.guild_id, board_id)
                    break
        self._client.settings_log.note(state.guild_id, changes.TITLE, lambda: changes.describe_removed(board))
        await self._load(state)
        if not state.boards:
            with contextlib.suppress(ModuleDisabledError):
                await self.set_enabled(state.guild_id, enabled=False)

    async def set_enabled(self, guild_id: int, *, enabled: bool, expected_version: int | None = None) -> None:
        """Turn the starboard of a guild on or off; raises ModuleDisabledError.

        With a version: raises ConflictError when somebody saved the settings since.
        """
        if (
            self._module.require_settings(guild_id).starboard_enabled != enabled
            or expected_version is not None
        ):
            await self._module.change_settings(
                guild_id,
                lambda current: current.model_copy(update={"starboard_enabled": enabled}),
                expected_version=expected_version,
            )

    def _state(self, guild_id: int) -> GuildState:
        state = self._states.get(guild_id)
        if state is not None:
            return state

        async def look(message_id: int, channel_id: int) -> float:
            if message_id == CHORES:
                await self._do_chores(made)
                return 0
            if message_id < 0:
                if self.find_active(guild_id) is made:
                    await self._catch_up.look_through(made, channel_id)
                return 0
            entries = await self.look(made, message_id, channel_id)
            has_post = any(entry.state is EntryState.POSTED for entry in entries)
            return self.pace_seconds if has_post else 0

        made = self._states[guild_id] = GuildState(guild_id, LookQueue(guild_id, self._clock, look))
        return made

    async def _load(self, state: GuildState) -> None:
        async with self._database.read() as rx:
            await state.load(rx)

    def _take_change(self, guild_id: int, settings: ServerstatsSettings | None) -> None:
        if settings is None or not self._is_open:
            return
        state = self._state(guild_id)
        if not state.is_loaded or (settings.starboard_enabled and not state.was_on):
            # It was off: what happened meanwhile is unknown.
            state.must_catch_up = True
            state.queue.mark(CHORES, 0)
        state.was_on = settings.starboard_enabled

    async def _do_chores(self, state: GuildState) -> None:
        if not state.is_loaded:
            await self._load(state)
        while state.lost_channels:
            channel_id = next(iter(state.lost_channels))
            await self.drop_channel(state, channel_id)
            state.lost_channels.discard(channel_id)
        while state.altered_channels:
            channel_id = next(iter(state.altered_channels))
            await self._catch_up.mark_channel(state, channel_id)
            state.altered_channels.discard(channel_id)
        if self.find_active(state.guild_id) is not state:
            state.recount = None
        elif state.must_catch_up:
            # Another session may begin meanwhile.
            state.must_catch_up = False
            try:
                await self._drop_boards_lost_while_away(state)
                await self.catch_up(state)
            except Exception:
                state.must_catch_up = True
                raise
        else:
            await self._catch_up.go_on(state)

    async def _drop_boards_lost_while_away(self, state: GuildState) -> None:
        guild = self._client.get_guild(state.guild_id)
        for channel_id in {board.channel_id for board in state.boards}:
            is_seen = guild is not None and guild.get_channel(channel_id) is not None
            if not is_seen and await self.is_channel_gone(channel_id):
                await self.drop_channel(state, channel_id)
