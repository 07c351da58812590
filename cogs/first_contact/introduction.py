"""What the bot says when it is new in a server."""

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.permissions import NEEDED_PERMISSIONS
from bot.settings.pages import SettingsPage
from bot.text.language import _, ngettext
from bot.ui.actions import ANYBODY, button
from bot.ui.look import ACCENT, safe_name

SETTINGS_EMOJI: Final = "⚙️"


def introduction(
    guild: discord.Guild,
    person_id: int,
    pages: Sequence[SettingsPage],
    mentions: dict[str, str],
    documentation: str | None,
    *,
    has_settings: bool,
    in_guild: bool,
) -> discord.ui.LayoutView:
    """Return the message to this person, in the language of the context.

    `mentions` are those of the commands `settings` and `help`; `has_settings` is true where the bot was a few days ago.
    In a direct message the button leads to the server: only in there the settings screen opens.
    """
    greeting = _(
        "## Hello {person}, thank you for adding me to {server}!",
        person=f"<@{person_id}>",
        server=safe_name(guild.name),
    )
    modules = [f"{page.emoji} **{_(page.title)}**: {_(page.about)}" for page in pages]
    if has_settings:
        what = _("What was set up here before is still there:")
    else:
        what = _("Everything is still off. Turn on what you want to have:")
    what = "\n".join([what, *modules])
    hint = _(
        "-# {settings} takes the permission Manage Server. {help} shows what else I can do.",
        settings=mentions["settings"],
        help=mentions["help"],
    )
    if documentation is not None:
        hint += " " + _("Everything is described in the [documentation]({address}).", address=documentation)
    parts = [greeting, what, *_missing(guild), hint]
    if not in_guild:
        parts.insert(
            1, _("There is no channel in which I may write and you may read, so I write to you here.")
        )
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=ACCENT)
    for part in parts:
        container.add_item(discord.ui.TextDisplay(part))
    container.add_item(discord.ui.ActionRow(_way_on(guild, in_guild=in_guild)))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def _missing(guild: discord.Guild) -> list[str]:
    """Return the sentence about permissions that the bot was not given, if there are any."""
    had = guild.me.guild_permissions
    missing = [needed for needed in NEEDED_PERMISSIONS if not getattr(had, needed.name)]
    if not missing:
        return []
    names = ", ".join(f"**{_(needed.title)}**" for needed in missing)
    return [
        "⚠ "
        + ngettext(
            "I was not given the permission {permissions}, so not everything will work.",
            "I was not given the permissions {permissions}, so not everything will work.",
            len(missing),
            permissions=names,
        )
    ]


def _way_on(guild: discord.Guild, *, in_guild: bool) -> discord.ui.Item[Any]:
    if in_guild:
        return button(
            "settings.open",
            owner_id=ANYBODY,
            label=_("Open the settings"),
            emoji=SETTINGS_EMOJI,
            style=discord.ButtonStyle.primary,
        )
    return discord.ui.Button(label=_("Go to the server"), url=f"https://discord.com/channels/{guild.id}")
