"""Who calls the HTTP API, and what they may do."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import ForbiddenError, UnauthorizedError


class Right(StrEnum):
    """What a key may do."""

    READ = "read"
    """Read settings, statistics and lists."""
    WRITE = "write"
    """Change settings, and act at Discord: invites, counters."""
    INTAKE = "intake"
    """Report what other software did, and have the bot look again."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a key: of one guild, or the operator."""

    name: str
    """What the key is called."""
    rights: frozenset[Right]
    guild_id: int | None
    """The only guild that the key reaches; None for the operator, who reaches all."""
    key_id: str | None = None
    """The public part of the key; None for the operator's."""

    @property
    def is_operator(self) -> bool:
        """Whether this is the operator of the bot."""
        return self.guild_id is None

    def require(self, right: Right) -> None:
        """Raise ForbiddenError unless the key has this right."""
        if right not in self.rights:
            raise ForbiddenError(f"This key does not have the right `{right.value}`.")

    def require_operator(self) -> None:
        """Raise ForbiddenError for the key of a guild."""
        if not self.is_operator:
            raise ForbiddenError("Only the operator's key may do this.")

    def require_guild(self, guild_id: int) -> None:
        """Raise ForbiddenError for the key of another guild."""
        if self.guild_id not in {None, guild_id}:
            raise ForbiddenError("This key belongs to another server.")


@dataclass(slots=True)
class _Request:
    """A request that is being answered, or was."""

    caller: Caller
    is_answered: bool = False


_current: ContextVar[_Request | None] = ContextVar("caller", default=None)


def current_caller() -> Caller:
    """Return whose request is being answered; raises UnauthorizedError outside of one."""
    request = _current.get()
    if request is None:
        raise UnauthorizedError("A key is needed: send it as `Authorization: Bearer …`.")
    return request.caller


def waiting_caller() -> Caller | None:
    """Return who waits for what this task does; None when no program does, or none any more.

    A task that a request has begun goes on for nobody in particular once that request is answered.
    """
    request = _current.get()
    return None if request is None or request.is_answered else request.caller


@contextlib.contextmanager
def calling(caller: Caller) -> Iterator[None]:
    """Answer a request of this caller in the block."""
    request = _Request(caller)
    token = _current.set(request)
    try:
        yield
    finally:
        request.is_answered = True
        _current.reset(token)
