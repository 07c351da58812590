"""What a tracker begins with: the state of its guild as it is on record."""

from dataclasses import dataclass

from bot.config import InviteTrackerConfig
from cogs.invite_tracker.attribution import Bounds, Ledger
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.tracking.keys import ArrivalKey
from cogs.invite_tracker.tracking.pending import PendingJoins
from cogs.invite_tracker.tracking.recording import COPY_MS
from storage.arrivals import fetch_arrivals
from storage.database import Database
from storage.guild_modules import fetch_module
from storage.invites import fetch_baseline, fetch_known_invites
from storage.joins import fetch_joins_of_members
from storage.records import Arrival


@dataclass(frozen=True, slots=True)
class Restored:
    """`since_ms` (our clock) is when tracking began, with room for copies of joins; `bots` are pending, too.

    `recorded` are the joins on record of those whose join is pending: the same one, or another of theirs.
    """

    ledger: Ledger
    pending: PendingJoins
    bots: tuple[Arrival, ...]
    recorded: frozenset[ArrivalKey]
    since_ms: int


async def restore(database: Database, guild_id: int, config: InviteTrackerConfig, now_ms: int) -> Restored:
    """Read what was committed last of a guild."""
    async with database.read() as rx:
        module = await fetch_module(rx, guild_id, MODULE)
        baseline = await fetch_baseline(rx, guild_id)
        known = await fetch_known_invites(rx, guild_id)
        arrivals = await fetch_arrivals(rx, guild_id)
        on_record = await fetch_joins_of_members(rx, guild_id, [arrival.member_id for arrival in arrivals])
    ledger = Ledger(
        guild_id,
        Bounds(
            margin_ms=config.clock_margin_ms,
            lag_bound_ms=config.lag_bound_ms,
            patience_ms=config.patience_ms,
            late_counter_ms=config.late_counter_ms,
            request_distance_least_ms=config.request_distance_least_ms,
            request_distance_most_ms=config.request_distance_most_ms,
        ),
    )
    pending = PendingJoins()
    pending.add(arrivals)
    recorded = frozenset(
        (member_id, join.joined_at_ms) for member_id, joins in on_record.items() for join in joins
    )
    pending.on_record.update(key for key in pending.arrivals if key in recorded)
    people = [arrival for arrival in arrivals if not arrival.is_bot]
    ledger.restore(baseline, known, people, now_ms, pending.on_record)
    since_ms = module.enabled_at_ms - COPY_MS if module is not None else now_ms
    bots = tuple(arrival for arrival in arrivals if arrival.is_bot)
    return Restored(ledger, pending, bots, recorded, since_ms)
