"""The truth of a server's life: what was invented, and then everything that the local Discord tells.

It hears the same events as the bot, whether or not the bot runs, so it knows what the bot's records must come to.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..world import World

COUNTED_TYPES = frozenset({0, 19, 20, 23})
EPHEMERAL = 1 << 6


@dataclass(slots=True)
class VoiceStay:
    """Somebody's time in a voice channel; `ended_at_ms` is None while it lasts."""

    user_id: int
    channel_id: int
    began_at_ms: int
    ended_at_ms: int | None = None


@dataclass(slots=True)
class Blindness:
    """A time of which the bot cannot know everything: from shortly before its end until it was back.

    ``alive_since_ms`` is when the life began that ended here.
    """

    alive_since_ms: int
    since_ms: int
    until_ms: int


Moved = tuple[int, int]
"""Who, and when (UTC epoch milliseconds)."""


@dataclass(slots=True)
class Truth:
    """What really happened; times are UTC epoch milliseconds."""

    sent: dict[int, int] = field(default_factory=dict)
    """Message id to author."""
    deleted: dict[int, int] = field(default_factory=dict)
    """Message id to when."""
    stays: list[VoiceStay] = field(default_factory=list)
    joined: list[Moved] = field(default_factory=list)
    left: list[Moved] = field(default_factory=list)
    votes: list[Moved] = field(default_factory=list)
    votes_back: list[Moved] = field(default_factory=list)
    away: list[tuple[int, int]] = field(default_factory=list)
    """Invented times without the bot, from when until when; nothing is invented in them."""
    blind: list[Blindness] = field(default_factory=list)

    def was_blind(self, at_ms: int) -> bool:
        """Whether the bot may have missed what happened then."""
        return any(one.since_ms <= at_ms <= one.until_ms for one in self.blind)

    def voice_seconds(self) -> float:
        """Return how long people were in voice in all."""
        return sum(stay.ended_at_ms - stay.began_at_ms for stay in self.stays if stay.ended_at_ms) / 1000

    def sent_by(self) -> Counter[int]:
        """Return how many messages each author wrote."""
        return Counter(self.sent.values())


class Chronicler:
    """Takes down what a guild's events tell, and goes on whatever happens to the bot."""

    def __init__(self, world: World, guild_id: int, truth: Truth) -> None:
        self._world = world
        self._guild_id = str(guild_id)
        self.truth = truth
        self._present: dict[int, VoiceStay] = {}

    def open(self) -> None:
        """Begin to listen."""
        self._world.subscribers.append(self._hear)

    def _hear(self, event: str, payload: Mapping[str, Any]) -> None:
        if payload.get("guild_id") != self._guild_id:
            return
        truth, now_ms = self.truth, self._world.now_ms()
        match event:
            case "MESSAGE_CREATE":
                if payload["type"] in COUNTED_TYPES and not payload.get("flags", 0) & EPHEMERAL:
                    truth.sent[int(payload["id"])] = int(payload["author"]["id"])
            case "MESSAGE_DELETE":
                truth.deleted[int(payload["id"])] = now_ms
            case "MESSAGE_DELETE_BULK":
                truth.deleted |= {int(message_id): now_ms for message_id in payload["ids"]}
            case "VOICE_STATE_UPDATE":
                self._move(int(payload["user_id"]), payload["channel_id"], now_ms)
            case "GUILD_MEMBER_ADD":
                truth.joined.append((int(payload["user"]["id"]), now_ms))
            case "GUILD_MEMBER_REMOVE":
                truth.left.append((int(payload["user"]["id"]), now_ms))
            case "MESSAGE_POLL_VOTE_ADD":
                truth.votes.append((int(payload["user_id"]), now_ms))
            case "MESSAGE_POLL_VOTE_REMOVE":
                truth.votes_back.append((int(payload["user_id"]), now_ms))
            case _:
                pass

    def _move(self, user_id: int, channel_id: str | None, now_ms: int) -> None:
        before = self._present.pop(user_id, None)
        if before is not None:
            if channel_id is not None and before.channel_id == int(channel_id):
                self._present[user_id] = before
                return
            before.ended_at_ms = now_ms
        if channel_id is not None:
            stay = self._present[user_id] = VoiceStay(user_id, int(channel_id), now_ms)
            self.truth.stays.append(stay)
