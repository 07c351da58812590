"""The screen of /help: an overview, and a page per topic, chosen in a menu."""

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.client import HeadcountClient
from bot.settings.pages import SettingsPage
from bot.text.command_names import COMMAND_NAME
from bot.text.language import _, pgettext
from bot.ui.access import Access, AccessTable, may_manage
from bot.ui.actions import ANYBODY, Press, button, select
from bot.ui.look import ACCENT, NO_PINGS, Interaction, answer, fit_lines, shorten
from bot.ui.mentions import command_mention
from bot.ui.scope import guild_of
from cogs.help.topics import GENERAL, Entry, Topic, for_person, read_topics

TEXT_LENGTH: Final = 3_800
"""Below the 4,000 characters of all texts of such a message (Discord documentation, Component Reference)."""
OVERVIEW_LENGTH: Final = TEXT_LENGTH - 1_000
MENTIONS_MOST: Final = 24
LABEL_LENGTH: Final = 100
OPTIONS_MOST: Final = 25
OVERVIEW: Final = "overview"


class HelpScreen:
    """Shows each person the commands that they may use where they ask; the menu works for as long as it stands."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        client.actions.on("help.topic", self._turn)

    async def show(self, interaction: Interaction) -> None:
        """Answer with the overview."""
        # What is enabled is read from the database, which may be slow.
        await interaction.response.defer(ephemeral=True, thinking=True)
        await answer(interaction, view=await self._view(interaction, OVERVIEW))

    async def _turn(self, interaction: Interaction, press: Press) -> None:
        """Show the chosen topic in place of what was shown; the overview if it is there no more."""
        await interaction.response.defer()
        view = await self._view(interaction, press.values[0])
        await interaction.edit_original_response(view=view, allowed_mentions=NO_PINGS)

    async def _view(self, interaction: Interaction, key: str) -> discord.ui.LayoutView:
        guild = guild_of(interaction)
        pages = self._client.parts.modules.settings_pages()
        is_on = {page.key: await page.is_enabled(guild.id) for page in pages}
        topics = for_person(
            read_topics(self._client.tree.get_commands(), access_of(self._client), pages),
            interaction.permissions,
            is_on,
        )
        shown = next((topic for topic in topics if topic.key == key), None)
        manages = may_manage(interaction.permissions)
        container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=ACCENT)
        if shown is None:
            container.add_item(discord.ui.TextDisplay(self._introduction(pages, is_on, manages)))
            container.add_item(discord.ui.Separator())
            container.add_item(discord.ui.TextDisplay(self._overview(topics)))
        else:
            container.add_item(discord.ui.TextDisplay(self._page(shown, manages)))
        container.add_item(discord.ui.ActionRow(_menu(interaction.user.id, topics, shown)))
        buttons = self._buttons(manages)
        if buttons:
            container.add_item(discord.ui.ActionRow(*buttons))
        view = discord.ui.LayoutView(timeout=None)
        view.add_item(container)
        return view

    def _introduction(self, pages: Sequence[SettingsPage], is_on: dict[str, bool], manages: bool) -> str:
        """Say what the bot does here; what is off concerns only those who can turn it on."""
        lines = [_("## What I do"), _("I count what happens in this server, and say so when I do not know.")]
        shown = [page for page in pages if is_on[page.key] or manages]
        for page in shown:
            line = f"{page.emoji} **{_(page.title)}**: {_(page.about)}"
            lines.append(line if is_on[page.key] else f"{line} *{_('Off in this server.')}*")
        if not shown:
            lines.append(_("Nothing is turned on in this server yet."))
        if self._client.parts.config.links.documentation is None:
            lines.append(
                _("-# The documentation that came with me describes the rest; whoever runs me has it.")
            )
        return "\n".join(lines)

    def _overview(self, topics: Sequence[Topic]) -> str:
        """List everything; where that is much, by short names: the topics have the commands to be clicked."""
        are_few = sum(len(topic.entries) for topic in topics) <= MENTIONS_MOST
        lines = [_("### What you may use here")]
        for topic in topics:
            if are_few or topic.key == GENERAL:
                names = [command_mention(self._client, entry.name) for entry in topic.entries]
                lines.append(f"**{_(topic.title)}**\n{' · '.join(names)}")
            else:
                names = [_typed(entry.name.removeprefix(topic.key)) for entry in topic.entries]
                lines.append(f"**{_(topic.title)}**\n`/{_typed(topic.key)}` {' · '.join(names)}")
        if not are_few:
            lines.append(_("-# Choose a topic to read what its commands do, and to click them:"))
        return fit_lines(lines, OVERVIEW_LENGTH, lambda _more: _("… and more: choose a topic."))

    def _page(self, topic: Topic, manages: bool) -> str:
        lines = [f"## {_(topic.title)}", *(self._line(entry, manages) for entry in topic.entries)]
        return fit_lines(lines, TEXT_LENGTH, lambda more: _("… and {more} more", more=more))

    def _line(self, entry: Entry, manages: bool) -> str:
        about = _(entry.description)
        if entry.access is Access.OWN_RECORDS and not manages:
            about = _("{description} (about yourself)", description=about)
        return f"{command_mention(self._client, entry.name)}\n-# {about}"

    def _buttons(self, manages: bool) -> list[discord.ui.Item[Any]]:
        found: list[discord.ui.Item[Any]] = []
        if manages:
            found.append(button("settings.open", owner_id=ANYBODY, label=_("Settings"), emoji="⚙️"))
        documentation = self._client.parts.config.links.documentation
        if documentation is not None:
            found.append(discord.ui.Button(label=_("Documentation"), url=documentation))
        return found


def access_of(client: HeadcountClient) -> AccessTable:
    """Return the rules of all commands: those that each cog with commands has as its `command_access`."""
    found: dict[str, Access] = {}
    for cog in client.cogs.values():
        found |= getattr(cog, "command_access", {})
    return found


def _typed(name: str) -> str:
    """Return the name of a command, or a part of it, as people type it in their language."""
    return " ".join(pgettext(COMMAND_NAME, word) for word in name.split())


def _menu(owner_id: int, topics: Sequence[Topic], shown: Topic | None) -> discord.ui.Item[Any]:
    options = [discord.SelectOption(label=_("Overview"), value=OVERVIEW, default=shown is None)]
    for topic in topics[: OPTIONS_MOST - 1]:
        label = shorten(_(topic.title), LABEL_LENGTH)
        options.append(discord.SelectOption(label=label, value=topic.key, default=topic == shown))
    return select("help.topic", owner_id=owner_id, options=options, placeholder=_("More about …"))
