"""Commands and invites, as events tell of them."""

from typing import Any

import pytest

from storage.statistics.catalogue import COMMANDS_USED, INVITES_CREATED, INVITES_DELETED
from storage.statistics.changes import EventRecorded
from storage.statistics.record_ids import time_ms_of
from tests.cogs.serverstats.statistics.scenery import (
    CHANNEL,
    GUILD,
    IGNORED,
    NOW_MS,
    PERSON,
    ROLE,
    make_rules,
    make_state,
    member_of,
    person,
    read,
    robot,
)


def interaction(name: str, options: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": str((NOW_MS - 1_420_070_400_000) << 22),
        "type": 2,
        "guild_id": str(GUILD),
        "channel_id": str(CHANNEL),
        "member": member_of(person()),
        "data": {"id": "1", "name": name, "type": 1, "options": options or []},
        **more,
    }


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("invites", [], "invites"),
        ("invites", [{"type": 6, "name": "member", "value": "1"}], "invites"),
        ("serverstats", [{"type": 1, "name": "info"}], "serverstats info"),
        (
            "serverstats",
            [{"type": 2, "name": "counter", "options": [{"type": 1, "name": "create", "options": []}]}],
            "serverstats counter create",
        ),
        ("Who invited this member", [], "Who invited this member"),
    ],
)
def test_a_command_is_recorded_under_its_full_name(
    name: str, options: list[dict[str, Any]], expected: str
) -> None:
    (change,) = read("INTERACTION_CREATE", interaction(name, options))
    assert change == EventRecorded(GUILD, COMMANDS_USED.number, change[2], PERSON, text=expected)
    assert time_ms_of(change[2]) == NOW_MS


def test_the_use_of_privacy_commands_is_never_recorded() -> None:
    assert (
        read("INTERACTION_CREATE", interaction("privacy", [{"type": 1, "name": "show", "options": []}])) == []
    )


@pytest.mark.parametrize("kind", [3, 4, 5])
def test_buttons_autocompletion_and_modals_are_no_commands(kind: int) -> None:
    assert read("INTERACTION_CREATE", interaction("invites", type=kind)) == []


def test_commands_in_ignored_channels_and_by_ignored_roles_do_not_count() -> None:
    rules = make_rules(ignored_channel_ids=frozenset({IGNORED}), ignored_role_ids=frozenset({ROLE}))
    assert read("INTERACTION_CREATE", interaction("invites", channel_id=str(IGNORED)), rules=rules) == []
    ignored = interaction("invites", member=member_of(person(), ROLE))
    assert read("INTERACTION_CREATE", ignored, rules=rules) == []
    assert len(read("INTERACTION_CREATE", interaction("invites"), rules=rules)) == 1


def test_who_opted_out_uses_commands_and_makes_invites_without_the_id() -> None:
    state = make_state(opted_out=[PERSON])
    changes = read("INTERACTION_CREATE", interaction("invites"), state)
    changes += read("INVITE_CREATE", invite(), state)
    assert [change[3] for change in changes] == [None, None]


def invite(**more: Any) -> dict[str, Any]:
    return {"code": "abc", "guild_id": str(GUILD), "channel_id": str(CHANNEL), "inviter": person(), **more}


def test_an_invite_is_recorded_with_who_made_it() -> None:
    (change,) = read("INVITE_CREATE", invite())
    assert isinstance(change, EventRecorded)
    assert (change.kind, change.user_id) == (INVITES_CREATED.number, PERSON)
    (without,) = read("INVITE_CREATE", {key: value for key, value in invite().items() if key != "inviter"})
    assert without[3] is None


def test_who_deleted_an_invite_is_not_told() -> None:
    payload = {"code": "abc", "guild_id": str(GUILD), "channel_id": str(CHANNEL)}
    (change,) = read("INVITE_DELETE", payload)
    assert isinstance(change, EventRecorded)
    assert (change.kind, change.user_id) == (INVITES_DELETED.number, None)


def test_invites_of_bots_and_ignored_channels_do_not_count() -> None:
    assert read("INVITE_CREATE", invite(inviter=robot()), rules=make_rules(track_bot_messages=False)) == []
    rules = make_rules(ignored_channel_ids=frozenset({CHANNEL}))
    assert read("INVITE_CREATE", invite(), rules=rules) == []
    assert read("INVITE_DELETE", invite(), rules=rules) == []


@pytest.mark.parametrize("event", ["INVITE_CREATE", "INVITE_DELETE"])
def test_an_invite_need_not_lead_to_a_channel(event: str) -> None:
    rules = make_rules(ignored_channel_ids=frozenset({IGNORED}))
    assert len(read(event, invite(channel_id=None), rules=rules)) == 1
