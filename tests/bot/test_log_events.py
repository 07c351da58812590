"""Every decision in the log is one of the table, with the fields that the table says."""

import ast
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.log_events import LOG_EVENTS

ROOT = Path(__file__).parents[2]
PATHS = sorted(
    path
    for folder in ("bot", "cogs")
    for path in (ROOT / folder).rglob("*.py")
    if "sandbox" not in path.relative_to(ROOT).parts
)
FIELDS = {event.name: event.fields for event in LOG_EVENTS}
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "log"})
TAKEN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime"}
"""What every record has of its own."""
PERSONAL = frozenset({"member_id", "inviter_id", "author_id", "owner_id", "name", "content", "username"})


def calls(path: Path) -> Iterator[ast.Call]:
    """Return the calls by which a file logs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in LEVELS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "_log"
        ):
            yield node


def extra_of(call: ast.Call) -> dict[str, ast.expr] | None:
    """Return what a call gives as `extra=`, by its keys; None without."""
    for keyword in call.keywords:
        if keyword.arg == "extra":
            assert isinstance(keyword.value, ast.Dict), f"line {call.lineno}: extra is to be written out"
            keys = [key.value if isinstance(key, ast.Constant) else None for key in keyword.value.keys]
            assert None not in keys, f"line {call.lineno}: extra is to be written out"
            return dict(zip(map(str, keys), keyword.value.values, strict=True))
    return None


def event_of(extra: dict[str, ast.expr] | None) -> str | None:
    value = (extra or {}).get("event")
    return str(value.value) if isinstance(value, ast.Constant) else None


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_line_with_an_event_has_its_fields_and_every_line_of_the_level_info_has_an_event(
    path: Path,
) -> None:
    wrong = []
    for call in calls(path):
        extra = extra_of(call)
        event = event_of(extra)
        if taken := {*(extra or {})} & TAKEN:
            wrong.append(f"line {call.lineno}: logging refuses {taken} with a KeyError")
        assert isinstance(call.func, ast.Attribute)
        if event is None:
            if call.func.attr == "info":
                wrong.append(f"line {call.lineno}: no event")
        elif FIELDS.get(event) is None or {*(extra or {})} != {"event", *FIELDS[event]}:
            wrong.append(f"line {call.lineno}: {event} has not the fields of bot/log_events.py")
    assert wrong == []


def test_every_event_of_the_table_is_logged_somewhere_and_stands_there_once() -> None:
    logged = {event_of(extra_of(call)) for path in PATHS for call in calls(path)} - {None}
    assert len(FIELDS) == len(LOG_EVENTS)
    assert logged == FIELDS.keys()


def test_no_event_has_a_field_for_what_tells_of_a_member() -> None:
    fields = {field for event in LOG_EVENTS for field in event.fields}
    assert not fields & PERSONAL
    assert [event.name for event in LOG_EVENTS if "user_id" in event.fields] == ["settings_changed"]
