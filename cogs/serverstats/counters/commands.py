"""/serverstats counter create, list, edit, delete and switch: they translate between Discord and the use cases, no more."""

from typing import Any, Final

import discord
from discord import app_commands

from bot.errors import UnprocessableEntityError
from bot.text.language import _
from bot.ui.access import Access, check_command, may_manage
from bot.ui.look import Interaction, answer, make_embed, shorten
from bot.ui.scope import guild_of
from cogs.serverstats.counters.counter_types import KINDS, kind_of
from cogs.serverstats.counters.drafts import GOAL_MOST, KEEP, CounterChange
from cogs.serverstats.counters.names import FORMAT_LENGTH_MOST
from cogs.serverstats.counters.screens import CounterScreens, channel_name
from cogs.serverstats.counters.wording import changed_lines, made_lines
from storage.counters import Counter

COUNTER_ACCESS: Final = {
    "serverstats counter create": Access.MANAGE_SERVER,
    "serverstats counter list": Access.MANAGE_SERVER,
    "serverstats counter edit": Access.MANAGE_SERVER,
    "serverstats counter delete": Access.MANAGE_SERVER,
    "serverstats counter switch": Access.MANAGE_SERVER,
}

CHOICES_MOST: Final = 25
CHOICE_NAME_LENGTH: Final = 100
DEFAULT_WORD: Final = "default"
"""What to type for the format of the type."""

Format = app_commands.Range[str, 1, FORMAT_LENGTH_MOST]


class CounterCommands(app_commands.Group):
    """The group /serverstats counter."""

    def __init__(self, screens: CounterScreens) -> None:
        super().__init__(name="counter", description="Voice channels that show a number of this server")
        self._screens = screens

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
            raise UnprocessableEntityError(_("Choose a category or a new one, not both."))
        await interaction.response.defer(ephemeral=True)
        view = await self._screens.service.create(
            guild.id,
            counter_type,
            format=text,
            role_id=None if role is None else role.id,
            goal=goal,
            announce_channel_id=None if announce_channel is None else announce_channel.id,
            category="create" if new_category else None if category is None else category.id,
        )
        lines = made_lines(view, role_was_given=role is not None)
        await answer(interaction, embed=make_embed(_("Counter made"), "\n".join(lines)))

    @app_commands.command(name="list", description="List the counters of this server")
    async def list_counters(self, interaction: Interaction) -> None:
        """Show every counter with its number, and what is in its way."""
        await interaction.response.defer(ephemeral=True)
        await self._screens.pages.show(interaction)

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
            raise UnprocessableEntityError(_("Choose a channel or none to announce in, not both."))
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
            raise UnprocessableEntityError(_("Nothing to change; give at least one other option."))
        await interaction.response.defer(ephemeral=True)
        found = self._find(guild, counter)
        view = await self._screens.service.edit(guild.id, found.counter_id, change)
        await answer(interaction, embed=make_embed(_("Counter changed"), "\n".join(changed_lines(view))))

    @app_commands.command(name="delete", description="Delete a counter and its channel")
    @app_commands.describe(counter="Choose from the list")
    async def delete(self, interaction: Interaction, counter: str) -> None:
        """Ask first; a channel that was there before the counter stays."""
        guild = guild_of(interaction)
        self._screens.service.require_enabled(guild.id)
        await self._screens.ask_to_delete(interaction, self._find(guild, counter))

    @app_commands.command(name="switch", description="Turn all counters of this server on or off")
    @app_commands.describe(on="Off: the names stand still; counters and channels stay as they are")
    async def switch(self, interaction: Interaction, on: bool) -> None:
        """Turn counters on or off, and say so."""
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True)
        await self._screens.service.set_enabled(guild.id, enabled=on)
        if on:
            title = _("Counters are on")
            text = _("The names follow the numbers, as Discord allows few renames: every few minutes.")
        else:
            title = _("Counters are off")
            text = _("The names stand still; counters and channels stay as they are.")
        await answer(interaction, embed=make_embed(title, text))

    @edit.autocomplete("counter")
    @delete.autocomplete("counter")
    async def complete_counter(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the counters, to those who may change them."""
        guild = interaction.guild
        if guild is None or not may_manage(interaction.permissions):
            return []
        labels = [
            (_choice_name(guild, counter), str(counter.counter_id))
            for counter in self._screens.service.book.of(guild.id)
        ]
        fitting = [label for label in labels if typed.lower() in label[0].lower()]
        return [app_commands.Choice(name=name, value=value) for name, value in fitting[:CHOICES_MOST]]

    def _find(self, guild: discord.Guild, typed: str) -> Counter:
        """Return the counter of this id, channel id, mention or channel name."""
        self._screens.service.require_enabled(guild.id)
        wanted = typed.strip()
        for counter in self._screens.service.book.of(guild.id):
            known_as = {
                str(counter.counter_id),
                str(counter.channel_id),
                f"<#{counter.channel_id}>",
                channel_name(guild, counter),
                _choice_name(guild, counter),
            }
            if wanted in known_as:
                return counter
        raise UnprocessableEntityError(_("This server has no such counter; choose one from the list."))


def _choice_name(guild: discord.Guild, counter: Counter) -> str:
    """Return plain text: Discord shows no markdown in choices."""
    title = _(kind_of(counter.counter_type).title)
    return shorten(f"{channel_name(guild, counter)} · {title}", CHOICE_NAME_LENGTH)
