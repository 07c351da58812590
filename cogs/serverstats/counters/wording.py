"""What is said of counters."""

from bot.text.escape import escape_markdown, tame_name
from cogs.serverstats.counters.counter_types import CounterKind, kind_of
from cogs.serverstats.counters.numbers import Reading, missing_to_goal
from storage.counters import Counter


def describe_counted(kind: CounterKind, role_name: str | None) -> str:
    """Return what is counted, after a number, with markdown: "members with the role Crew"."""
    return kind.noun.replace("<role_name>", escape_markdown(tame_name(role_name or "deleted role")))


def announcement(counter: Counter, reading: Reading, role_name: str | None) -> str:
    """Return the message that a goal is reached; it pings nobody."""
    value = reading.value if reading.value is not None else counter.goal or 0
    counted = describe_counted(kind_of(counter.counter_type), role_name)
    about = "about " if reading.is_approximate else ""
    return f"🎉 The goal of **{counter.goal}** {counted} is reached: there are {about}**{value}** now!"


def describe_reading(counter: Counter, reading: Reading) -> str:
    """Return the numbers of a counter on one line."""
    if reading.statuses is not None:
        statuses = reading.statuses
        return f"{statuses.online} online · {statuses.dnd} DND · {statuses.offline} offline"
    value = reading.value if reading.value is not None else 0
    shown = f"~{value}" if reading.is_approximate else str(value)
    if counter.goal is None:
        return shown
    missing = missing_to_goal(value, counter.goal)
    return (
        f"{shown} of {counter.goal}, {missing} to go"
        if missing
        else f"{shown} of {counter.goal}, goal reached"
    )
