"""Answers of the member search, as people have seen them and as nobody has."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.invite_tracker.confirming.findings import (
    Finding,
    NotIndexed,
    SearchNotUnderstoodError,
    read_answer,
)
from storage.records import Source

JOINED_AT = "2026-01-01T00:00:00.250000+00:00"
JOINED_AT_MS = 1_767_225_600_250

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def entry(**changes: Any) -> dict[str, Any]:
    ordinary = {
        "member": {"user": {"id": "5"}, "joined_at": JOINED_AT},
        "source_invite_code": "abc",
        "join_source_type": 5,
        "inviter_id": "7",
    }
    return ordinary | changes


def read_one(**changes: Any) -> Finding:
    answer = read_answer({"members": [entry(**changes)]})
    assert isinstance(answer, dict)
    return answer[5]


def test_an_invite_is_read_with_code_inviter_and_time() -> None:
    assert read_one() == Finding(5, JOINED_AT_MS, Source.INVITE, "abc", 7)


@pytest.mark.parametrize(
    ("number", "source"),
    [
        (0, None),
        (1, Source.BOT),
        (2, Source.INTEGRATION),
        (3, Source.DISCOVERY),
        (4, Source.HUB),
        (5, Source.INVITE),
        (6, Source.VANITY),
        (7, Source.MANUAL_VERIFICATION),
        (8, Source.INTEGRATION),
        (9, None),
        (None, None),
        ("5", None),
        (True, None),
    ],
)
def test_each_number_has_its_source_and_what_is_not_known_says_nothing(
    number: object, source: Source | None
) -> None:
    assert read_one(join_source_type=number).source is source


def test_an_invite_without_its_code_says_nothing() -> None:
    assert read_one(source_invite_code=None).source is None


def test_a_server_that_is_not_indexed_says_when_to_come_back() -> None:
    assert read_answer({"code": 110000, "retry_after": 2.5}) == NotIndexed(2.5)
    assert read_answer({"code": 110000, "retry_after": "soon"}) == NotIndexed(0)


@pytest.mark.parametrize("payload", [None, "<html>", [], {}, {"members": None}, {"code": 0}])
def test_anything_else_is_refused(payload: object) -> None:
    with pytest.raises(SearchNotUnderstoodError):
        read_answer(payload)


def test_a_member_who_cannot_be_read_does_not_hide_the_others() -> None:
    broken = [entry(member=None), entry(member={"user": {"id": "6"}, "joined_at": None}), "member", None]
    answer = read_answer({"members": [*broken, entry(), entry(inviter_id="nobody")]})
    assert isinstance(answer, dict)
    assert list(answer) == [5]


@given(JSON, st.lists(JSON, max_size=3))
def test_no_answer_breaks_the_reader(payload: Any, members: list[Any]) -> None:
    for given_answer in (payload, {"members": members}, {"members": [entry(member=payload)]}):
        try:
            read_answer(given_answer)
        except SearchNotUnderstoodError:
            continue
