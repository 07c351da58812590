"""Who waits to be forgotten by a tracker that stops is not left waiting."""

import asyncio
from typing import Any, cast

import pytest

from cogs.invite_tracker.tracking.anonymity import EVERYBODY_NAMED
from cogs.invite_tracker.tracking.forgetting import Forgetting, TrackerStoppedError


def forgetting() -> Forgetting:
    """Return it without a database: nothing is carried out."""
    return Forgetting(1, cast("Any", None), EVERYBODY_NAMED)


async def test_whoever_waits_when_the_tracker_stops_learns_of_it() -> None:
    stopping = forgetting()
    done = stopping.ask(7)
    assert stopping.is_wanted
    stopping.close()
    with pytest.raises(TrackerStoppedError):
        await asyncio.wait_for(done, 1)
    assert not stopping.is_wanted


async def test_whoever_asks_a_tracker_that_has_stopped_learns_of_it_at_once() -> None:
    stopped = forgetting()
    stopped.close()
    with pytest.raises(TrackerStoppedError):
        await asyncio.wait_for(stopped.ask(7), 1)


async def test_somebody_who_waits_no_more_keeps_nobody_from_stopping() -> None:
    stopping = forgetting()
    stopping.ask(7).cancel()
    other = stopping.ask(8)
    stopping.close()
    with pytest.raises(TrackerStoppedError):
        await asyncio.wait_for(other, 1)
