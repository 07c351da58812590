"""The names of counter channels: formats as admins write them, and what becomes of them."""

from typing import Final

from bot.errors import UnprocessableEntityError
from bot.text.language import _
from bot.text.templates import Place, cut, fill, unknown_variables, used_names
from bot.text.values import Kind, Value
from cogs.serverstats.counters.counter_types import CounterKind
from cogs.serverstats.counters.numbers import Reading, missing_to_goal

NAME_LENGTH_MOST: Final = 100
"""Discord documentation, Channel Resource: a channel's name has 1 to 100 characters."""

FORMAT_LENGTH_MOST: Final = 200
"""Variables are mostly longer than what they stand for."""

APPROXIMATE_MARK: Final = "~"


def check_format(kind: CounterKind, text: str) -> tuple[str, ...]:
    """Return warnings, one sentence each; raises UnprocessableEntityError when the format cannot be used."""
    if not _on_one_line(text):
        raise UnprocessableEntityError(_("The format is empty; leave it out to use the one of this type."))
    if len(text) > FORMAT_LENGTH_MOST:
        raise UnprocessableEntityError(
            _(
                "The format has {length} characters; at most {most} are possible.",
                length=len(text),
                most=FORMAT_LENGTH_MOST,
            )
        )
    warnings = [unknown.sentence for unknown in unknown_variables(text, kind.variables)]
    if not set(used_names(text)) & (set(kind.variables) - {"role_name"}):
        warnings.append(
            _("The format has no `<value>`, so no number will be shown.")
            if kind.can_have_goal
            else _("The format has no `<online>` or `<dnd>` or `<offline>`, so no number will be shown.")
        )
    return tuple(warnings)


def render_name(format_text: str, reading: Reading, *, goal: int | None, role_name: str | None) -> str:
    """Return the name of the channel, at most 100 characters long and never empty; with a goal, what is missing."""
    values: dict[str, Value] = {}
    if reading.value is not None:
        shown = reading.value if goal is None else missing_to_goal(reading.value, goal)
        values["value"] = _number(shown, is_approximate=reading.is_approximate)
    if reading.statuses is not None:
        values["online"] = _number(reading.statuses.online)
        values["dnd"] = _number(reading.statuses.dnd)
        values["offline"] = _number(reading.statuses.offline)
    if role_name is not None:
        values["role_name"] = Value(Kind.TEXT, role_name)
    name = _on_one_line(fill(format_text, values, Place.PLAIN))
    return cut(name, NAME_LENGTH_MOST) or "-"


def _number(number: int, *, is_approximate: bool = False) -> Value:
    return Value(Kind.NUMBER, f"{APPROXIMATE_MARK if is_approximate else ''}{number}")


def _on_one_line(text: str) -> str:
    # Discord does the same with names; a name that it would change again would never be the one that is wanted.
    return " ".join(text.split())
