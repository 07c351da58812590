"""What the recorder hands over to be stored: plain tuples, as tens of thousands of them are made a second.

Kinds are given by their number in the catalogue. `user_id` is None for people who opted out and for what has no user.
"""

from typing import Final, NamedTuple

NO_ACTIVITY: Final = -1
"""The activity type of texts that name no activity: commands, triggers."""


class EventRecorded(NamedTuple):
    """Something happened at the time that its id holds."""

    guild_id: int
    kind: int
    record_id: int
    user_id: int | None
    channel_id: int | None = None
    message_id: int | None = None
    text: str | None = None
    duration_us: int | None = None


class MessageDeleted(NamedTuple):
    """A message was deleted; who wrote it is looked up among the messages on record."""

    guild_id: int
    record_id: int
    channel_id: int
    message_id: int
    is_dropped_when_unknown: bool
    """Whether a message that is not on record does not count: it may be one that the guild does not want counted."""


class SessionOpened(NamedTuple):
    """A session began at the time that its id holds."""

    guild_id: int
    kind: int
    record_id: int
    user_id: int | None
    channel_id: int | None = None
    text: str | None = None
    activity_type: int = NO_ACTIVITY


class SessionClosed(NamedTuple):
    """A session ended; but for the end, everything is as it was when it began."""

    guild_id: int
    kind: int
    record_id: int
    user_id: int | None
    channel_id: int | None
    text: str | None
    activity_type: int
    ended_at_ms: int


class Sampled(NamedTuple):
    """What a quantity was at the time that its id holds."""

    guild_id: int
    kind: int
    record_id: int
    first: int
    second: int | None = None
    third: int | None = None


Change = EventRecorded | MessageDeleted | SessionOpened | SessionClosed | Sampled
