"""Since when a guild is out of sight, and until when its shard has certainly told everything. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.heartbeat_claims import HeartbeatClaims
from storage.statistics.downtimes import Downtime, Reason


class ShardProofs:
    """Until when each shard has certainly told everything, at most now.

    An event proves that the connection was alive when it came; so does, later, a connection that goes on.
    """

    def __init__(self) -> None:
        self._claims = HeartbeatClaims()
        self._proven_ms: dict[int, int] = {}

    def claim(self, shard_id: int, *, now_ms: int, monotonic: float, steady_since_ms: int) -> None:
        """Note that a shard is connected; to be called every now and then."""
        self.note(
            shard_id,
            self._claims.claim(shard_id, now_ms=now_ms, monotonic=monotonic, steady_since_ms=steady_since_ms),
        )

    def note(self, shard_id: int, proven_ms: int) -> None:
        """Note a proof; later ones stay."""
        self._proven_ms[shard_id] = max(proven_ms, self._proven_ms.get(shard_id, 0))

    def proven_ms(self, shard_id: int) -> int | None:
        """Return until when, UTC epoch milliseconds; None without any proof."""
        return self._proven_ms.get(shard_id)


@dataclass(frozen=True, slots=True)
class _Absence:
    since_ms: int | None
    """None: nobody knows, as nothing was ever on record."""


class Absences:
    """The guilds that are out of sight: before Discord presents them, during an outage, after a farewell."""

    def __init__(self) -> None:
        self._absences: dict[int, _Absence] = {}

    def begin(self, guild_id: int, since_ms: int | None) -> None:
        """Lose sight of a guild; what began earlier goes on."""
        self._absences.setdefault(guild_id, _Absence(since_ms))

    def so_far(self, guild_id: int, now_ms: int, *, enabled_at_ms: int | None) -> Downtime | None:
        """Return the time of which nothing is on record.

        None when there is no such time, or nothing was to be recorded before `enabled_at_ms`.
        """
        absence = self._absences.get(guild_id)
        if absence is None or absence.since_ms is None:
            return None
        began_at_ms = max(absence.since_ms, enabled_at_ms or 0)
        return Downtime(began_at_ms, now_ms, Reason.AWAY) if began_at_ms < now_ms else None

    def end(self, guild_id: int) -> None:
        """See a guild again, or forget it."""
        self._absences.pop(guild_id, None)

    def is_absent(self, guild_id: int) -> bool:
        """Whether the guild is out of sight."""
        return guild_id in self._absences

    def guild_ids(self) -> tuple[int, ...]:
        """Return the guilds that are out of sight."""
        return tuple(self._absences)


def beat_of(guild_id: int, beats_ms: Mapping[int, int], shard_count: int | None) -> int | None:
    """Return the heartbeat that stands for a guild: that of its shard, or the oldest if its shard is not certain.

    Beats are on record for all shards of a process or for none; `shard_count` is None before Discord said how many there are.
    """
    count = shard_count or len(beats_ms)
    if beats_ms and beats_ms.keys() == set(range(count)):
        return beats_ms[(guild_id >> 22) % count]
    return min(beats_ms.values(), default=None)
