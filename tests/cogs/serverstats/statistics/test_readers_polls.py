"""Polls, as events tell of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cogs.serverstats.statistics.readers import State
from storage.polls import Poll
from storage.statistics.catalogue import (
    POLLS_CLOSED,
    POLLS_CREATED,
    POLLS_DELETED,
    VOTES_ADDED,
    VOTES_REMOVED,
    Group,
)
from storage.statistics.changes import Change
from storage.statistics.record_ids import first_record_id, time_ms_of
from tests.cogs.serverstats.statistics.scenery import (
    BOT,
    CHANNEL,
    GUILD,
    IGNORED,
    NOW_MS,
    PERSON,
    make_rules,
    make_state,
    message,
    person,
    read,
    robot,
)

HOUR_MS = 3_600_000
POLL = first_record_id(NOW_MS)
EXPIRY_MS = NOW_MS + HOUR_MS
RULES = make_rules(enabled_groups=frozenset({Group.POLLS}))


def only_polls(event: str, payload: dict[str, Any], state: State, *, at_ms: int = NOW_MS) -> list[Change]:
    kinds = (POLLS_CREATED, POLLS_DELETED, POLLS_CLOSED, VOTES_ADDED, VOTES_REMOVED)
    changes = read(event, payload, state, RULES, at_ms=at_ms)
    return [change for change in changes if change[1] in {kind.number for kind in kinds}]


def poll_message(expiry_ms: int | None = EXPIRY_MS, **more: Any) -> dict[str, Any]:
    expiry = None if expiry_ms is None else datetime.fromtimestamp(expiry_ms / 1000, UTC).isoformat()
    return message(POLL, poll={"question": {"text": "Tea?"}, "expiry": expiry}, **more)


def asked(**more: Any) -> State:
    state = make_state(**more)
    assert len(only_polls("MESSAGE_CREATE", poll_message(), state)) == 1
    return state


def result_message(at_ms: int) -> dict[str, Any]:
    return message(first_record_id(at_ms), type=46, message_reference={"message_id": str(POLL)})


def finalized() -> dict[str, Any]:
    return message(POLL, poll={"results": {"is_finalized": True}})


def test_a_poll_that_is_asked_is_recorded_and_kept_in_mind() -> None:
    state = make_state()
    (change,) = only_polls("MESSAGE_CREATE", poll_message(), state)
    assert (change[1], change[3], time_ms_of(change[2])) == (POLLS_CREATED.number, PERSON, NOW_MS)
    assert list(state.polls.unstored.values()) == [Poll(GUILD, POLL, CHANNEL, PERSON, EXPIRY_MS)]
    assert only_polls("MESSAGE_CREATE", poll_message(), state) == []


@pytest.mark.parametrize("event", ["MESSAGE_UPDATE", "MESSAGE_DELETE"])
def test_a_poll_of_a_webhook_is_nobodys(event: str) -> None:
    state = make_state()
    (asked_one,) = only_polls("MESSAGE_CREATE", poll_message(user=robot(), webhook_id="8"), state)
    assert asked_one[:2] == (GUILD, POLLS_CREATED.number)
    (ended,) = only_polls(event, finalized(), state)
    assert [change[3] for change in (asked_one, ended)] == [None, None]


def test_where_bots_do_not_count_nor_do_polls_of_webhooks() -> None:
    # Discord does not always say that a webhook is a bot.
    payload = poll_message(user=person(), webhook_id="8", application_id="9")
    without_bots = make_rules(track_bot_messages=False)
    assert read("MESSAGE_CREATE", payload, rules=without_bots, kind=POLLS_CREATED) == []
    answer = poll_message(user=robot(), webhook_id="9", application_id="9")
    (change,) = only_polls("MESSAGE_CREATE", answer, make_state())
    assert change[3] == BOT


def test_messages_without_a_poll_are_none() -> None:
    assert only_polls("MESSAGE_CREATE", message(), make_state()) == []
    assert only_polls("MESSAGE_UPDATE", message(), make_state()) == []
    assert only_polls("MESSAGE_UPDATE", {"id": "1", "guild_id": str(GUILD)}, make_state()) == []


def test_polls_of_bots_and_ignored_channels_do_not_count() -> None:
    without_bots = make_rules(track_bot_messages=False)
    state = make_state()
    assert read("MESSAGE_CREATE", poll_message(author=robot()), state, without_bots, kind=POLLS_CREATED) == []
    ignoring = make_rules(ignored_channel_ids=frozenset({IGNORED}))
    ignored = poll_message(channel_id=str(IGNORED))
    assert read("MESSAGE_CREATE", ignored, state, ignoring, kind=POLLS_CREATED) == []
    assert not state.polls.has_unstored


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("MESSAGE_DELETE", {"id": str(POLL), "guild_id": str(GUILD), "channel_id": str(CHANNEL)}),
        (
            "MESSAGE_DELETE_BULK",
            {"ids": ["1", str(POLL)], "guild_id": str(GUILD), "channel_id": str(CHANNEL)},
        ),
    ],
)
def test_the_deletion_of_a_poll_is_recorded_once(event: str, payload: dict[str, Any]) -> None:
    state = asked()
    assert [(change[1], change[3]) for change in only_polls(event, payload, state)] == [
        (POLLS_DELETED.number, None)
    ]
    assert only_polls(event, payload, state) == []
    assert list(state.polls.unstored.values()) == [None]


def test_the_deletion_of_a_message_that_is_no_poll_is_none() -> None:
    payload = {"id": "1", "guild_id": str(GUILD), "channel_id": str(CHANNEL)}
    assert only_polls("MESSAGE_DELETE", payload, asked()) == []


@pytest.mark.parametrize("first_is_update", [True, False])
def test_a_poll_that_is_closed_before_its_end_was_closed_by_hand_by_who_asked(first_is_update: bool) -> None:
    """Discord tells of it twice, in an order that is not documented."""
    state = asked()
    at_ms = NOW_MS + HOUR_MS // 2
    signs = [("MESSAGE_UPDATE", finalized()), ("MESSAGE_CREATE", result_message(at_ms))]
    changes = [
        change
        for event, payload in (signs if first_is_update else reversed(signs))
        for change in only_polls(event, payload, state, at_ms=at_ms + 300)
    ]
    assert [(change[1], change[3]) for change in changes] == [(POLLS_CLOSED.number, PERSON)]


@pytest.mark.parametrize("late_ms", [-29_000, 0, 5_000])
def test_a_poll_that_ends_at_its_time_was_not_closed_by_hand(late_ms: int) -> None:
    state = asked()
    at_ms = EXPIRY_MS + late_ms
    changes = only_polls("MESSAGE_UPDATE", finalized(), state, at_ms=at_ms)
    assert changes + only_polls("MESSAGE_CREATE", result_message(at_ms), state, at_ms=at_ms) == []


def test_a_clock_that_is_wrong_closes_no_poll() -> None:
    state = asked()
    state.clock_lead_ms = lambda: -10 * 60_000
    assert only_polls("MESSAGE_UPDATE", finalized(), state, at_ms=EXPIRY_MS - 10 * 60_000) == []


def test_a_closed_poll_can_still_be_deleted() -> None:
    state = asked()
    only_polls("MESSAGE_UPDATE", finalized(), state)
    payload = {"id": str(POLL), "guild_id": str(GUILD), "channel_id": str(CHANNEL)}
    assert len(only_polls("MESSAGE_DELETE", payload, state)) == 1


def test_a_poll_without_an_end_is_closed_by_hand() -> None:
    state = make_state()
    only_polls("MESSAGE_CREATE", poll_message(None), state)
    assert len(only_polls("MESSAGE_UPDATE", finalized(), state)) == 1


def test_votes_are_recorded_with_who_cast_them() -> None:
    vote = {
        "user_id": str(PERSON),
        "guild_id": str(GUILD),
        "channel_id": str(CHANNEL),
        "message_id": str(POLL),
        "answer_id": 1,
    }
    state = make_state()
    changes = only_polls("MESSAGE_POLL_VOTE_ADD", vote, state)
    changes += only_polls("MESSAGE_POLL_VOTE_REMOVE", vote, state)
    assert [(change[1], change[3]) for change in changes] == [
        (VOTES_ADDED.number, PERSON),
        (VOTES_REMOVED.number, PERSON),
    ]
    (anonymous,) = only_polls("MESSAGE_POLL_VOTE_ADD", vote, make_state(opted_out=[PERSON]))
    assert anonymous[3] is None


def test_who_opted_out_since_is_not_named_as_closing() -> None:
    state = asked()
    state.is_opted_out = lambda _guild_id, _user_id: True
    (change,) = only_polls("MESSAGE_UPDATE", finalized(), state)
    assert change[3] is None


def test_a_change_while_a_poll_is_being_stored_is_stored_next() -> None:
    state = asked()
    storing = state.polls.unstored
    only_polls("MESSAGE_UPDATE", finalized(), state, at_ms=NOW_MS + 7)
    state.polls.note_stored(storing)
    assert [poll.expires_at_ms for poll in state.polls.unstored.values() if poll] == [NOW_MS + 7]
    state.polls.note_stored(state.polls.unstored)
    assert not state.polls.has_unstored


def test_old_polls_are_forgotten_once_they_are_over() -> None:
    state = asked()
    state.polls.drop_old(POLL + 1, NOW_MS)
    assert only_polls("MESSAGE_UPDATE", finalized(), state, at_ms=NOW_MS + 1)
    state.polls.drop_old(POLL, NOW_MS + 2)
    state.polls.drop_old(POLL + 1, NOW_MS + 2)
    assert list(state.polls.unstored.values()) == [None]


def test_erasure_forgets_who_asked() -> None:
    state = asked()
    state.polls.anonymise(GUILD, PERSON)
    assert [poll.user_id for poll in state.polls.unstored.values() if poll] == [None]
