"""Messages sent and deleted, as events tell of them."""

from typing import Any

import pytest

from cogs.serverstats.statistics.readers import KnownMember
from cogs.serverstats.statistics.readers.state import RecentDeletions
from storage.statistics.catalogue import MESSAGES_DELETED, MESSAGES_SENT
from storage.statistics.changes import EventRecorded, MessageDeleted
from storage.statistics.record_ids import time_ms_of
from tests.cogs.serverstats.statistics.scenery import (
    BOT,
    CATEGORY,
    CHANNEL,
    GUILD,
    IGNORED,
    IN_CATEGORY,
    NOW_MS,
    PERSON,
    ROLE,
    THREAD_OF_IGNORED,
    make_rules,
    make_state,
    message,
    person,
    read,
    robot,
)

WEBHOOK = "999"
APPLICATION = "888"


def sent(payload: dict[str, Any], state: Any = None, rules: Any = None) -> list[Any]:
    return read("MESSAGE_CREATE", payload, state, rules, kind=MESSAGES_SENT)


def test_a_message_is_recorded_under_its_own_id_with_author_and_channel() -> None:
    assert sent(message(4_000)) == [EventRecorded(GUILD, MESSAGES_SENT.number, 4_000, PERSON, CHANNEL)]


@pytest.mark.parametrize("kind", [0, 19, 20, 23])
def test_messages_replies_and_answers_to_commands_count(kind: int) -> None:
    assert len(sent(message(type=kind))) == 1


@pytest.mark.parametrize("kind", [6, 7, 8, 12, 18, 21, 24, 25, 46])
def test_what_discord_writes_itself_does_not_count(kind: int) -> None:
    assert sent(message(type=kind)) == []


def test_an_ephemeral_message_does_not_count() -> None:
    assert sent(message(type=20, flags=64)) == []
    assert len(sent(message(flags=4))) == 1


def test_a_webhook_has_no_user_and_counts_as_a_bot() -> None:
    payload = message(user=robot(int(WEBHOOK)), webhook_id=WEBHOOK)
    del payload["member"]
    assert [change.user_id for change in sent(payload)] == [None]
    assert sent(payload, rules=make_rules(track_bot_messages=False)) == []


def test_a_webhook_of_an_application_is_a_webhook() -> None:
    payload = message(user=robot(int(WEBHOOK)), webhook_id=WEBHOOK, application_id=APPLICATION)
    assert [change.user_id for change in sent(payload)] == [None]


def test_an_answer_to_a_command_is_by_the_bot_although_it_carries_a_webhook() -> None:
    payload = message(
        type=20, user=robot(int(APPLICATION)), webhook_id=APPLICATION, application_id=APPLICATION
    )
    assert [change.user_id for change in sent(payload)] == [int(APPLICATION)]


@pytest.mark.parametrize(("counts_bots", "expected"), [(True, 1), (False, 0)])
def test_bots_count_unless_the_server_does_not_want_them(counts_bots: bool, expected: int) -> None:
    rules = make_rules(track_bot_messages=counts_bots)
    assert len(sent(message(user=robot()), rules=rules)) == expected
    assert len(sent(message(), rules=rules)) == 1


@pytest.mark.parametrize(
    ("channel_id", "expected"),
    [(CHANNEL, 1), (IGNORED, 0), (THREAD_OF_IGNORED, 0), (IN_CATEGORY, 0)],
)
def test_an_ignored_channel_ignores_its_threads_and_a_category_its_channels(
    channel_id: int, expected: int
) -> None:
    rules = make_rules(ignored_channel_ids=frozenset({IGNORED, CATEGORY}))
    assert len(sent(message(channel_id=str(channel_id)), rules=rules)) == expected
    payload = {"id": "1", "guild_id": str(GUILD), "channel_id": str(channel_id)}
    assert len(read("MESSAGE_DELETE", payload, rules=rules, kind=MESSAGES_DELETED)) == expected


def test_members_with_an_ignored_role_do_not_count() -> None:
    rules = make_rules(ignored_role_ids=frozenset({ROLE}))
    assert sent(message(member={"roles": ["1", str(ROLE)]}), rules=rules) == []
    assert len(sent(message(member={"roles": ["1"]}), rules=rules)) == 1


def test_a_message_without_a_member_is_judged_by_what_is_known_of_the_author() -> None:
    rules = make_rules(ignored_role_ids=frozenset({ROLE}))
    payload = message()
    del payload["member"]
    known = make_state(members={PERSON: KnownMember(False, frozenset({ROLE}), None)})
    assert sent(payload, known, rules) == []
    assert len(sent(payload, rules=rules)) == 1


def test_who_opted_out_is_counted_without_the_id() -> None:
    assert [change.user_id for change in sent(message(), make_state(opted_out=[PERSON]))] == [None]
    assert [change.user_id for change in sent(message(user=person(9)), make_state(opted_out=[PERSON]))] == [9]


def test_deletions_one_or_many_are_recorded_when_they_happen() -> None:
    one = {"id": "11", "guild_id": str(GUILD), "channel_id": str(CHANNEL)}
    many = {"ids": ["12", "13"], "guild_id": str(GUILD), "channel_id": str(CHANNEL)}
    state = make_state()
    changes = read("MESSAGE_DELETE", one, state, kind=MESSAGES_DELETED)
    changes += read("MESSAGE_DELETE_BULK", many, state, kind=MESSAGES_DELETED)
    deleted = [change for change in changes if isinstance(change, MessageDeleted)]
    assert [change.message_id for change in deleted] == [11, 12, 13]
    assert {change.channel_id for change in deleted} == {CHANNEL}
    assert {time_ms_of(change.record_id) for change in deleted} == {NOW_MS}
    assert len({change.record_id for change in deleted}) == 3


def test_a_message_is_deleted_once_however_often_discord_tells_of_it() -> None:
    one = {"id": "11", "guild_id": str(GUILD), "channel_id": str(CHANNEL)}
    many = {"ids": ["11", "12"], "guild_id": str(GUILD), "channel_id": str(CHANNEL)}
    state = make_state()
    assert len(read("MESSAGE_DELETE", one, state, kind=MESSAGES_DELETED)) == 1
    assert read("MESSAGE_DELETE", one, state, kind=MESSAGES_DELETED) == []
    (change,) = read("MESSAGE_DELETE_BULK", many, state, kind=MESSAGES_DELETED)
    assert isinstance(change, MessageDeleted)
    assert change.message_id == 12


def test_only_the_latest_deletions_are_remembered() -> None:
    recent = RecentDeletions()
    for message_id in range(RecentDeletions.LIMIT + 1):
        assert recent.is_new(message_id)
    assert not recent.is_new(RecentDeletions.LIMIT)
    assert recent.is_new(0)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, False),
        ({"track_bot_messages": False}, True),
        ({"ignored_role_ids": frozenset({ROLE})}, True),
    ],
)
def test_where_some_do_not_count_a_deleted_message_must_be_on_record(
    settings: dict[str, Any], expected: bool
) -> None:
    payload = {"id": str(BOT), "guild_id": str(GUILD), "channel_id": str(CHANNEL)}
    (change,) = read("MESSAGE_DELETE", payload, rules=make_rules(**settings), kind=MESSAGES_DELETED)
    assert isinstance(change, MessageDeleted)
    assert change.is_dropped_when_unknown is expected
