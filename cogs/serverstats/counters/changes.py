"""How changes of counters are told in the log of settings."""

from typing import Any, Final

from bot.settings.fields import NOTHING, FieldKind, SettingChange, SettingField, show_value
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
        kind=FieldKind.ROLES,
        most=1,
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
    return (SettingChange(_label(counter), _(NOTHING), f"{channel} · {_show(COUNTER_FIELDS[0], counter)}"),)


def describe_deleted(*counters: Counter) -> tuple[SettingChange, ...]:
    """Tell counters that are no more; their channels may be gone too, so the format says which they were."""
    return tuple(
        SettingChange(_label(counter), _show(COUNTER_FIELDS[0], counter), _(NOTHING)) for counter in counters
    )


def describe_edited(before: Counter, after: Counter) -> tuple[SettingChange, ...]:
    """Tell what is different."""
    return tuple(
        SettingChange(
            _(
                "Counter “{type}” {channel}: {field}",
                type=_(kind_of(after.counter_type).title),
                channel=f"<#{after.channel_id}>",
                field=_(each.label),
            ),
            _show(each, before),
            _show(each, after),
        )
        for each in COUNTER_FIELDS
        if getattr(before, each.name) != getattr(after, each.name)
    )


def _label(counter: Counter) -> str:
    return _("Counter “{type}”", type=_(kind_of(counter.counter_type).title))


def _show(field: SettingField, counter: Counter) -> str:
    value: Any = getattr(counter, field.name)
    if field.kind is FieldKind.TEXT:
        # It is a name that everybody sees, so it can be told.
        return f"`{value.replace('`', 'ˋ')}`"
    if field.kind is FieldKind.ROLES:
        value = () if value is None else (value,)
    return show_value(field, value)
