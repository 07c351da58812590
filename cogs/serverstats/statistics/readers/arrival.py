"""A guild as Discord presents it: who is in voice and who does what when we begin to listen. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.gateway import Payload
from cogs.serverstats.statistics.readers.presence import read_presence
from cogs.serverstats.statistics.readers.state import KnownMember, State
from cogs.serverstats.statistics.readers.voice import read_voice_state
from cogs.serverstats.statistics.rules import GuildRules
from storage.statistics.catalogue import PRESENCE, VOICE
from storage.statistics.changes import Change


def read_voice_states(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> Iterable[Change]:
    """Take who is in voice; whoever is not named is not there."""
    return _read_all(payload, "voice_states", VOICE.number, received_at_ms, rules, state)


def read_presences(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> Iterable[Change]:
    """Take who does what; whoever is not named does nothing."""
    return _read_all(payload, "presences", PRESENCE.number, received_at_ms, rules, state)


def _read_all(
    payload: Payload, field: str, kind: int, received_at_ms: int, rules: GuildRules, state: State
) -> list[Change]:
    if payload.get("unavailable"):
        return []
    read = read_voice_state if kind == VOICE.number else read_presence
    # discord.py learns of this guild after us.
    local = replace(state, place_of=_Places(payload).place_of, member_of=_Members(payload, rules).member_of)
    entries: Iterable[Mapping[str, Any]] = payload.get(field) or ()
    found: set[int] = set()
    changes: list[Change] = []
    for entry in entries:
        found.add(int(entry["user_id"] if kind == VOICE.number else entry["user"]["id"]))
        changes += read(entry, received_at_ms, rules, local)
    for who in state.sessions.each(rules.guild_id):
        if who[0] == kind and who[1] not in found:
            changes += state.sessions.change(rules.guild_id, who, (), received_at_ms)
    return changes


class _Places:
    """Where the channels of a presented guild lie."""

    def __init__(self, payload: Payload) -> None:
        channels = (*payload.get("channels", ()), *payload.get("threads", ()))
        self._parents = {int(channel["id"]): int(channel.get("parent_id") or 0) for channel in channels}

    def place_of(self, _guild_id: int, channel_id: int) -> tuple[int, ...]:
        """Return the channel, its parent and its category."""
        place = [channel_id]
        while parent := self._parents.get(place[-1]):
            place.append(parent)
        return tuple(place)


class _Members:
    """The members of a presented guild, if it matters who they are."""

    def __init__(self, payload: Payload, rules: GuildRules) -> None:
        members = () if rules.counts_everyone else payload.get("members", ())
        self._members = {int(member["user"]["id"]): member for member in members}

    def member_of(self, _guild_id: int, user_id: int) -> KnownMember | None:
        """Return what is known of a member."""
        member = self._members.get(user_id)
        if member is None:
            return None
        is_bot = bool(member["user"].get("bot"))
        return KnownMember(is_bot, frozenset(map(int, member.get("roles", ()))), None)
