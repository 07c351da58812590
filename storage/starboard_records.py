"""The records of the starboard: boards, and messages as a board sees them."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Board:
    """A channel in which messages with many stars are shown; boards of a guild are told apart by their id."""

    guild_id: int
    board_id: int
    name: str
    channel_id: int
    emoji: str
    """A Unicode emoji, or `name:id` of a custom one, `a:name:id` when it is animated."""
    threshold: int
    counts_self_stars: bool
    ignored_channel_ids: frozenset[int] = frozenset()
    ignored_role_ids: frozenset[int] = frozenset()


class EntryState(StrEnum):
    """How far a message is on its way to, or from, a board."""

    WAITING = "waiting"
    """It has no post."""
    POSTING = "posting"
    """A post is reserved: it may exist already, or not yet, and which of the two must be found out first."""
    POSTED = "posted"
    """It has the post `post_id`."""
    REMOVING = "removing"
    """The post `post_id` is to be deleted; whether it still exists is not known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that has been starred, as one board sees it; times are UTC epoch milliseconds."""

    guild_id: int
    board_id: int
    message_id: int
    channel_id: int
    author_id: int | None
    """None for somebody who opted out."""
    recorded_at_ms: int
    state: EntryState = EntryState.WAITING
    generation: int = 0
    """Rises with every post that is made; 0 while there never was one."""
    stars: int = 0
    """While there is no post: how many there are at most, as the reaction's count says."""
    post_channel_id: int | None = None
    post_id: int | None = None
    reserved_at_ms: int | None = None
    """When the post of this generation was reserved."""
    shown: str | None = None
    """A digest of what the post shows; None when that is not known."""
    parent_id: int | None = None
    """The channel of the thread that the message is in; None without one, or where it is not known."""


@dataclass(frozen=True, slots=True)
class StarredMessage:
    """A message of the list of the most starred."""

    channel_id: int
    message_id: int
    author_id: int | None
    stars: int


@dataclass(frozen=True, slots=True)
class StarredPerson:
    """How many stars somebody gave, or received for their messages."""

    user_id: int
    stars: int
    messages: int


@dataclass(frozen=True, slots=True)
class StarboardAmounts:
    """How much is stored of a board, or of all boards of a guild."""

    boards: int = 0
    entries: int = 0
    stars: int = 0
    tombstones: int = 0
