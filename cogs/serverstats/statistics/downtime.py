"""Since when a guild is out of sight, and until when its shard has certainly told everything. Pure."""

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

    def end(self, guild_id: int, now_ms: int, *, enabled_at_ms: int | None) -> Downtime | None:
        """See a guild again, and return the time of which nothing is on record.

        None when there is no such time, or nothing was to be recorded before `enabled_at_ms`.
        """
        absence = self._absences.pop(guild_id, None)
        if absence is None or absence.since_ms is None:
            return None
        began_at_ms = max(absence.since_ms, enabled_at_ms or 0)
        return Downtime(began_at_ms, now_ms, Reason.AWAY) if began_at_ms < now_ms else None

    def forget(self, guild_id: int) -> None:
        """Forget a guild, absent or not."""
        self._absences.pop(guild_id, None)

    def is_absent(self, guild_id: int) -> bool:
        """Whether the guild is out of sight."""
        return guild_id in self._absences
