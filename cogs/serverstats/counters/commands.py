"""/serverstats counter create, list, edit, delete and switch: they translate between Discord and the use cases, no more."""

from typing import Any, Final

import discord
from discord import app_commands

from bot.errors import UnprocessableEntityError
from bot.ui.access import Access, check_command, check_manage, may_manage
from bot.ui.confirmation import ask
from bot.ui.look import Interaction, answer, fit_lines, make_embed, safe_name, shorten
from bot.ui.paging import ShownPage, show_pages
from bot.ui.scope import guild_of
from cogs.serverstats.counters.counter_types import KINDS, kind_of
from cogs.serverstats.counters.drafts import GOAL_MOST, KEEP, CounterChange
from cogs.serverstats.counters.names import FORMAT_LENGTH_MOST
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.counters.states import CounterState, CounterView
from cogs.serverstats.counters.wording import describe_reading
from storage.counters import Counter

COUNTER_ACCESS: Final = {
    "serverstats counter create": Access.MANAGE_SERVER,
    "serverstats counter list": Access.MANAGE_SERVER,
    "serverstats counter edit": Access.MANAGE_SERVER,
    "serverstats counter delete": Access.MANAGE_SERVER,
    "serverstats counter switch": Access.MANAGE_SERVER,
}

COUNTERS_PER_PAGE: Final = 10
CHOICES_MOST: Final = 25
CHOICE_NAME_LENGTH: Final = 100
DEFAULT_WORD: Final = "default"
"""What to type for the format of the type."""

Format = app_commands.Range[str, 1, FORMAT_LENGTH_MOST]


