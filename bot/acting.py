"""Who is behind what is being done: set where it comes in, read where it is noted."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or a program with a key; without either the bot itself."""

    user_id: int | None = None
    name: str | None = None
    """How a program is called; it has no user id."""


THE_BOT = Actor()

_current: ContextVar[Actor] = ContextVar("actor", default=THE_BOT)


def current_actor() -> Actor:
    """Return who is behind this task."""
    return _current.get()


def act_for(actor: Actor) -> None:
    """Do the rest of the task on behalf of this person or program."""
    _current.set(actor)
