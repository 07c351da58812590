"""How many of what: the units that people count in, each with its forms in every language."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.text.language import ngettext

UNITS: Final[Mapping[str, Callable[[float], str]]] = {
    "channels": lambda count: ngettext("{count} channel", "{count} channels", count),
    "entries": lambda count: ngettext("{count} entry", "{count} entries", count),
    "giveaways": lambda count: ngettext("{count} giveaway", "{count} giveaways", count),
    "hits": lambda count: ngettext("{count} hit", "{count} hits", count),
    "invites": lambda count: ngettext("{count} invite", "{count} invites", count),
    "members": lambda count: ngettext("{count} member", "{count} members", count),
    "messages": lambda count: ngettext("{count} message", "{count} messages", count),
    "names": lambda count: ngettext("{count} name", "{count} names", count),
    "panels": lambda count: ngettext("{count} panel", "{count} panels", count),
    "polls": lambda count: ngettext("{count} poll", "{count} polls", count),
    "records": lambda count: ngettext("{count} record", "{count} records", count),
    "reminders": lambda count: ngettext("{count} reminder", "{count} reminders", count),
    "responses": lambda count: ngettext("{count} response", "{count} responses", count),
    "roles": lambda count: ngettext("{count} role", "{count} roles", count),
    "rules": lambda count: ngettext("{count} rule", "{count} rules", count),
    "seconds": lambda count: ngettext("{count} second", "{count} seconds", count),
    "tags": lambda count: ngettext("{count} tag", "{count} tags", count),
    "tickets": lambda count: ngettext("{count} ticket", "{count} tickets", count),
    "triggers": lambda count: ngettext("{count} trigger", "{count} triggers", count),
    "types": lambda count: ngettext("{count} type", "{count} types", count),
    "uses": lambda count: ngettext("{count} use", "{count} uses", count),
    "votes": lambda count: ngettext("{count} vote", "{count} votes", count),
}
"""By the plural, which is how the catalogue of statistics calls a unit; all of its units are here."""


def counted(unit: str, value: float) -> str:
    """Return a number with its unit: `1 message`, `12,940 entries`; raises KeyError for a unit that is not known."""
    return UNITS[unit](value)