class CounterCommands(app_commands.Group):
    """The group /serverstats counter."""

    def __init__(self, service: CountersService) -> None:
        super().__init__(name="counter", description="Voice channels that show a number of this server")
        self._service = service

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Refuse people who may not use the command."""
        # The check of a cog is not asked for the commands of a group that was added to it.
        check_command(interaction, COUNTER_ACCESS)
        return True

    @app_commands.command(name="create", description="Make a voice channel that shows a number")
    @app_commands.rename(counter_type="type", text="format")
    @app_commands.describe(
        counter_type="What it shows",
        text="The name, with <value> for the number; for Statuses <online> <dnd> <offline>",
        role="The role, for the two types with a role",
        goal="A number to count towards: the channel shows how many are missing",
        announce_channel="Where to announce that the goal is reached",
        category="Where to make the channel; the category of the other counters when left out",
        new_category="Make a new category for it and for those to come",
    )
    @app_commands.choices(
        counter_type=[app_commands.Choice(name=kind.title, value=int(kind.counter_type)) for kind in KINDS]
    )
    async def create(
        self,
        interaction: Interaction,
        counter_type: int,
        text: Format | None = None,
        role: discord.Role | None = None,
        goal: app_commands.Range[int, 1, GOAL_MOST] | None = None,
        announce_channel: discord.TextChannel | None = None,
        category: discord.CategoryChannel | None = None,
        new_category: bool = False,
    ) -> None:
        """Make the channel, and the category where there is none."""
        guild = guild_of(interaction)
        if category is not None and new_category:
            raise UnprocessableEntityError("Choose a category or a new one, not both.")
        await interaction.response.defer(ephemeral=True)
        view = await self._service.create(
            guild.id,
            counter_type,
            format=text,
            role_id=None if role is None else role.id,
            goal=goal,
            announce_channel_id=None if announce_channel is None else announce_channel.id,
            category="create" if new_category else None if category is None else category.id,
        )
        lines = [f"<#{view.counter.channel_id}> shows {_numbers(view.state)}."]
        if role is not None and view.counter.role_id is None:
            lines.append(f"⚠ The type {kind_of(counter_type).title} needs no role; it was left out.")
        lines += [*_goal_lines(view.counter), *_warning_lines(view)]
        lines.append(
            "-# Nobody can join it. Its name follows every few minutes, as Discord allows few renames."
        )
        await answer(interaction, embed=make_embed("Counter made", "\n".join(lines)))

    @app_commands.command(name="list", description="List the counters of this server")
    async def list_counters(self, interaction: Interaction) -> None:
        """Show every counter with its number, and what is in its way."""
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True)

        async def fetch_page(page: int) -> ShownPage:
            found = await self._service.fetch_page(guild.id, page, COUNTERS_PER_PAGE)
            states = await self._service.describe(guild.id, found.counters)
            text = fit_lines(
                [_state_lines(guild, state) for state in states],
                4000,
                lambda left_out: f"… and {left_out} more on this page",
            )
            is_off = found.total and not self._service.is_on(guild.id)
            if is_off:
                text = (
                    "⚠ Counters are turned off: the names stand still. "
                    f"`/serverstats counter switch` turns them on.\n{text}"
                )
            embed = make_embed(
                "Counters",
                text or "There are no counters yet. `/serverstats counter create` makes one.",
                footer=_total(found.total),
                warning=bool(is_off) or any(state.trouble for state in states),
            )
            return ShownPage(embed, found.page, found.pages)

        await show_pages(interaction, fetch_page, command="serverstats counter list")

    @app_commands.command(name="edit", description="Change what a counter shows")
    @app_commands.describe(
        counter="Choose from the list",
        text=f"The new name, with <value> for the number; `{DEFAULT_WORD}` for that of the type",
        role="The new role",
        goal="The new goal; 0 for none",
        announce_channel="Where to announce that the goal is reached",
        stop_announcing="Do not announce the goal any more",
    )
    @app_commands.rename(text="format")
    async def edit(
        self,
        interaction: Interaction,
        counter: str,
        text: Format | None = None,
        role: discord.Role | None = None,
        goal: app_commands.Range[int, 0, GOAL_MOST] | None = None,
        announce_channel: discord.TextChannel | None = None,
        stop_announcing: bool = False,
    ) -> None:
        """Change the options that are given; the others stay."""
        guild = guild_of(interaction)
        if announce_channel is not None and stop_announcing:
            raise UnprocessableEntityError("Choose a channel or none to announce in, not both.")
        change = CounterChange(
            format=KEEP if text is None else None if text.strip().lower() == DEFAULT_WORD else text,
            role_id=KEEP if role is None else role.id,
            goal=KEEP if goal is None else goal or None,
            announce_channel_id=None
            if stop_announcing
            else KEEP
            if announce_channel is None
            else announce_channel.id,
        )
        if change == CounterChange():
            raise UnprocessableEntityError("Nothing to change; give at least one other option.")
        await interaction.response.defer(ephemeral=True)
        found = self._find(guild, counter)
        view = await self._service.edit(guild.id, found.counter_id, change)
        lines = [f"<#{found.channel_id}> shows {_numbers(view.state)}."]
        lines += [*_goal_lines(view.counter), *_delay_lines(view.state), *_warning_lines(view)]
        if view.state.trouble is not None:
            lines.append(f"⚠ {view.state.trouble}")
        await answer(interaction, embed=make_embed("Counter changed", "\n".join(lines)))

    @app_commands.command(name="delete", description="Delete a counter and its channel")
    @app_commands.describe(counter="Choose from the list")
    async def delete(self, interaction: Interaction, counter: str) -> None:
        """Ask first; a channel that was there before the counter stays."""
        guild = guild_of(interaction)
        self._service.require_enabled(guild.id)
        found = self._find(guild, counter)
        what = (
            f"The channel <#{found.channel_id}> stays, and keeps the name that it has then."
            if found.is_adopted
            else f"This deletes the channel <#{found.channel_id}> too. **It cannot be undone.**"
        )
        question = make_embed("Delete this counter?", what, warning=True)

        async def act(confirmed: Interaction) -> discord.Embed:
            check_manage(confirmed)
            name = _channel_name(guild, found)
            await self._service.delete(guild.id, found.counter_id)
            rest = "Its channel stays." if found.is_adopted else "Its channel is gone too."
            return make_embed("Counter deleted", f"**{safe_name(name)}** is no counter any more. {rest}")

        await ask(interaction, question, yes="Delete", act=act, command="serverstats counter delete")

    @app_commands.command(name="switch", description="Turn all counters of this server on or off")
    @app_commands.describe(on="Off: the names stand still; counters and channels stay as they are")
    async def switch(self, interaction: Interaction, on: bool) -> None:
        """Turn counters on or off, and say so."""
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True)
        await self._service.set_enabled(guild.id, enabled=on)
        text = (
            "The names follow the numbers, as Discord allows few renames: every few minutes."
            if on
            else "The names stand still; counters and channels stay as they are."
        )
        await answer(interaction, embed=make_embed(f"Counters are {'on' if on else 'off'}", text))

    @edit.autocomplete("counter")
    @delete.autocomplete("counter")
    async def complete_counter(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the counters, to those who may change them."""
        guild = interaction.guild
        if guild is None or not may_manage(interaction.permissions):
            return []
        labels = [
            (_choice_name(guild, counter), str(counter.counter_id))
            for counter in self._service.book.of(guild.id)
        ]
        fitting = [label for label in labels if typed.lower() in label[0].lower()]
        return [app_commands.Choice(name=name, value=value) for name, value in fitting[:CHOICES_MOST]]

    def _find(self, guild: discord.Guild, typed: str) -> Counter:
        """Return the counter of this id, channel id, mention or channel name."""
        self._service.require_enabled(guild.id)
        wanted = typed.strip()
        for counter in self._service.book.of(guild.id):
            known_as = {
                str(counter.counter_id),
                str(counter.channel_id),
                f"<#{counter.channel_id}>",
                _channel_name(guild, counter),
                _choice_name(guild, counter),
            }
            if wanted in known_as:
                return counter
        raise UnprocessableEntityError("This server has no such counter; choose one from the list.")


