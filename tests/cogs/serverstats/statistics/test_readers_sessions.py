"""Voice and presence sessions, as events tell of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from cogs.serverstats.statistics.readers import KnownMember, State
from storage.statistics.catalogue import PRESENCE, VOICE
from storage.statistics.changes import Change, SessionClosed, SessionOpened
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
    make_rules,
    make_state,
    member_of,
    person,
    read,
    robot,
)

MINUTE_MS = 60_000


def enters(
    channel_id: int | None, state: State, rules: Any = None, *, at_ms: int = NOW_MS, **more: Any
) -> list[Change]:
    payload = {
        "guild_id": str(GUILD),
        "user_id": str(PERSON),
        "channel_id": None if channel_id is None else str(channel_id),
        "member": member_of(person()),
        **more,
    }
    return read("VOICE_STATE_UPDATE", payload, state, rules, at_ms=at_ms)


def does(
    activities: Sequence[Mapping[str, Any]], state: State, rules: Any = None, *, at_ms: int = NOW_MS
) -> list[Change]:
    payload = {
        "guild_id": str(GUILD),
        "user": {"id": str(PERSON)},
        "status": "online",
        "activities": activities,
    }
    return read("PRESENCE_UPDATE", payload, state, rules, at_ms=at_ms)


def opened(changes: Sequence[Change]) -> list[SessionOpened]:
    return [change for change in changes if isinstance(change, SessionOpened)]


def closed(changes: Sequence[Change]) -> list[SessionClosed]:
    return [change for change in changes if isinstance(change, SessionClosed)]


def test_a_voice_session_lasts_from_entering_to_leaving() -> None:
    state = make_state()
    (begin,) = enters(CHANNEL, state)
    (end,) = enters(None, state, at_ms=NOW_MS + MINUTE_MS)
    assert begin == SessionOpened(GUILD, VOICE.number, begin[2], PERSON, CHANNEL)
    assert time_ms_of(begin[2]) == NOW_MS
    assert end == SessionClosed(*begin, ended_at_ms=NOW_MS + MINUTE_MS)


def test_a_move_closes_one_session_and_opens_another() -> None:
    state = make_state()
    enters(CHANNEL, state)
    changes = enters(CHANNEL + 50, state, at_ms=NOW_MS + 1)
    assert [change.channel_id for change in closed(changes)] == [CHANNEL]
    assert [change.channel_id for change in opened(changes)] == [CHANNEL + 50]


def test_muting_and_deafening_change_nothing() -> None:
    state = make_state()
    enters(CHANNEL, state)
    assert enters(CHANNEL, state, self_mute=True, self_deaf=True, self_video=True, suppress=True) == []


def test_who_was_not_in_voice_cannot_leave_it() -> None:
    assert enters(None, make_state()) == []


def test_a_move_into_an_ignored_channel_only_closes() -> None:
    state = make_state()
    rules = make_rules(ignored_channel_ids=frozenset({IGNORED, CATEGORY}))
    enters(CHANNEL, state, rules)
    changes = enters(IGNORED, state, rules)
    assert (len(closed(changes)), len(opened(changes))) == (1, 0)
    assert enters(IN_CATEGORY, state, rules) == []
    assert len(opened(enters(CHANNEL, state, rules))) == 1


def test_bots_and_ignored_roles_have_no_sessions_where_they_do_not_count() -> None:
    without_bots = make_rules(track_bot_messages=False)
    assert enters(CHANNEL, make_state(), without_bots, member=member_of(robot(PERSON))) == []
    assert len(enters(CHANNEL, make_state(), member=member_of(robot(PERSON)))) == 1
    without_role = make_rules(ignored_role_ids=frozenset({ROLE}))
    assert enters(CHANNEL, make_state(), without_role, member=member_of(person(), ROLE)) == []
    known = make_state(members={PERSON: KnownMember(True, frozenset(), None)})
    assert does([game("Chess")], known, without_bots) == []


def test_who_leaves_the_server_is_in_no_session_any_more() -> None:
    state = make_state()
    enters(CHANNEL, state)
    does([game("Chess")], state)
    payload = {"guild_id": str(GUILD), "user": person()}
    assert {change.kind for change in closed(read("GUILD_MEMBER_REMOVE", payload, state))} == {
        VOICE.number,
        PRESENCE.number,
    }
    assert list(state.sessions.each(GUILD)) == []


def game(name: str, kind: int = 0, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def test_every_activity_has_a_session_by_type_and_name() -> None:
    state = make_state()
    changes = opened(does([game("Chess"), game("Spotify", 2), game("Chess", 3)], state))
    assert {(change.text, change.activity_type) for change in changes} == {
        ("Chess", 0),
        ("Spotify", 2),
        ("Chess", 3),
    }
    later = does([game("Spotify", 2)], state, at_ms=NOW_MS + 5)
    assert {(change.text, change.activity_type) for change in closed(later)} == {("Chess", 0), ("Chess", 3)}
    assert opened(later) == []


def test_a_change_of_details_goes_on_with_the_session() -> None:
    state = make_state()
    does([game("Spotify", 2, details="Song one", state="Band", id="a")], state)
    assert does([game("Spotify", 2, details="Song two", state="Band", id="b")], state) == []


def test_an_activity_that_is_shown_twice_is_one_session() -> None:
    assert len(does([game("Code", id="desktop"), game("Code", id="laptop")], make_state())) == 1


def test_a_custom_status_is_nothing_that_somebody_does() -> None:
    assert does([game("Custom Status", 4, state="brb")], make_state()) == []


def test_who_goes_offline_does_nothing_any_more() -> None:
    state = make_state()
    does([game("Chess")], state)
    assert len(closed(does([], state))) == 1


def test_long_names_of_activities_are_cut() -> None:
    (change,) = opened(does([game("x" * 128)], make_state()))
    assert change.text == "x" * 100


def test_who_opted_out_has_sessions_without_the_id() -> None:
    state = make_state(opted_out=[PERSON])
    changes = [*enters(CHANNEL, state), *does([game("Chess")], state), *enters(None, state)]
    assert [change[3] for change in changes] == [None, None, None]


def guild(**more: Any) -> dict[str, Any]:
    return {
        "id": str(GUILD),
        "voice_states": [{"user_id": str(PERSON), "channel_id": str(CHANNEL)}],
        "presences": [{"user": {"id": str(PERSON)}, "status": "dnd", "activities": [game("Chess")]}],
        "members": [member_of(person()), member_of(robot())],
        "channels": [],
        "threads": [],
        **more,
    }


def test_people_who_are_found_open_sessions() -> None:
    changes = opened(read("GUILD_CREATE", guild()))
    assert [(change.kind, change.user_id, change.channel_id, change.text) for change in changes] == [
        (VOICE.number, PERSON, CHANNEL, None),
        (PRESENCE.number, PERSON, None, "Chess"),
    ]


def test_people_who_are_not_found_any_more_close_theirs() -> None:
    state = make_state()
    read("GUILD_CREATE", guild(), state)
    assert read("GUILD_CREATE", guild(), state) == []
    assert len(closed(read("GUILD_CREATE", guild(voice_states=[], presences=[]), state))) == 2


def test_a_guild_in_an_outage_tells_nothing() -> None:
    state = make_state()
    read("GUILD_CREATE", guild(), state)
    assert read("GUILD_CREATE", {"id": str(GUILD), "unavailable": True}, state) == []


def test_a_presented_guild_says_itself_where_its_channels_lie_and_who_its_members_are() -> None:
    """What discord.py knows of it is as old as the last connection."""
    inside = [{"id": str(CHANNEL), "parent_id": str(CATEGORY)}]
    rules = make_rules(ignored_channel_ids=frozenset({CATEGORY}))
    assert opened(read("GUILD_CREATE", guild(channels=inside), rules=rules, kind=VOICE)) == []
    found = guild(voice_states=[{"user_id": str(BOT), "channel_id": str(CHANNEL)}])
    assert len(read("GUILD_CREATE", found, kind=VOICE)) == 1
    assert read("GUILD_CREATE", found, rules=make_rules(track_bot_messages=False), kind=VOICE) == []
    marked = guild(members=[member_of(person(), ROLE)])
    assert read("GUILD_CREATE", marked, rules=make_rules(ignored_role_ids=frozenset({ROLE}))) == []
