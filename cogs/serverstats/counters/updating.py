"""Bringing the names of counter channels up to date: gather, decide, commit, act, server by server.

Nothing here waits for a rate limit: what may not be done now is done by a later run.
"""

import asyncio
import logging
from collections.abc import Sequence

import discord

from bot.client import HeadcountClient
from bot.request_failures import CONNECTION_FAILURES, REQUEST_FAILURES
from bot.text.language import N_, _, speaking
from cogs.serverstats.counters import changes
from cogs.serverstats.counters.book import CounterBook
from cogs.serverstats.counters.census import Census, wanted_by
from cogs.serverstats.counters.channels import (
    delete_channel,
    is_gone,
    missing_permission,
    rename_channel,
)
from cogs.serverstats.counters.counter_types import CounterType
from cogs.serverstats.counters.names import render_name
from cogs.serverstats.counters.numbers import Reading
from cogs.serverstats.counters.renaming import is_rename_due, rename_from_ms
from cogs.serverstats.counters.states import CounterState
from cogs.serverstats.counters.wording import announcement
from cogs.serverstats.later import Later, later
from cogs.serverstats.public import public_language
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings
from storage.counters import (
    Counter,
    update_counter_blocked,
    update_counter_reached,
    update_counter_renamed,
    update_counter_unreached,
)

_log = logging.getLogger(__name__)

SEND_SECONDS = 30.0


