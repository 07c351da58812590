"""When a join of a file is one that is on record."""

from dataclasses import replace

import pytest

from cogs.invite_tracker.transfer.dates import DAY_MS, SECOND_MS
from cogs.invite_tracker.transfer.incoming import Incoming
from cogs.invite_tracker.transfer.matching import AnonymousJoins, is_same
from storage.records import Method
from tests.storage.rows import ORDINARY_JOIN

MIDNIGHT = 20_000 * DAY_MS
TEN = MIDNIGHT + 36_000_000
RECORDED = replace(ORDINARY_JOIN, joined_at_ms=TEN + 345)
IMPORTED = replace(ORDINARY_JOIN, method=Method.IMPORTED)


def foreign(at_ms: int, precision_ms: int) -> Incoming:
    return Incoming(1, replace(IMPORTED, joined_at_ms=at_ms), precision_ms, is_foreign=True)


def own(at_ms: int, method: Method = Method.USES_RISE) -> Incoming:
    return Incoming(1, replace(ORDINARY_JOIN, joined_at_ms=at_ms, method=method), 1, is_foreign=False)


@pytest.mark.parametrize(
    ("at_ms", "precision_ms", "expected"),
    [
        (TEN, SECOND_MS, True),
        (TEN + 345, 1, True),
        # Discord's own copies of a join lie up to 0.4 seconds apart.
        (TEN + 745, 1, True),
        (TEN - 1_000, SECOND_MS, True),
        (TEN + 2_000, SECOND_MS, False),
        (TEN - 3_000, SECOND_MS, False),
        (MIDNIGHT, DAY_MS, True),
        (MIDNIGHT + DAY_MS, DAY_MS, False),
        (MIDNIGHT - DAY_MS, DAY_MS, False),
    ],
)
def test_a_time_of_another_bot_is_the_same_as_far_as_it_is_exact(
    at_ms: int, precision_ms: int, expected: bool
) -> None:
    assert is_same(foreign(at_ms, precision_ms), RECORDED, is_of_this_file=False) is expected


def test_a_join_imported_with_its_day_only_is_recognised_in_a_more_exact_file() -> None:
    of_the_day = replace(IMPORTED, joined_at_ms=MIDNIGHT)
    assert is_same(foreign(TEN, SECOND_MS), of_the_day, is_of_this_file=False)
    assert is_same(own(TEN + 345), of_the_day, is_of_this_file=False)
    assert not is_same(own(TEN + DAY_MS), of_the_day, is_of_this_file=False)


def test_a_join_of_the_day_before_is_another_one() -> None:
    of_the_day = replace(IMPORTED, joined_at_ms=MIDNIGHT)
    assert not is_same(foreign(MIDNIGHT + DAY_MS, DAY_MS), of_the_day, is_of_this_file=True)
    assert not is_same(foreign(MIDNIGHT + DAY_MS, SECOND_MS), of_the_day, is_of_this_file=True)


def test_headcounts_own_joins_are_the_same_at_the_same_millisecond_only() -> None:
    assert is_same(own(TEN + 345), RECORDED, is_of_this_file=False)
    assert not is_same(own(TEN + 346), RECORDED, is_of_this_file=False)


def test_an_own_file_may_hold_two_joins_of_a_member_on_one_day() -> None:
    of_the_day = replace(IMPORTED, joined_at_ms=MIDNIGHT)
    assert not is_same(own(TEN), of_the_day, is_of_this_file=True)
    assert is_same(foreign(TEN, SECOND_MS), of_the_day, is_of_this_file=True)


def test_an_anonymous_join_stands_for_one_join_of_a_file_at_most() -> None:
    age_days = 30
    one = foreign(TEN, SECOND_MS)
    one = replace(one, join=replace(one.join, account_created_at_ms=TEN - age_days * DAY_MS - 5))
    anonymous = AnonymousJoins([(TEN - DAY_MS, age_days), (TEN + 10, age_days + 1), (TEN + 345, age_days)])
    assert anonymous.take(one)
    assert not anonymous.take(one)
