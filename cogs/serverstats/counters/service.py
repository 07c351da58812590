"""The use cases of counters, each once: commands and HTTP routes only translate to and from these.

Switching counters off keeps them and their channels, whose names then stand still. Disabling the module deletes the
channels that were made for counters; adopted ones stay.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from weakref import WeakValueDictionary

import discord

from bot.client import HeadcountClient
from bot.errors import ConflictError, DiscordRefusedError, UnprocessableEntityError
from bot.modules import Job
from bot.settings.guild_settings import CHANGED_MEANWHILE
from bot.settings.log import Describe
from bot.settings.pages import Component
from bot.text.language import _, ngettext
from cogs.serverstats.counters import changes
from cogs.serverstats.counters.asked_rounds import AskedRounds
from cogs.serverstats.counters.book import CounterBook
from cogs.serverstats.counters.categories import Categories, WantedCategory
from cogs.serverstats.counters.census import Census, StatusBoard
from cogs.serverstats.counters.channels import (
    create_channel,
    delete_channel,
    is_gone,
    require_adoptable,
)
from cogs.serverstats.counters.counter_types import kind_of
from cogs.serverstats.counters.deletions import DeletionWatch
from cogs.serverstats.counters.drafts import KEEP, CounterChange, Drafts
from cogs.serverstats.counters.ending import Ending
from cogs.serverstats.counters.names import check_format
from cogs.serverstats.counters.placing import place_new, place_on_existing, require_room
from cogs.serverstats.counters.rounds import Rounds
from cogs.serverstats.counters.states import CounterPage, CounterState, CounterView
from cogs.serverstats.counters.updating import Updater
from cogs.serverstats.counters.wording import number_unknown
from cogs.serverstats.public import public_language
from cogs.serverstats.service import Amounts, Change, ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings
from storage.counters import (
    Counter,
    delete_counters_data,
    fetch_counter,
    fetch_counter_count,
    fetch_counter_of_channel,
    update_counter,
)
from storage.database import WriteTransaction

_log = logging.getLogger(__name__)


class CountersService:
    """What can be done with the counters of a guild."""

    def __init__(
        self,
        client: HeadcountClient,
        module: ServerstatsService,
        statuses: StatusBoard,
        *,
        interval_minutes: float | None = None,
    ) -> None:
        """`interval_minutes` is how often every guild has its turn, as configured when left out."""
        self._client = client
        self._module = module
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._census = Census(client, statuses)
        self._statuses = statuses
        self.book = CounterBook(self._database, self._watch)
        language_of = partial(public_language, client)
        self._categories = Categories(module, language_of)
        self._drafts = Drafts(self._census, self._clock, language_of)
        self._updater = Updater(client, module, self.book, self._census)
        self._deletions = DeletionWatch(client, module, self.book, self._updater, self._lock)
        minutes = interval_minutes or client.parts.config.serverstats.counter_interval_minutes
        self._rounds = Rounds(module, self._updater, self._clock, minutes)
        self._asked_rounds = AskedRounds(self._clock, self._rounds.update_all)
        self._ending = Ending(module, self.book, self._updater, self._lock)
        self._making: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    # As a part of the module

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The work that is done again and again."""
        return self._rounds.jobs

    async def open(self) -> None:
        """Begin to listen."""
        await self.book.open()
        self._census.open()
        self._deletions.open()
        self._ending.open()

    async def close(self) -> None:
        """Finish what is under way."""
        await self._asked_rounds.close()
        await self._deletions.close()

    async def forget(self, guild_id: int) -> None:
        """Keep nothing of this guild in memory: its rows are about to be deleted."""
        self.book.forget(guild_id)
        self._census.forget(guild_id)
        self._rounds.forget(guild_id)

    async def count_stored(self, guild_id: int) -> Amounts:
        """Return how many counters are stored."""
        async with self._database.read() as rx:
            count = await fetch_counter_count(rx, guild_id)
        return (ngettext("**{count}** counter", "**{count}** counters", count),)

    async def delete_stored(self, tx: WriteTransaction, guild_id: int) -> None:
        """Delete all counters of the guild from the database."""
        await delete_counters_data(tx, guild_id)

    def troubles(self, guild: discord.Guild) -> tuple[str, ...]:
        """Return what keeps counters from working, each sentence once."""
        settings = self._module.settings_of(guild.id)
        if settings is None or not settings.counters_enabled:
            return ()
        found = (self._updater.trouble(guild, counter) for counter in self.book.of(guild.id))
        return tuple(dict.fromkeys(trouble for trouble in found if trouble is not None))

    def component(self, guild: discord.Guild) -> Component:
        """Return the state of the counters of a guild."""
        count = len(self.book.of(guild.id))
        return Component(
            label=_("Counters"),
            is_on=self.is_on(guild.id),
            troubles=self.troubles(guild),
            detail=ngettext("{count} counter", "{count} counters", count) if count else _("no counters yet"),
        )

    def is_on(self, guild_id: int) -> bool:
        """Whether the names of counters are kept up to date in this guild."""
        settings = self._module.settings_of(guild_id)
        return settings is not None and settings.counters_enabled

    def require_enabled(self, guild_id: int) -> None:
        """Raise ModuleDisabledError unless the module is enabled."""
        self._module.require_settings(guild_id)

    # Counters

    async def create(
        self,
        guild_id: int,
        counter_type: int,
        *,
        format: str | None = None,  # noqa: A002 - the name that it has everywhere
        role_id: int | None = None,
        goal: int | None = None,
        announce_channel_id: int | None = None,
        category: WantedCategory = None,
        turns_on: bool = True,
    ) -> CounterView:
        """Make a counter with a channel of its own, and turn counters on if they are off.

        Without a category the configured one is taken; where there is none, one is made. A format of None is the one
        of the type.
        """
        guild = self._module.require_guild(guild_id)
        self._ending.require_staying(guild_id)
        draft = self._drafts.make(guild, counter_type, format, role_id, goal, announce_channel_id)
        warnings = check_format(kind_of(draft.counter_type), draft.format)
        async with self._lock(guild_id):
            self._ending.require_staying(guild_id)
            async with self._database.read() as rx:
                await require_room(rx, guild_id)
            state = (await self._updater.look(guild, [draft]))[0]
            if state.name is None:
                raise DiscordRefusedError(number_unknown(state))
            place = await self._categories.choose(guild, category)
            channel = await create_channel(guild, place, state.name)
            try:
                counter = await place_new(self._database, self._started(draft, state), channel.id)
            except BaseException:
                await asyncio.shield(delete_channel(self._client, channel.id))
                raise
            await self.book.load(guild_id)
            self._note(guild_id, lambda: changes.describe_made(counter))
            if turns_on:
                await self._categories.turn_on(guild_id, place.id)
        _log.info(
            "A counter was made.",
            extra={"event": "counter_made", "guild_id": guild_id, "channel_id": channel.id},
        )
        return CounterView(replace(state, counter=counter, trouble=None, present_name=state.name), warnings)

    async def adopt(
        self,
        guild_id: int,
        channel_id: int,
        counter_type: int,
        *,
        format: str | None = None,  # noqa: A002
        role_id: int | None = None,
        goal: int | None = None,
        announce_channel_id: int | None = None,
    ) -> CounterView:
        """Make an existing channel a counter; when the counter goes, the channel stays. Its permissions are not touched.

        A channel that shows a counter already shows this one instead. Whether counters are on stays as it is.
        """
        guild = self._module.require_guild(guild_id)
        self._ending.require_staying(guild_id)
        require_adoptable(guild, channel_id)
        draft = self._drafts.make(guild, counter_type, format, role_id, goal, announce_channel_id)
        warnings = check_format(kind_of(draft.counter_type), draft.format)
        async with self._lock(guild_id):
            self._ending.require_staying(guild_id)
            state = (await self._updater.look(guild, [draft]))[0]
            counter = await place_on_existing(self._database, self._started(draft, state), channel_id)
            await self.book.load(guild_id)
            self._note(guild_id, lambda: changes.describe_made(counter))
        await self._updater.update(guild_id)
        return CounterView(await self._look_at(guild, counter), warnings)

    def check(
        self,
        guild_id: int,
        counter_type: int,
        *,
        format: str | None = None,  # noqa: A002
        role_id: int | None = None,
    ) -> None:
        """Raise what such a counter would be refused with, as far as that is known without asking Discord."""
        guild = self._module.require_guild(guild_id)
        self._ending.require_staying(guild_id)
        draft = self._drafts.make(guild, counter_type, format, role_id, None, None)
        check_format(kind_of(draft.counter_type), draft.format)

    async def release(self, guild_id: int, channel_id: int) -> bool:
        """Let a channel be an ordinary one again; its name stays. Returns whether it was a counter."""
        self._module.require_settings(guild_id)
        async with self._database.read() as rx:
            counter = await fetch_counter_of_channel(rx, guild_id, channel_id)
        return counter is not None and await self._updater.drop(guild_id, [counter])

    async def edit(
        self, guild_id: int, counter_id: int, change: CounterChange, *, shown: Counter | None = None
    ) -> CounterView:
        """Change a counter; the channel is renamed at once where Discord allows that already. A new goal is announced anew.

        With the counter as it was `shown` to the person, raises ConflictError when somebody else changed the same of it since.
        """
        guild = self._module.require_guild(guild_id)
        wanted = self._drafts.change(guild, await self.fetch(guild_id, counter_id), change)
        warnings = check_format(kind_of(wanted.counter_type), wanted.format)
        state = None if change.goal is KEEP else (await self._updater.look(guild, [wanted]))[0]
        async with self._database.write() as tx:
            # The goal may have been announced since, and somebody else may have changed something else.
            before = await fetch_counter(tx, guild_id, counter_id)
            if before is None:
                raise _no_such_counter()
            if shown is not None and not change.agrees(shown, before):
                raise ConflictError(_(CHANGED_MEANWHILE))
            after = self._drafts.change(guild, before, change)
            if state is not None and after.goal != before.goal:
                after = self._started(replace(after, goal_reached_at_ms=None), state)
            await update_counter(tx, after)
        self._note(guild_id, lambda: changes.describe_edited(before, after))
        await self.book.load(guild_id)
        await self._updater.update(guild_id)
        return CounterView(await self._look_at(guild, after), warnings)

    async def delete(self, guild_id: int, counter_id: int) -> Counter:
        """Delete a counter and its channel; an adopted channel stays."""
        counter = await self.fetch(guild_id, counter_id)
        if not counter.is_adopted and not await delete_channel(self._client, counter.channel_id):
            raise DiscordRefusedError(
                _(
                    "Discord did not let me delete {channel}; I need the permission Manage Channels there.",
                    channel=f"<#{counter.channel_id}>",
                )
            )
        await self._updater.drop(guild_id, [counter])
        return counter

    async def fetch(self, guild_id: int, counter_id: int) -> Counter:
        """Return one counter; raises UnprocessableEntityError when there is none with this id."""
        for counter in await self.fetch_all(guild_id):
            if counter.counter_id == counter_id:
                return counter
        raise _no_such_counter()

    async def fetch_all(self, guild_id: int) -> tuple[Counter, ...]:
        """Return all counters of a guild, the oldest first."""
        self._module.require_settings(guild_id)
        return await self.book.load(guild_id)

    async def fetch_page(self, guild_id: int, page: int, page_size: int) -> CounterPage:
        """Return a page of the counters; a page past the end is the last one."""
        counters = await self.fetch_all(guild_id)
        pages = max(1, -(-len(counters) // page_size))
        page = min(max(1, page), pages)
        shown = counters[(page - 1) * page_size : page * page_size]
        return CounterPage(shown, page, pages, len(counters))

    async def describe(self, guild_id: int, counters: Iterable[Counter]) -> tuple[CounterState, ...]:
        """Return these counters with what they show at this moment, and what is in their way."""
        guild = self._module.require_guild(guild_id)
        return tuple(await self._updater.look(guild, tuple(counters)))

    # The settings

    async def set_enabled(self, guild_id: int, *, enabled: bool, expected_version: int | None = None) -> None:
        """Turn counters on, which brings their names up to date, or off, which leaves counters and channels as they are.

        With a version: raises ConflictError when somebody saved the settings since.
        """

        def switch(now: ServerstatsSettings) -> ServerstatsSettings:
            return now.model_copy(update={"counters_enabled": enabled})

        await self.change_settings(guild_id, switch, expected_version=expected_version)

    async def change_settings(
        self, guild_id: int, change: Change, *, expected_version: int | None = None
    ) -> None:
        """Change settings of the module while no counter is being made, and bring the names up to date."""
        async with self._lock(guild_id):
            await self._module.change_settings(guild_id, change, expected_version=expected_version)
        await self._updater.update(guild_id)

    async def set_category(self, guild_id: int, category: WantedCategory) -> discord.CategoryChannel | None:
        """Choose where counters are made from now on, `create` makes a category; those that there are stay where they are."""
        guild = self._module.require_guild(guild_id)
        self._module.require_settings(guild_id)
        place = None
        async with self._lock(guild_id):
            self._ending.require_staying(guild_id)
            if category is not None:
                place = await self._categories.choose(guild, category)
            category_id = None if place is None else place.id
            await self._module.change_settings(
                guild_id, lambda now: now.model_copy(update={"counters_category_id": category_id})
            )
        return place

    # Keeping up

    async def update_due(self) -> None:
        """Bring those guilds up to date whose turn it is: every guild once in each interval."""
        await self._rounds.update_due()

    async def update_all(self) -> None:
        """Bring all guilds up to date now."""
        await self._rounds.update_all()

    def ask_for_update(self) -> None:
        """Have all guilds brought up to date soon, at most once a minute; never waits."""
        self._asked_rounds.ask()

    async def check_deleted(self, guild_id: int, channel_id: int) -> bool:
        """Forget what this channel was, a counter or the category, if Discord says that it is gone; returns whether it did."""
        settings = self._module.require_settings(guild_id)
        is_ours = settings.counters_category_id == channel_id or self.book.shows(guild_id, channel_id)
        if not is_ours or not await is_gone(self._client, channel_id):
            return False
        await self._deletions.drop(guild_id, channel_id)
        return True

    def _watch(self, guild_id: int, counters: Iterable[Counter]) -> None:
        if any(kind_of(counter.counter_type).watches_presences for counter in counters):
            self._statuses.watch(guild_id)
        else:
            self._statuses.unwatch(guild_id)

    def _note(self, guild_id: int, describe: Describe) -> None:
        """Tell the settings log what was stored."""
        self._client.settings_log.note(guild_id, changes.TITLE, describe)

    def _started(self, counter: Counter, state: CounterState) -> Counter:
        """Return the counter with a goal that is reached from the start marked so: reaching it is no news."""
        reached = replace(state, counter=counter).is_reached
        return replace(counter, goal_reached_at_ms=self._clock.now_ms()) if reached else counter

    async def _look_at(self, guild: discord.Guild, counter: Counter) -> CounterState:
        stored = next(
            (one for one in self.book.of(guild.id) if one.counter_id == counter.counter_id), counter
        )
        return (await self._updater.look(guild, [stored]))[0]

    def _lock(self, guild_id: int) -> asyncio.Lock:
        """Return the lock of a guild: of two counters made at once only one may make the category, or be the last."""
        return self._making.setdefault(guild_id, asyncio.Lock())


def _no_such_counter() -> UnprocessableEntityError:
    return UnprocessableEntityError(_("This server has no such counter; choose one from the list."))