def _channel_name(guild: discord.Guild, counter: Counter) -> str:
    channel: Any = guild.get_channel(counter.channel_id)
    return kind_of(counter.counter_type).title if channel is None else str(channel.name)


def _choice_name(guild: discord.Guild, counter: Counter) -> str:
    """Return plain text: Discord shows no markdown in choices."""
    title = kind_of(counter.counter_type).title
    return shorten(f"{_channel_name(guild, counter)} · {title}", CHOICE_NAME_LENGTH)


def _numbers(state: CounterState) -> str:
    if state.reading is None:
        return "nothing at the moment"
    return (
        f"**{kind_of(state.counter.counter_type).title}: {describe_reading(state.counter, state.reading)}**"
    )


def _goal_lines(counter: Counter) -> list[str]:
    if counter.goal is None:
        return []
    if counter.goal_reached_at_ms is not None:
        return (
            ["The goal is reached already; that will not be announced."]
            if counter.announce_channel_id
            else []
        )
    if counter.announce_channel_id is None:
        return ["Reaching the goal will not be announced; `announce_channel` sets where."]
    return [f"Reaching the goal is announced once, in <#{counter.announce_channel_id}>."]


def _delay_lines(state: CounterState) -> list[str]:
    if state.name is None or state.name == state.present_name or not state.rename_from_ms:
        return []
    after = f"<t:{-(-state.rename_from_ms // 1000)}:t>"
    return [f"Discord allows few renames: the new name comes after {after}, with the next update."]


def _warning_lines(view: CounterView) -> list[str]:
    return [f"⚠ {warning}" for warning in view.warnings]


def _state_lines(guild: discord.Guild, state: CounterState) -> str:
    counter = state.counter
    details = [] if "`" in counter.format else [f"`{counter.format}`"]
    if counter.role_id is not None:
        role = guild.get_role(counter.role_id)
        details.append("deleted role" if role is None else role.mention)
    if counter.announce_channel_id is not None and counter.goal_reached_at_ms is None:
        details.append(f"announced in <#{counter.announce_channel_id}>")
    if counter.is_adopted:
        details.append("channel of your own")
    lines = [f"<#{counter.channel_id}> · {_numbers(state)}"]
    if details:
        lines.append(f"-# {' · '.join(details)}")
    if state.trouble is not None:
        lines.append(f"-# ⚠ {state.trouble}")
    return "\n".join(lines)


def _total(counters: int) -> str | None:
    if counters == 0:
        return None
    return "1 counter" if counters == 1 else f"{counters} counters, the oldest first"
