"""What variables stand for: a text, and how far it is to be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import reduce

from bot.text.language import _


class Kind(Enum):
    """What a value is; the order is that of growing trust.

    TEXT was chosen by people and is never markup. MENTION is made from ids. WORD is our own wording, a date,
    or Discord's name for something. URL is an address made by Discord.
    """

    TEXT = auto()
    MENTION = auto()
    WORD = auto()
    NUMBER = auto()
    URL = auto()


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable stands for."""

    kind: Kind
    text: str


def join_alternatives(values: Sequence[Value]) -> Value:
    """Return "A or B", of the least trusted kind among them.

    Two people of the same name are named twice, as one name must never stand where several people fit; what
    nobody chose (such as `Not muted`) is not repeated.
    """
    shown: list[Value] = []
    for value in values:
        if value.kind is Kind.TEXT or value not in shown:
            shown.append(value)
    least_trusted = min((value.kind for value in shown), key=lambda kind: kind.value)
    return Value(least_trusted, reduce(_either, (value.text for value in shown)))


def _either(one: str, other: str) -> str:
    return _("{one} or {other}", one=one, other=other)
