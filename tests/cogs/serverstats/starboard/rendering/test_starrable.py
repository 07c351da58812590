"""Which messages can be shown on a board."""

from typing import Any

import discord
import pytest

from cogs.serverstats.starboard.rendering.starrable import is_starrable
from tests.cogs.serverstats.starboard.rendering.messages import message

WRITTEN = {0, 19, 20, 23}


@pytest.mark.parametrize("kind", [kind for kind in discord.MessageType if kind.value != 21])
def test_what_somebody_wrote_is_starrable_and_no_system_message_is(kind: discord.MessageType) -> None:
    assert is_starrable(message(type=kind.value)) == (kind.value in WRITTEN)


def test_a_type_that_came_after_us_is_not_starrable() -> None:
    assert not is_starrable(message(type=9999))


@pytest.mark.parametrize(
    ("original", "expected"), [(message(), True), (None, False), (message(type=7), False)]
)
def test_the_start_of_a_thread_is_as_starrable_as_what_it_stands_for(
    original: dict[str, Any] | None, expected: bool
) -> None:
    assert is_starrable(message(type=21, referenced_message=original)) == expected
    assert not is_starrable(message(type=21))
