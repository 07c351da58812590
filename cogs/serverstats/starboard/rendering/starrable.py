"""Which messages can be shown on a board: what people and bots wrote, not what Discord reports."""

from typing import Final

from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of

REPLY: Final = 19
THREAD_STARTER: Final = 21
WRITTEN_TYPES: Final = frozenset({0, REPLY, 20, 23})
"""Default, reply, slash command, context menu command (Discord documentation, Message Resource, Message Types)."""


def is_starrable(message: Raw) -> bool:
    """Whether somebody wrote this message.

    What starts a thread is so if the message that it stands for is, and still exists.
    """
    kind = number_of(message, "type")
    if kind == THREAD_STARTER:
        original = object_of(message, "referenced_message")
        return bool(original) and number_of(original, "type") in WRITTEN_TYPES
    return kind in WRITTEN_TYPES
