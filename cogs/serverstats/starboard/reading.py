"""What the starboard reads from raw messages and events. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cogs.serverstats.starboard.emoji import is_same_emoji

Raw = Mapping[str, Any]

_THREAD_STARTER = 21
"""Discord documentation, Message Resource, Message Types."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """The reactions with one emoji to a message."""

    emoji: Raw
    """As Discord names it."""
    normal: int
    burst: int
    """Super reactions."""

    @property
    def count(self) -> int:
        """How many there are; somebody who reacted in both ways is counted twice."""
        return self.normal + self.burst


def author_of(message: Raw) -> Raw | None:
    """Return the author's user object, None when there is none that could be credited: a webhook is no person."""
    shown = message.get("referenced_message") if message.get("type") == _THREAD_STARTER else message
    if not shown or shown.get("webhook_id") is not None:
        return None
    author: Raw | None = shown.get("author")
    return author


def reaction_of(message: Raw, emoji: str) -> Reaction | None:
    """Return the reactions with a stored emoji, None when there are none."""
    for reaction in message.get("reactions") or ():
        if is_same_emoji(emoji, reaction["emoji"]):
            details = reaction.get("count_details")
            if details is None:
                return Reaction(reaction["emoji"], int(reaction["count"]), 0)
            return Reaction(reaction["emoji"], int(details["normal"]), int(details["burst"]))
    return None


def star_givers(users: Iterable[Raw], *, author_id: int | None, counts_self_stars: bool) -> frozenset[int]:
    """Return the ids of those whose stars count: each person once, no bots, the author only if allowed."""
    return frozenset(
        user_id
        for user in users
        if not user.get("bot") and ((user_id := int(user["id"])) != author_id or counts_self_stars)
    )
