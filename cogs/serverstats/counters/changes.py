"""How changes of counters are told in the log of settings."""

from typing import Any, Final

from bot.settings.fields import NOTHING, FieldKind, SettingChange, SettingField, describe_changes, show_value
from bot.text.language import N_, _
from cogs.serverstats.counters.counter_types import kind_of
from storage.counters import Counter

TITLE: Final = N_("Counters")

COUNTER_FIELDS: Final = (
    SettingField(
        name="format",
        label=N_("Format"),
        about=N_("The name of the channel, with variables in the place of numbers."),
        kind=FieldKind.TEXT,
    ),
    SettingField(
        name="role_id",
        label=N_("Role"),
        about=N_("Whose members are counted."),
        kind=FieldKind.NAME,
    ),
    SettingField(
        name="goal",
        label=N_("Goal"),
        about=N_("The number to count towards: the channel shows how many are missing."),
        kind=FieldKind.NUMBER,
        least=1,
    ),
    SettingField(
        name="announce_channel_id",
        label=N_("Announced in"),
        about=N_("The channel in which reaching the goal is announced."),
        kind=FieldKind.CHANNEL,
    ),
)
"""What an edit can change of a counter."""


def describe_made(counter: Counter) -> tuple[SettingChange, ...]:
    """Tell a counter that came into being."""
    channel = f"<#{counter.channel_id}>"
    return (SettingChange(_label(counter), _(NOTHING), f"{channel} · {_show_format(counter.format)}"),)


def describe_deleted(*counters: Counter) -> tuple[SettingChange, ...]:
    """Tell counters that are no more; their channels may be gone too, so the format says which they were."""
    return tuple(
        SettingChange(_label(counter), _show_format(counter.format), _(NOTHING)) for counter in counters
    )


def describe_edited(before: Counter, after: Counter) -> tuple[SettingChange, ...]:
    """Tell what is different."""

    def label(field: SettingField) -> str:
        return _(
            "Counter “{type}” {channel}: {field}",
            type=_(kind_of(after.counter_type).title),
            channel=f"<#{after.channel_id}>",
            field=_(field.label),
        )

    return describe_changes(COUNTER_FIELDS, before, after, label=label, show=_show)


def _label(counter: Counter) -> str:
    return _("Counter “{type}”", type=_(kind_of(counter.counter_type).title))


def _show(field: SettingField, value: Any) -> str:
    match field.name:
        case "format":
            return _show_format(value)
        case "role_id" if value is not None:
            return f"<@&{value}>"
        case _name:
            return show_value(field, value)


def _show_format(text: str) -> str:
    # It is a name that everybody sees, so it can be told.
    return f"`{text.replace('`', 'ˋ')}`"
