"""Who is behind what is being done: set where it comes in, read where it is noted."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or a program with an API key; without either the bot itself."""

    user_id: int | None = None
    name: str | None = None
    """How the API key is called; a program has no user id."""
    is_operator: bool = False
    """Whether it is the operator's API key."""


THE_BOT = Actor()

_current: ContextVar[Actor] = ContextVar("actor", default=THE_BOT)


def current_actor() -> Actor:
    """Return who is behind this task."""
    return _current.get()


def act_for(actor: Actor) -> None:
    """Do the rest of the task on behalf of this person or program."""
    _current.set(actor)


@contextmanager
def acting_for(actor: Actor) -> Iterator[None]:
    """Do what is in the block on behalf of this person or program."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)
