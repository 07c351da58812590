"""The reference of variables and counters."""

from collections.abc import Iterator

from bot.text.variables import Family
from cogs.invite_tracker.messages.rendering import JOIN_VARIABLES, LEAVE_VARIABLES
from cogs.serverstats.counters.counter_types import KINDS


def variable_table() -> Iterator[str]:
    """Yield the table of the variables of messages."""
    in_leave_messages = {variable.name for variable in LEAVE_VARIABLES}
    yield "| variable | what it stands for | for example | in leave messages |"
    yield "|---|---|---|---|"
    for variable in sorted(JOIN_VARIABLES, key=lambda variable: list(Family).index(variable.family)):
        known = "yes" if variable.name in in_leave_messages else "no"
        yield f"| `<{variable.name}>` | {variable.description} | {variable.example} | {known} |"


def counter_table() -> Iterator[str]:
    """Yield the table of the types of counters."""
    yield "| type | its name unless you write another | variables | takes a role | a goal | Presence Intent |"
    yield "|---|---|---|---|---|---|"
    for kind in KINDS:
        variables = " ".join(f"`<{name}>`" for name in kind.variables)
        need = "needed" if kind.needs_presences else "helps" if kind.watches_presences else "–"
        role = "yes" if kind.needs_role else "no"
        goal = "yes" if kind.can_have_goal else "no"
        yield f"| {kind.title} | `{kind.default_format}` | {variables} | {role} | {goal} | {need} |"
