"""What Discord says of members who were here before, as rows."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.snowflakes import DISCORD_EPOCH_MS, snowflake_ms
from cogs.invite_tracker.confirming.findings import Finding
from cogs.invite_tracker.confirming.repairs import KnownCodes
from cogs.invite_tracker.existing.reading import (
    existing_join,
    explain,
    id_before,
    listed_until_ms,
    read_people,
)
from storage.records import Arrival, Certainty, Method, Source

GUILD = 1
DAY_MS = 86_400_000
PERSON = Arrival(GUILD, 7, 1_000_000, 0, is_bot=False, had_avatar=True, is_rejoin=False)
ROW = existing_join(PERSON, 55, 2_000_000)
FOUND = Finding(7, 1_000_000, Source.INVITE, "abc", 9)


def member(user_id: int, joined_at: str | None, **user: Any) -> dict[str, Any]:
    return {"user": {"id": str(user_id), "avatar": None, **user}, "joined_at": joined_at, "flags": 0}


def test_bots_guests_and_who_joined_later_are_no_people_from_before() -> None:
    page = [
        member(1, "1970-01-01T00:00:05+00:00"),
        member(2, "1970-01-01T00:00:05+00:00", bot=True),
        member(3, None),
        member(4, "1970-01-01T00:00:10+00:00"),
    ]
    assert [one.member_id for one in read_people(GUILD, page, 10_000, 0)] == [1]


def test_a_row_says_that_they_were_here_before_and_credits_nobody() -> None:
    assert (ROW.source, ROW.method, ROW.certainty) == (Source.EXISTING, Method.NONE, Certainty.UNKNOWN)
    assert (ROW.credited_inviter_id, ROW.credited_code, ROW.left_at_ms) == (None, None, None)


def test_what_the_search_says_is_certain_and_leaves_the_source_as_it_is() -> None:
    better = explain(ROW, FOUND, KnownCodes(), 0)
    assert better is not None
    assert better == replace(
        ROW,
        code="abc",
        inviter_id=9,
        method=Method.MEMBERS_SEARCH,
        certainty=Certainty.CERTAIN,
        credited_code="abc",
        credited_inviter_id=9,
    )


def test_whose_a_link_of_ours_is_is_known_here_alone() -> None:
    better = explain(ROW, FOUND, KnownCodes(None, {"abc": 77}), 0)
    assert better is not None
    assert (better.inviter_id, better.credited_inviter_id) == (77, 77)


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        (replace(ROW, left_at_ms=5), FOUND),
        (replace(ROW, method=Method.MANUAL), FOUND),
        (replace(ROW, method=Method.MEMBERS_SEARCH), FOUND),
        (replace(ROW, source=Source.UNKNOWN), FOUND),
        (replace(ROW, member_id=None), FOUND),
        # They left and came back since.
        (ROW, replace(FOUND, joined_at_ms=FOUND.joined_at_ms + 5_000)),
        (ROW, replace(FOUND, source=None)),
    ],
)
def test_what_the_search_says_of_another_join_or_of_a_row_that_is_known_changes_nothing(
    row: Any, finding: Finding
) -> None:
    assert explain(row, finding, KnownCodes(), 1_000) is None


@given(st.integers(min_value=1 << 22, max_value=(1 << 62) - 1))
def test_the_place_in_the_list_is_a_day_and_going_on_there_misses_nobody(last_id: int) -> None:
    until_ms = listed_until_ms(last_id)
    after_id = id_before(until_ms)

    assert until_ms % DAY_MS == 0
    assert 0 <= after_id < last_id
    assert snowflake_ms(last_id) - DAY_MS < until_ms <= snowflake_ms(last_id)
    # Of the accounts that are skipped, none was made on that day or later.
    assert after_id == 0 or snowflake_ms(after_id) < until_ms


def test_the_list_begins_at_its_beginning() -> None:
    assert id_before(DISCORD_EPOCH_MS - DAY_MS) == 0
