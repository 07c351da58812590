"""What a setting is: its name, what people read of it, and how its value is shown.

A module lists its settings once, as a tuple of fields; the settings screen, the log of changes and the documentation
are made of it.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import discord
from pydantic import BaseModel

from bot.text.language import N_, _
from bot.text.numbers import format_number


class FieldKind(Enum):
    """How a setting is chosen on the screen."""

    SWITCH = "on or off"
    CHANNEL = "a channel"
    CHANNELS = "channels"
    ROLES = "roles"
    NUMBER = "a number"
    CHOICE = "one of several"
    CHOICES = "several"
    NAME = "a name"
    """Chosen in a form of its own; shown as it is."""
    TEXT = "a text"
    """Written in a form of its own; the log of changes says that it was changed, not what it says."""


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
    """The range of a number; the most channels or roles."""
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


NOTHING: Final = N_("nothing")


def describe_changes(
    fields: tuple[SettingField, ...], before: BaseModel, after: BaseModel
) -> tuple[SettingChange, ...]:
    """Return what is different, in the order of the fields and the language of the context."""
    found = []
    for each in fields:
        old, new = getattr(before, each.name), getattr(after, each.name)
        if old != new:
            found.append(SettingChange(_(each.label), show_value(each, old), show_value(each, new)))
    return tuple(found)


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
        case FieldKind.CHANNELS:
            return ", ".join(f"<#{channel_id}>" for channel_id in sorted(value))
        case FieldKind.ROLES:
            return ", ".join(f"<@&{role_id}>" for role_id in sorted(value))
        case FieldKind.CHOICES:
            return ", ".join(_(label) for each, label in setting.choices.items() if each in value)
        case FieldKind.NAME:
            return f"`{value}`"
        case FieldKind.NUMBER:
            return format_number(value)
    raise AssertionError(setting.kind)


def digest_of(value: Any) -> str:
    """Return a short fingerprint of a value: by it a press knows whether what it changes is still what was shown."""
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, Enum):
        value = value.value
    return f"{zlib.crc32(repr(value).encode()):x}"
