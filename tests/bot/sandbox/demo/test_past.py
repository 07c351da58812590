"""The invented past: the same for the same seed, lifelike, and stored as the bot itself would store it."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.demo.counting import OnRecord, compare
from bot.sandbox.demo.examining import fetch_record
from bot.sandbox.demo.past import Past, Setting, invent_past, store_past
from bot.sandbox.demo.reading import BotRecords
from storage.statistics.changes import EventRecorded, MessageDeleted, Sampled, SessionClosed, SessionOpened
from storage.statistics.record_ids import time_ms_of

GUILD = 4_000
ZONE = ZoneInfo("Europe/Amsterdam")
NOW_MS = int(datetime(2026, 4, 10, 15, 30, tzinfo=UTC).timestamp() * 1000)
"""Summer time has begun during the days before."""
DAYS = 30
SETTING = Setting(
    guild_id=GUILD,
    timezone="Europe/Amsterdam",
    writers={1: 5, 2: 3, 3: 1, 4: 0.5},
    speakers=(1, 2, 3, 4, 5),
    text_channels={10: 3, 11: 1},
    voice_channel_ids=(20, 21),
    activities=((0, "Tidewater", 2), (2, "Shanty Radio", 1)),
    newcomer_ids=tuple(range(100, 140)),
    leaver_ids=tuple(range(200, 210)),
    members=120,
)


def invented(seed: int = 2, now_ms: int = NOW_MS) -> Past:
    return invent_past(SETTING, Random(seed), now_ms, DAYS)


def test_the_same_seed_invents_the_same_past() -> None:
    assert invented().changes == invented().changes
    assert invented().changes != invented(3).changes


@pytest.mark.parametrize("hour", [0, 1, 12, 23])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_invented_after_the_end_or_while_the_bot_was_away(seed: int, hour: int) -> None:
    now_ms = int(datetime(2026, 4, 10, hour, 0, 5, tzinfo=ZONE).timestamp() * 1000)
    past = invented(seed, now_ms)
    down = past.downtime
    for change in past.changes:
        at_ms = time_ms_of(change.record_id)
        ended_at_ms = change.ended_at_ms if isinstance(change, SessionClosed) else at_ms
        assert past.began_at_ms <= at_ms <= ended_at_ms <= past.ended_at_ms < now_ms
        assert ended_at_ms <= down.began_at_ms or at_ms >= down.ended_at_ms


def test_every_session_that_begins_also_ends() -> None:
    changes = invented().changes
    opened = [change for change in changes if isinstance(change, SessionOpened)]
    closed = [change for change in changes if isinstance(change, SessionClosed)]

    assert opened
    assert [SessionOpened(*change[:-1]) for change in closed] == opened


def test_nobody_is_in_two_voice_channels_at_once() -> None:
    stays = sorted(invented().truth.stays, key=lambda stay: (stay.user_id, stay.began_at_ms))
    for earlier, later in pairwise(stays):
        if earlier.user_id == later.user_id:
            assert (earlier.ended_at_ms or 0) <= later.began_at_ms


def test_people_write_in_the_evening_more_than_at_night() -> None:
    sent = invented().truth.sent
    hours = Counter(datetime.fromtimestamp(time_ms_of(one) / 1000, ZONE).hour for one in sent)

    assert sum(hours[hour] for hour in (19, 20, 21)) > 5 * sum(hours[hour] for hour in (2, 3, 4, 5))
    assert len(sent) > 100 * DAYS


def test_the_samples_follow_the_members_to_as_many_as_there_are() -> None:
    samples = [
        change for change in invented().changes if isinstance(change, Sampled) and change.second is None
    ]

    assert samples[0].first == SETTING.members - len(SETTING.newcomer_ids)
    last_ms = time_ms_of(samples[-1].record_id)
    truth = invented().truth
    came_later = sum(at_ms > last_ms for _who, at_ms in truth.joined)
    left_later = sum(at_ms > last_ms for _who, at_ms in truth.left)
    assert samples[-1].first + came_later - left_later == SETTING.members


def test_only_messages_that_were_sent_are_deleted() -> None:
    changes = invented().changes
    sent = {change.record_id for change in changes if isinstance(change, EventRecorded)}
    deleted = [change for change in changes if isinstance(change, MessageDeleted)]

    assert deleted
    assert all(change.message_id in sent and change.record_id > change.message_id for change in deleted)


async def test_what_is_stored_is_what_was_invented(tmp_path: Path) -> None:
    past = invented()
    path = tmp_path / "headcount.sqlite3"
    await store_past(path, SETTING, past)
    async with BotRecords(path, GUILD) as records:
        found: OnRecord = await fetch_record(records)

    compared = compare(past.truth, found, {})
    assert [one.problems for one in compared if one.problems] == []
    assert len(found.sent) == len(past.truth.sent)
    assert all(raw and raw == summed for raw, summed in found.sums.values())
