"""What a setting is: its name, what people read of it, and how its value is shown.

A module lists its settings once, as a tuple of fields; the settings screen, the log of changes and the documentation
are made of it.
"""

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import discord

from bot.text.language import N_, _, ngettext
from bot.text.numbers import format_number


class FieldKind(Enum):
    """How a setting is chosen on the screen."""

    SWITCH = "on or off"
    CHANNEL = "a channel"
    CHANNELS = "channels"
    ROLES = "roles"
    MEMBERS = "members"
    """Chosen in a form of its own."""
    NUMBER = "a number"
    CHOICE = "one of several"
    CHOICES = "several"
    NAME = "a name"
    """Chosen in a form of its own; shown as it is."""
    TEXT = "a text"
    """Written in a form of its own; the log of changes says that it was changed, not what it says."""


_SEVERAL: Final = frozenset({FieldKind.CHANNELS, FieldKind.ROLES, FieldKind.MEMBERS, FieldKind.CHOICES})


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingField:
    """One setting of a settings document."""

    name: str
    """The field of the document, which API clients know, too."""
    label: str
    """Marked with N_; two or three words."""
    about: str
    """Marked with N_; one sentence: what is so when it is set."""
    kind: FieldKind
    channel_types: tuple[discord.ChannelType, ...] = (discord.ChannelType.text, discord.ChannelType.news)
    choices: Mapping[Any, str] = field(default_factory=dict)
    """The values with what people read of them, marked with N_."""
    least: int = 0
    most: int = 0
    """The range of a number; the most channels, roles or members."""
    section: str = ""
    """Marked with N_: under which heading it stands; each section is one view of the page."""
    form: str = ""
    """The key of the page's form that changes it; needed for names and texts."""
    is_on_screen: bool = True
    """False for what only a command changes."""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that was changed, in the words of the language that it was described in."""

    label: str
    before: str
    after: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Of several channels, roles or choices: only what came and what went is told of them."""

    def difference(self, most: int) -> str:
        """Return what became of it; of what came, and of what went, `most` are named."""
        if self.added and self.removed:
            return _(
                "added {added}; removed {removed}",
                added=listed(self.added, most),
                removed=listed(self.removed, most),
            )
        if self.added:
            return _("added {added}", added=listed(self.added, most))
        if self.removed:
            return _("removed {removed}", removed=listed(self.removed, most))
        return f"{self.before} → {self.after}"


NAMED_MOST: Final = (100, 50, 25, 10, 5, 2)
"""How many of several are named, from all that a setting takes down to what fits anywhere."""

NOTHING: Final = N_("nothing")


def write_to_fit(write: Callable[[int], str], length: int) -> str:
    """Return `write(most)` with the largest number of names with which it fits; with the smallest one where none does."""
    text = ""
    for most in NAMED_MOST:
        text = write(most)
        if len(text) <= length:
            break
    return text


def listed(names: Iterable[str], most: int) -> str:
    """Join the names; those beyond `most` are only counted."""
    rows = list(names)
    if len(rows) <= most:
        return ", ".join(rows)
    return ngettext(
        "{names} and {count} more",
        "{names} and {count} more",
        len(rows) - most,
        names=", ".join(rows[:most]),
    )


def show_value(setting: SettingField, value: Any) -> str:
    """Return a value as people read it: a mention of a channel, `on`, `12,000`."""
    match setting.kind:
        case FieldKind.SWITCH:
            return _("on") if value else _("off")
        case FieldKind.TEXT:
            return _("a text") if value else _(NOTHING)
        case FieldKind.CHOICE:
            return _(setting.choices[value])
        case _kind if value is None or value in ((), [], frozenset()):
            return _(NOTHING)
        case FieldKind.CHANNEL:
            return f"<#{value}>"
        case FieldKind.CHANNELS | FieldKind.ROLES | FieldKind.MEMBERS | FieldKind.CHOICES:
            return ", ".join(names_in(setting, value))
        case FieldKind.NAME:
            return f"`{value}`"
        case FieldKind.NUMBER:
            return format_number(value)
    raise AssertionError(setting.kind)


def _label_of(setting: SettingField) -> str:
    return _(setting.label)


def describe_changes(
    fields: tuple[SettingField, ...],
    before: object,
    after: object,
    *,
    label: Callable[[SettingField], str] = _label_of,
    show: Callable[[SettingField, Any], str] = show_value,
) -> tuple[SettingChange, ...]:
    """Return what is different, in the order of the fields and the language of the context.

    The two are settings documents, or whatever else has the fields as attributes.
    """
    found = []
    for each in fields:
        old, new = getattr(before, each.name), getattr(after, each.name)
        if old != new:
            added, removed = _came_and_went(each, old, new)
            found.append(SettingChange(label(each), show(each, old), show(each, new), added, removed))
    return tuple(found)


def names_in(setting: SettingField, value: Collection[Any]) -> tuple[str, ...]:
    """Return the channels, roles, members or choices one by one as people read them, in an order that stays the same."""
    match setting.kind:
        case FieldKind.CHANNELS:
            return tuple(f"<#{channel_id}>" for channel_id in sorted(value))
        case FieldKind.ROLES:
            return tuple(f"<@&{role_id}>" for role_id in sorted(value))
        case FieldKind.MEMBERS:
            return tuple(f"<@{member_id}>" for member_id in sorted(value))
        case _kind:
            return tuple(_(label) for each, label in setting.choices.items() if each in value)


def _came_and_went(setting: SettingField, old: Any, new: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if setting.kind not in _SEVERAL:
        return (), ()
    before, after = frozenset(old), frozenset(new)
    return names_in(setting, after - before), names_in(setting, before - after)


def digest_of(value: Any) -> str:
    """Return a short fingerprint of a value: by it a press knows whether what it changes is still what was shown."""
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, Enum):
        value = value.value
    return f"{zlib.crc32(repr(value).encode()):x}"
