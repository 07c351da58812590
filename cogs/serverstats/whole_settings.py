"""The settings of the module with all its parts, read and written as one: as programs do that know nothing of screens.

What can be checked is checked before anything changes. What needs Discord comes first after that, and the settings document
last, in one transaction.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from weakref import WeakValueDictionary

import discord

from bot.errors import ModuleDisabledError, UnprocessableEntityError
from bot.text.language import _
from cogs.serverstats.counters.categories import WantedCategory
from cogs.serverstats.counters.channels import require_adoptable, require_permissions, require_space
from cogs.serverstats.counters.counter_types import CounterType
from cogs.serverstats.counters.panel import PanelPlan, PanelWish, plan_panel
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings
from cogs.serverstats.starboard.board_wishes import DEFAULT_THRESHOLD, BoardWishes
from cogs.serverstats.starboard.service import StarboardService
from storage.starboard_records import Board
from storage.statistics.catalogue import Group


@dataclass(frozen=True, slots=True)
class WholeSettings:
    """What is set in a guild; of several boards the oldest is told."""

    enabled_at_ms: int
    values: ServerstatsSettings
    board: Board | None

    @property
    def threshold(self) -> int:
        """How many stars a message needs; without a board, what the first one would need."""
        return DEFAULT_THRESHOLD if self.board is None else self.board.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsWish:
    """What is to be set; None, and a group that is not named, stays as it is."""

    counters_enabled: bool
    counters_category: WantedCategory
    """None: none from now on, so that the next counter makes one."""
    starboard_enabled: bool
    board_channel: int | Literal["create"] | None = None
    threshold: int | None = None
    """Of the oldest board; there is nowhere to keep it while there is no board."""
    groups: Mapping[Group, bool] = field(default_factory=dict)
    track_bot_messages: bool | None = None
    ignored_channel_ids: frozenset[int] | None = None
    ignored_role_ids: frozenset[int] | None = None
    panel: PanelWish = field(default_factory=PanelWish)


class SettingsBook:
    """Reads and writes the settings of guilds as a whole; of two who write at once one comes after the other."""

    def __init__(
        self, module: ServerstatsService, counters: CountersService, starboard: StarboardService
    ) -> None:
        self._module = module
        self._counters = counters
        self._starboard = starboard
        self._writing: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def read(self, guild_id: int) -> WholeSettings:
        """Return what is set; raises SettingsError, ModuleDisabledError."""
        self._module.require_guild(guild_id)
        found = await self._module.fetch_settings(guild_id)
        boards = await self._starboard.fetch_boards(guild_id)
        board = boards[0] if boards else None
        return WholeSettings(self._module.enabled_at_ms(guild_id) or 0, found.values, board)

    async def write(self, guild_id: int, wish: SettingsWish) -> None:
        """Store what is wished for; nothing is changed when it cannot be, unless Discord refuses half-way."""
        async with self._writing.setdefault(guild_id, asyncio.Lock()):
            guild = self._module.require_guild(guild_id)
            before = await self.read(guild_id)
            self._check_settings(guild, before.values, wish, wish.counters_category)
            plan = plan_panel(await self._counters.fetch_all(guild_id), wish.panel)
            self._check_panel(guild, plan, wish.counters_category)
            await self._check_board(guild_id, before.board, wish)
            category_id = await self._make_category(guild_id, wish.counters_category)
            await self._change_board(guild_id, before.board, wish)
            await self._change_panel(guild_id, plan, category_id)

            def change(now: ServerstatsSettings) -> ServerstatsSettings:
                # Discord was asked since, and so what was seen may be gone.
                self._check_settings(guild, now, wish, category_id)
                return _changed(now, wish, category_id)

            await self._counters.change_settings(guild_id, change)

    async def reset(self, guild_id: int) -> None:
        """Set everything back as it is when the module is enabled; data, counters and boards stay. Disabled: does nothing."""
        async with self._writing.setdefault(guild_id, asyncio.Lock()):
            if self._module.settings_of(guild_id) is None:
                return
            try:
                await self._counters.change_settings(guild_id, lambda _now: ServerstatsSettings())
            except ModuleDisabledError:
                # Somebody disabled it at this moment: then there are no settings any more.
                return

    # What is checked before anything changes

    def _check_settings(
        self, guild: discord.Guild, now: ServerstatsSettings, wish: SettingsWish, category: WantedCategory
    ) -> None:
        """Raise for what names something that does not exist; what is set already is not judged again."""
        if category == "create":
            require_permissions(guild)
        elif category is not None and category != now.counters_category_id:
            _require_category(guild, category)
        for channel_id in sorted((wish.ignored_channel_ids or frozenset()) - now.ignored_channel_ids):
            if guild.get_channel(channel_id) is None:
                raise UnprocessableEntityError(
                    _("This server has no channel {channel}.", channel=f"<#{channel_id}>")
                )
        for role_id in sorted((wish.ignored_role_ids or frozenset()) - now.ignored_role_ids):
            if guild.get_role(role_id) is None:
                raise UnprocessableEntityError(_("This server has no role {role}.", role=f"<@&{role_id}>"))
        has_board = bool(self._starboard.boards_of(guild.id)) or wish.board_channel is not None
        if wish.starboard_enabled and not has_board:
            raise UnprocessableEntityError(
                _("The starboard cannot be on without a channel: there is no board yet.")
            )

    def _check_panel(self, guild: discord.Guild, plan: PanelPlan, category: WantedCategory) -> None:
        for channel_id, counter_type in plan.adopted:
            require_adoptable(guild, channel_id)
            self._counters.check(guild.id, counter_type)
        for panel in plan.made:
            self._counters.check(
                guild.id, CounterType.ONLINE_WITH_ROLE, format=panel.format, role_id=panel.role_id
            )
        going = [
            channel
            for counter in plan.deleted
            if not counter.is_adopted and (channel := guild.get_channel(counter.channel_id)) is not None
        ]
        require_permissions(*going)
        if plan.made and isinstance(category, int):
            place = _require_category(guild, category)
            require_permissions(guild, place)
            require_space(place, len(plan.made) - sum(channel.category_id == category for channel in going))

    async def _check_board(self, guild_id: int, board: Board | None, wish: SettingsWish) -> None:
        if board is not None:
            wished = _board_changes(board, wish)
            if wish.board_channel == "create":
                wished["channel_id"] = 0
            await self._starboard.check_change(guild_id, board.board_id, **wished)
        elif wish.board_channel is not None:
            await self._starboard.check_new_board(guild_id, _new_board(wish))

    # What is done then

    async def _make_category(self, guild_id: int, wanted: WantedCategory) -> int | None:
        if wanted != "create":
            return wanted
        made = await self._counters.set_category(guild_id, "create")
        return None if made is None else made.id

    async def _change_board(self, guild_id: int, board: Board | None, wish: SettingsWish) -> None:
        if board is None:
            if wish.board_channel is not None:
                # Whether the starboard is on is part of the settings, which come last.
                await self._starboard.create_board(guild_id, _new_board(wish), turns_on=False)
            return
        wished = _board_changes(board, wish)
        if wish.board_channel == "create":
            await self._starboard.move_board_to_new_channel(guild_id, board.board_id, **wished)
        elif wished:
            await self._starboard.change_board(guild_id, board.board_id, **wished)

    async def _change_panel(self, guild_id: int, plan: PanelPlan, category_id: int | None) -> None:
        for counter in plan.deleted:
            await self._counters.delete(guild_id, counter.counter_id)
        for counter in plan.released:
            await self._counters.release(guild_id, counter.channel_id)
        for channel_id, counter_type in plan.adopted:
            await self._counters.adopt(guild_id, channel_id, counter_type)
        for panel in plan.made:
            await self._counters.create(
                guild_id,
                CounterType.ONLINE_WITH_ROLE,
                format=panel.format,
                role_id=panel.role_id,
                category=category_id,
                turns_on=False,
            )


def _require_category(guild: discord.Guild, category_id: int) -> discord.CategoryChannel:
    found = guild.get_channel(category_id)
    if not isinstance(found, discord.CategoryChannel):
        raise UnprocessableEntityError(_("This server has no such category."))
    return found


def _new_board(wish: SettingsWish) -> BoardWishes:
    channel_id = wish.board_channel if isinstance(wish.board_channel, int) else None
    return BoardWishes(channel_id=channel_id, threshold=wish.threshold or DEFAULT_THRESHOLD)


def _board_changes(board: Board, wish: SettingsWish) -> dict[str, Any]:
    """Return what is to be different, but for a channel that is still to be made."""
    wished: dict[str, Any] = {}
    if wish.threshold not in {None, board.threshold}:
        wished["threshold"] = wish.threshold
    if isinstance(wish.board_channel, int) and wish.board_channel != board.channel_id:
        wished["channel_id"] = wish.board_channel
    return wished


def _changed(now: ServerstatsSettings, wish: SettingsWish, category_id: int | None) -> ServerstatsSettings:
    wished: dict[str, Any] = {
        "counters_enabled": wish.counters_enabled,
        "counters_category_id": category_id,
        "starboard_enabled": wish.starboard_enabled,
        "enabled_groups": _switched(now.enabled_groups, wish.groups),
        "track_bot_messages": wish.track_bot_messages,
        "ignored_channel_ids": wish.ignored_channel_ids,
        "ignored_role_ids": wish.ignored_role_ids,
    }
    stays = {name for name, value in wished.items() if value is None} - {"counters_category_id"}
    return now.model_copy(update={name: value for name, value in wished.items() if name not in stays})


def _switched(now: Collection[Group], wished: Mapping[Group, bool]) -> frozenset[Group]:
    return frozenset(group for group in Group if wished.get(group, group in now))
