"""The buttons of counters on the settings screen."""

from bot.settings.pages import Form
from bot.text.language import N_
from cogs.serverstats.counters.screens import CounterScreens


def counter_forms(screens: CounterScreens) -> tuple[Form, ...]:
    """Return the button to a new counter, and the one to those that there are."""
    return (
        Form("counter_new", N_("New counter…"), "🔢", screens.open_new),
        Form("counters", N_("Manage counters…"), "🗂️", screens.open),
    )
