"""How changes of boards are told in the log of settings."""

from typing import Any, Final

from bot.settings.fields import NOTHING, FieldKind, SettingChange, SettingField, describe_changes, show_value
from bot.text.language import N_, _
from bot.ui.look import safe_name
from cogs.serverstats.starboard.board_wishes import IGNORED_MOST, THRESHOLD_MOST
from cogs.serverstats.starboard.emoji import show_emoji
from storage.starboard_records import Board

TITLE: Final = N_("Starboard")

BOARD_FIELDS: Final = (
    SettingField(
        name="name",
        label=N_("Name"),
        about=N_("What the starboard is called."),
        kind=FieldKind.TEXT,
    ),
    SettingField(
        name="channel_id",
        label=N_("Channel"),
        about=N_("Where starred messages are shown."),
        kind=FieldKind.CHANNEL,
        most=1,
    ),
    SettingField(
        name="emoji",
        label=N_("Emoji"),
        about=N_("Which reaction is a star: a standard emoji or one of this server."),
        kind=FieldKind.TEXT,
    ),
    SettingField(
        name="threshold",
        label=N_("Stars needed"),
        about=N_("How many stars a message needs to be shown."),
        kind=FieldKind.NUMBER,
        least=1,
        most=THRESHOLD_MOST,
    ),
    SettingField(
        name="counts_self_stars",
        label=N_("Stars of one's own"),
        about=N_("Whether the stars that authors give themselves count."),
        kind=FieldKind.SWITCH,
    ),
    SettingField(
        name="ignored_channel_ids",
        label=N_("Ignored channels"),
        about=N_("Channels whose messages never appear, threads included."),
        kind=FieldKind.CHANNELS,
        most=IGNORED_MOST,
    ),
    SettingField(
        name="ignored_role_ids",
        label=N_("Ignored roles"),
        about=N_("Roles whose members' messages never appear."),
        kind=FieldKind.ROLES,
        most=IGNORED_MOST,
    ),
)
"""What can be set of a board."""


def describe_made(board: Board) -> tuple[SettingChange, ...]:
    """Tell a board that came into being."""
    after = _("{channel}, from {threshold} {emoji} on", **_facts(board))
    return (SettingChange(_label(board), _(NOTHING), after),)


def describe_removed(board: Board) -> tuple[SettingChange, ...]:
    """Tell a board that is no more."""
    before = _("{channel}, from {threshold} {emoji} on", **_facts(board))
    return (SettingChange(_label(board), before, _(NOTHING)),)


def describe_edited(before: Board, after: Board) -> tuple[SettingChange, ...]:
    """Tell what is different."""

    def label(field: SettingField) -> str:
        return _("Starboard “{name}”: {field}", name=safe_name(before.name), field=_(field.label))

    return describe_changes(BOARD_FIELDS, before, after, label=label, show=_show)


def _label(board: Board) -> str:
    return _("Starboard “{name}”", name=safe_name(board.name))


def _facts(board: Board) -> dict[str, str]:
    shown = {each.name: _show(each, getattr(board, each.name)) for each in BOARD_FIELDS}
    return {"channel": shown["channel_id"], "threshold": shown["threshold"], "emoji": shown["emoji"]}


def _show(field: SettingField, value: Any) -> str:
    match field.name:
        case "name":
            return safe_name(value)
        case "emoji":
            return show_emoji(value)
        case _name:
            return show_value(field, value)
