"""Samples: how many members there are, and how many of them are online. Pure."""

from collections.abc import Callable

from cogs.serverstats.statistics.rules import GuildRules
from storage.statistics.catalogue import MEMBERS_TOTAL, STATUSES, Group
from storage.statistics.changes import Sampled

SAMPLED = (MEMBERS_TOTAL, STATUSES)
"""The kinds that are sampled."""

PHASES = 15
"""So many times in each interval some of the guilds are sampled, each guild once."""

PRESENCES_COMPLETE_TO = 75_000
"""In larger guilds Discord tells of hardly anybody's presence at the start (Discord documentation, Gateway Events,
Guild Create): whoever is not named would pass for offline."""


def phase_of(guild_id: int) -> int:
    """Return the guild's turn; the low bits of ids are not spread evenly, their time is."""
    return (guild_id >> 22) % PHASES


def sample(
    rules: GuildRules, members: int, statuses: tuple[int, int] | None, next_id: Callable[[], int]
) -> tuple[Sampled, ...]:
    """Return the samples that a guild wants; `statuses` is how many are online or idle, and how many are busy.

    Online, offline and busy add up to all members.
    """
    samples = []
    if Group.MEMBERS in rules.groups:
        samples.append(Sampled(rules.guild_id, MEMBERS_TOTAL.number, next_id(), members))
    if Group.ACTIVITIES in rules.groups and statuses is not None and members <= PRESENCES_COMPLETE_TO:
        online, dnd = statuses
        offline = max(0, members - online - dnd)
        samples.append(Sampled(rules.guild_id, STATUSES.number, next_id(), online, offline, dnd))
    return tuple(samples)
