"""Until when a shard has certainly missed nothing: the rule behind the heartbeats that are stored."""

from collections import deque
from dataclasses import dataclass, field

PROOF_SECONDS = 110.0
"""As long as a connection may be dead before discord.py notices: 60 seconds of silence, looked for every 41."""


@dataclass(slots=True)
class _Shard:
    steady_since_ms: int
    proven_ms: int
    open: deque[tuple[int, float]] = field(default_factory=deque)


class HeartbeatClaims:
    """Holds back what each shard claims until nothing can refute it any more.

    A connection that looks steady may have been dead for a while (a cable was pulled, a laptop slept), and
    nothing that Discord tells meanwhile arrives. So a claim counts only when the connection outlived it long
    enough, on the clock by which discord.py looks for dead connections. Being connected or resumed is proof
    at once: Discord repeats what was missed, or the guilds are compared with the record.
    """

    def __init__(self) -> None:
        self._shards: dict[int, _Shard] = {}

    def claim(
        self, shard_id: int, *, now_ms: int, monotonic: float, steady_since_ms: int, lead_ms: int = 0
    ) -> int:
        """Claim that everything until now is on record, and return until when that is proven.

        The result is in epoch milliseconds of Discord's clock, ours being `lead_ms` ahead of it.
        """
        shard = self._shards.get(shard_id)
        if shard is None or shard.steady_since_ms != steady_since_ms:
            shard = self._shards[shard_id] = _Shard(steady_since_ms, steady_since_ms - lead_ms)
        shard.open.append((now_ms - lead_ms, monotonic))
        while shard.open[0][1] <= monotonic - PROOF_SECONDS:
            shard.proven_ms = shard.open.popleft()[0]
        return shard.proven_ms
