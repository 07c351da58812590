"""What every module answers to a member who asks what is stored of them, and to be forgotten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class Person:
    """A member, by their id and by the names that texts may hold; a name that they do not have, or is not known, is None."""

    user_id: int
    username: str | None = None
    global_name: str | None = None
    display_name: str | None = None
    nickname: str | None = None

    @property
    def texts(self) -> tuple[str | None, ...]:
        """What is looked for in stored texts: the id's digits and the four names, in the order of the counts."""
        return str(self.user_id), self.username, self.global_name, self.display_name, self.nickname


@dataclass(frozen=True, slots=True)
class ReferenceCounts:
    """How many stored references there are, in the five ways of the HTTP API.

    `ids` counts rows that hold the id; the others count stored texts that contain the name.
    """

    ids: int = 0
    usernames: int = 0
    global_names: int = 0
    display_names: int = 0
    nicknames: int = 0


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of something."""

    words: str
    """How people read it, in the language of the context: `12 joins`."""
    count: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure does, or did."""

    deleted: tuple[Amount, ...]
    """What is deleted or made anonymous; without what there is nothing of."""
    kept: tuple[str, ...]
    """What stays and why, one sentence each."""

    @classmethod
    def of(cls, amounts: Iterable[Amount], kept: Iterable[str]) -> Self:
        """Return the erasure of what there is something of."""
        return cls(tuple(amount for amount in amounts if amount.count), tuple(kept))

    @property
    def total(self) -> int:
        """How many references that is."""
        return sum(amount.count for amount in self.deleted)


class ModulePrivacy(Protocol):
    """How a module counts and forgets."""

    title: str
    """What people call the module, of the catalogue."""

    async def count_references(self, guild_id: int, person: Person) -> ReferenceCounts:
        """Return how many references to the person are stored in this guild."""
        ...

    async def preview_erasure(self, guild_id: int, person: Person) -> Erasure:
        """Return what an erasure would delete and keep now."""
        ...

    async def erase(self, guild_id: int, person: Person) -> Erasure:
        """Erase everything that refers to the person in this guild, in steps that hold nobody up; return what it was."""
        ...

    async def after_opting_out(self, guild_id: int, user_id: int) -> None:
        """Take the person out of what is in memory and still open; the recorder leaves them out already."""
        ...

    async def after_opting_in(self, guild_id: int, user_id: int) -> None:
        """Let what is still open be the person's again; the recorder does not leave them out any more."""
        ...


def total(counts: Sequence[ReferenceCounts]) -> ReferenceCounts:
    """Return the sum over several modules."""
    return ReferenceCounts(
        ids=sum(each.ids for each in counts),
        usernames=sum(each.usernames for each in counts),
        global_names=sum(each.global_names for each in counts),
        display_names=sum(each.display_names for each in counts),
        nicknames=sum(each.nicknames for each in counts),
    )
