"""The buttons of starboards on the settings screen."""

from bot.settings.pages import Form
from bot.text.language import N_
from cogs.serverstats.starboard.screens import BoardScreens


def board_forms(screens: BoardScreens) -> tuple[Form, ...]:
    """Return the button to a new board, and the one to those that there are."""
    return (
        Form("board_new", N_("New starboard…"), "⭐", screens.open_new),
        Form("boards", N_("Manage starboards…"), "🗂️", screens.open),
    )
