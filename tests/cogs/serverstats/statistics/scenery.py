"""What the tests of the reading functions share: a state in which ids count up, and rules with the tests' exceptions."""

from collections.abc import Mapping, Sequence
from typing import Any

from cogs.serverstats.settings import ServerstatsSettings
from cogs.serverstats.statistics.readers import READERS, KnownMember, State
from cogs.serverstats.statistics.rules import GuildRules, rules_of
from cogs.serverstats.statistics.sessions import OpenSessions
from storage.statistics.catalogue import Group, Kind
from storage.statistics.changes import Change
from storage.statistics.record_ids import RecordIds

GUILD = 100
NOW_MS = 1_790_000_000_000
PERSON = 7
BOT = 8
ROLE = 55
CHANNEL = 500
IGNORED = 501
THREAD_OF_IGNORED = 502
CATEGORY = 600
IN_CATEGORY = 601


def make_state(
    *,
    opted_out: Sequence[int] = (),
    members: Mapping[int, KnownMember] | None = None,
) -> State:
    """Return a state without sessions and polls; channels lie as the constants say."""
    places = {THREAD_OF_IGNORED: (THREAD_OF_IGNORED, IGNORED), IN_CATEGORY: (IN_CATEGORY, CATEGORY)}
    known = members or {}
    ids = RecordIds()
    return State(
        next_id=ids.next,
        is_opted_out=lambda guild_id, user_id: guild_id == GUILD and user_id in opted_out,
        place_of=lambda _guild_id, channel_id: places.get(channel_id, (channel_id,)),
        member_of=lambda _guild_id, user_id: known.get(user_id),
        sessions=OpenSessions(ids.next),
    )


def make_rules(**changes: Any) -> GuildRules:
    """Return the rules of a guild that has everything on, with these settings beside."""
    return rules_of(GUILD, ServerstatsSettings(**{"enabled_groups": frozenset(Group), **changes}))


def read(
    event: str,
    payload: Mapping[str, Any],
    state: State | None = None,
    rules: GuildRules | None = None,
    *,
    kind: Kind | None = None,
    at_ms: int = NOW_MS,
) -> list[Change]:
    """Return what all readers of an event, or those that feed one kind, make of a payload."""
    state = state if state is not None else make_state()
    rules = rules if rules is not None else make_rules()
    return [
        change
        for reader in READERS
        if reader.event == event and (kind is None or kind in reader.feeds)
        for change in reader.read(payload, at_ms, rules, state)
    ]


def person(user_id: int = PERSON) -> dict[str, Any]:
    """Return somebody's user object; Discord leaves `bot` out of it."""
    return {"id": str(user_id), "username": "mia", "avatar": None}


def robot(user_id: int = BOT) -> dict[str, Any]:
    """Return a bot's user object."""
    return {"id": str(user_id), "username": "helper", "avatar": None, "bot": True}


def member_of(user: Mapping[str, Any], *role_ids: int) -> dict[str, Any]:
    """Return a member object."""
    return {"user": user, "roles": [str(role_id) for role_id in role_ids], "joined_at": None}


def message(message_id: int = 4_000, user: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a message as MESSAGE_CREATE carries it."""
    return {
        "id": str(message_id),
        "type": 0,
        "guild_id": str(GUILD),
        "channel_id": str(CHANNEL),
        "author": user or person(),
        "member": {"roles": []},
        **more,
    }