class Updater:
    """Renames channels and announces goals."""

    def __init__(
        self, client: HeadcountClient, module: ServerstatsService, book: CounterBook, census: Census
    ) -> None:
        self._client = client
        self._module = module
        self._book = book
        self._census = census
        self._clock = client.parts.clock
        self._database = client.parts.database
        self._accepted: dict[int, tuple[str, str]] = {}

    async def update(self, guild_id: int) -> None:
        """Bring all counters of a guild up to date, as far as that is possible now."""
        if not self._is_on(guild_id):
            return
        await self._drop_vanished(guild_id)
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable or not self._is_on(guild_id):
            return
        await self._apply(guild, await self.look(guild, await self._book.load(guild_id)))

    async def look(self, guild: discord.Guild, counters: Sequence[Counter]) -> list[CounterState]:
        """Find out what these counters should show, without changing anything."""
        if not counters:
            return []
        numbers = await self._census.take(guild, wanted_by(counters))
        states = []
        for counter in counters:
            counter_type = CounterType(counter.counter_type)
            reading = numbers.read(counter_type, counter.role_id)
            channel = guild.get_channel(counter.channel_id)
            if isinstance(reading, str):
                obstacle = self._census.obstacle(guild, counter_type, counter.role_id)
                states.append(self._state(counter, None, None, channel, obstacle or reading))
                continue
            role = guild.get_role(counter.role_id) if counter.role_id is not None else None
            name = render_name(
                counter.format, reading, goal=counter.goal, role_name=None if role is None else role.name
            )
            # Text channels show their names in another form than they were given.
            if channel is not None and self._accepted.get(channel.id) == (name, channel.name):
                name = channel.name
            states.append(self._state(counter, reading, name, channel, self.trouble(guild, counter)))
        return states

    def trouble(self, guild: discord.Guild, counter: Counter) -> str | None:
        """Return what is known to be in the way of a counter, one sentence."""
        obstacle = self._census.obstacle(guild, CounterType(counter.counter_type), counter.role_id)
        if obstacle is not None:
            return obstacle
        if (gap := self._census.gap(guild, CounterType(counter.counter_type))) is not None:
            return gap
        channel = guild.get_channel(counter.channel_id)
        if channel is None:
            return _("The channel of this counter is gone.")
        if (missing := missing_permission(channel)) is not None:
            return _(
                "I need the permission {permission} in {channel}.",
                permission=missing,
                channel=channel.mention,
            )
        failure = self._book.failure(counter)
        return str(failure) if failure is not None else self._announcement_trouble(guild, counter)

    async def drop_category(self, guild_id: int, category_id: int) -> None:
        """Delete all counters, because their category is gone, and turn the component off."""
        counters = await self._book.load(guild_id)
        await self.drop(guild_id, counters)

        def turn_off(settings: ServerstatsSettings) -> ServerstatsSettings:
            if settings.counters_category_id != category_id:
                return settings
            return settings.model_copy(update={"counters_enabled": False, "counters_category_id": None})

        if self._module.settings_of(guild_id) is not None:
            await self._module.change_settings(guild_id, turn_off)
        _log.info(
            "The category of the counters was deleted, and so were the counters.",
            extra={"event": "counters_gone", "guild_id": guild_id},
        )
        await self.delete_channels(counters)

    async def drop(self, guild_id: int, counters: Sequence[Counter]) -> bool:
        """Delete counters, tell the settings log, and return whether there were any; their channels are not touched."""
        deleted = await self._book.delete(guild_id, counters)
        if deleted:
            self._client.settings_log.note(
                guild_id, changes.TITLE, lambda: changes.describe_deleted(*counters)
            )
        return bool(deleted)

    async def delete_channels(self, counters: Sequence[Counter]) -> tuple[Counter, ...]:
        """Delete the channels that were made for counters; adopted ones stay. Returns those that could not be deleted."""
        left = []
        for counter in counters:
            if not counter.is_adopted and not await delete_channel(self._client, counter.channel_id, tries=2):
                left.append(counter)
                _log.warning(
                    "The channel of a counter could not be deleted.",
                    extra={"guild_id": counter.guild_id, "channel_id": counter.channel_id},
                )
        return tuple(left)

    def _is_on(self, guild_id: int) -> bool:
        settings = self._module.settings_of(guild_id)
        return settings is not None and settings.counters_enabled

    def _state(
        self,
        counter: Counter,
        reading: Reading | None,
        name: str | None,
        channel: discord.abc.GuildChannel | None,
        trouble: str | None,
    ) -> CounterState:
        return CounterState(
            counter,
            reading,
            name,
            None if channel is None else channel.name,
            trouble,
            rename_from_ms(counter, self._book.renames_seen_ms(counter.channel_id)),
        )

    async def _drop_vanished(self, guild_id: int) -> None:
        """Forget what was deleted while the bot was away; Discord itself is asked before anything is deleted."""
        guild = self._client.get_guild(guild_id)
        settings = self._module.settings_of(guild_id)
        # During an outage a guild has no channels at all.
        if guild is None or guild.unavailable or settings is None:
            return
        category_id = settings.counters_category_id
        if (
            category_id is not None
            and guild.get_channel(category_id) is None
            and await is_gone(self._client, category_id)
        ):
            await self.drop_category(guild_id, category_id)
            return
        vanished = [
            counter
            for counter in await self._book.load(guild_id)
            if guild.get_channel(counter.channel_id) is None
            and await is_gone(self._client, counter.channel_id)
        ]
        if vanished:
            await self.drop(guild_id, vanished)

    async def _apply(self, guild: discord.Guild, states: Sequence[CounterState]) -> None:
        """Claim what is to be done, in one transaction, and then do it."""
        now_ms = self._clock.now_ms()
        due = [state for state in states if self._is_rename_due(guild, state, now_ms)]
        goals = [state for state in states if self._is_goal_news(guild, state)]
        for state in states:
            if state.name is not None and state.name == state.present_name and state not in goals:
                self._book.note_failure(state.counter, None)
        if not due and not goals:
            return
        async with self._database.write() as tx:
            renames = [state for state in due if await update_counter_renamed(tx, state.counter, now_ms)]
            reached = [state for state in goals if await update_counter_reached(tx, state.counter, now_ms)]
        await self._book.load(guild.id)
        renamed = [await self._rename(state.counter, state.name or "") for state in renames]
        if renamed:
            refused = renamed.count(False)
            _log.info(
                "Counters were renamed: %d; refused: %d.",
                len(renamed) - refused,
                refused,
                extra={
                    "event": "counters_renamed",
                    "guild_id": guild.id,
                    "renamed": len(renamed) - refused,
                    "refused": refused,
                },
            )
        for state in reached:
            await self._announce(guild, state, now_ms)

    def _is_rename_due(self, guild: discord.Guild, state: CounterState, now_ms: int) -> bool:
        channel = guild.get_channel(state.counter.channel_id)
        if channel is None or state.name is None or state.present_name is None:
            return False
        if missing_permission(channel) is not None:
            return False
        seen_ms = self._book.renames_seen_ms(channel.id)
        return is_rename_due(state.counter, state.present_name, state.name, now_ms, seen_ms)

    def _is_goal_news(self, guild: discord.Guild, state: CounterState) -> bool:
        return (
            state.is_reached
            and state.counter.goal_reached_at_ms is None
            and self._announcement_trouble(guild, state.counter) is None
        )

    def _announcement_trouble(self, guild: discord.Guild, counter: Counter) -> str | None:
        if counter.announce_channel_id is None or counter.goal_reached_at_ms is not None:
            return None
        channel = guild.get_channel(counter.announce_channel_id)
        if not isinstance(channel, discord.TextChannel):
            return _("The channel in which reaching the goal was to be announced is gone; choose another.")
        permissions = channel.permissions_for(guild.me)
        if not permissions.view_channel or not permissions.send_messages:
            return _(
                "I need the permission {permission} in {channel} to announce that the goal is reached.",
                permission=_("Send Messages") if permissions.view_channel else _("View Channels"),
                channel=channel.mention,
            )
        return None

    async def _rename(self, counter: Counter, name: str) -> bool:
        """Rename the channel and return whether it has the name now."""
        try:
            became = await rename_channel(self._client, counter.channel_id, name)
        except discord.RateLimited as limit:
            await self._note_limit(counter, limit.retry_after)
        except discord.NotFound:
            # The event of its deletion is on its way.
            self._book.note_failure(counter, None)
        except REQUEST_FAILURES as error:
            place = f"<#{counter.channel_id}>"
            self._fail(
                counter,
                later(
                    N_("Discord did not rename {channel} ({reason}); I will try again."),
                    channel=place,
                    reason=error.text,
                )
                if isinstance(error, discord.HTTPException) and error.text
                else later(
                    N_("Discord did not rename {channel} (no answer); I will try again."), channel=place
                ),
            )
        else:
            self._accepted[counter.channel_id] = (name, became)
            self._book.note_failure(counter, None)
            return True
        return False

    async def _note_limit(self, counter: Counter, retry_after_seconds: float) -> None:
        until_ms = self._clock.now_ms() + int(retry_after_seconds * 1000)
        async with self._database.write() as tx:
            await update_counter_blocked(tx, counter.guild_id, counter.channel_id, until_ms)
        await self._book.load(counter.guild_id)
        _log.info(
            "Discord wants the name of a counter to be left alone for %.0f seconds.",
            retry_after_seconds,
            extra={
                "event": "counter_limited",
                "guild_id": counter.guild_id,
                "channel_id": counter.channel_id,
                "seconds": round(retry_after_seconds),
            },
        )

    async def _announce(self, guild: discord.Guild, state: CounterState, reached_at_ms: int) -> None:
        counter = state.counter
        if counter.announce_channel_id is None:
            return
        channel = guild.get_channel(counter.announce_channel_id)
        role = guild.get_role(counter.role_id) if counter.role_id is not None else None
        with speaking(public_language(self._client, guild)):
            text = announcement(counter, state.reading or Reading(), None if role is None else role.name)
        is_unsent = not isinstance(channel, discord.TextChannel)
        try:
            if isinstance(channel, discord.TextChannel):
                async with asyncio.timeout(SEND_SECONDS):
                    await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
        except discord.RateLimited:
            is_unsent = True
        except discord.HTTPException as error:
            # Discord said no; at an error of its own the message may stand there all the same.
            is_unsent = error.status < 500
            self._fail(
                counter,
                later(
                    N_("Discord refused the announcement in {channel}: {reason}."),
                    channel=f"<#{counter.announce_channel_id}>",
                    reason=error.text or error.status,
                ),
            )
        except CONNECTION_FAILURES as error:
            _log.warning(
                "A goal may not have been announced: %r", error, extra={"guild_id": counter.guild_id}
            )
        else:
            if not is_unsent:
                _log.info(
                    "A goal that was reached was announced.",
                    extra={
                        "event": "goal_announced",
                        "guild_id": counter.guild_id,
                        "channel_id": counter.announce_channel_id,
                    },
                )
        if is_unsent:
            async with self._database.write() as tx:
                await update_counter_unreached(tx, counter, reached_at_ms)
            await self._book.load(counter.guild_id)

    def _fail(self, counter: Counter, sentence: Later) -> None:
        if self._book.failure(counter) != sentence:
            _log.warning(sentence.in_english(), extra={"guild_id": counter.guild_id})
        self._book.note_failure(counter, sentence)
