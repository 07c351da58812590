"""What a shard claims to have on record counts once nothing can refute it any more."""

from bot.heartbeat_claims import PROOF_SECONDS, HeartbeatClaims

EVERY_SECONDS = 15
SLEPT_MS = 3 * 3_600_000


def beat(claims: HeartbeatClaims, seconds: float, *, steady_since: float = 0, wall_ahead_ms: int = 0) -> int:
    """Claim at this second of the monotonic clock; the wall clock began with it and may have gone on alone."""
    return claims.claim(
        1,
        now_ms=int(seconds * 1000) + wall_ahead_ms,
        monotonic=seconds,
        steady_since_ms=int(steady_since * 1000),
    )


def test_being_connected_is_proof_at_once() -> None:
    assert beat(HeartbeatClaims(), 7, steady_since=2) == 2_000


def test_a_claim_counts_once_a_dead_connection_would_have_been_noticed() -> None:
    claims = HeartbeatClaims()
    proven = [beat(claims, second) for second in range(EVERY_SECONDS, 200, EVERY_SECONDS)]
    # 15, 30, …, 120, 135, …: the first claim is proven 110 seconds after it, at the next beat.
    assert proven[:7] == [0] * 7
    assert proven[7] == 0
    assert proven[8:11] == [15_000, 30_000, 45_000]


def test_what_is_proven_never_shrinks() -> None:
    claims = HeartbeatClaims()
    beat(claims, 10)
    assert beat(claims, 10 + PROOF_SECONDS) == 10_000
    assert beat(claims, 11 + PROOF_SECONDS) == 10_000


def test_the_time_that_a_suspended_machine_slept_is_not_claimed_before_its_connection_is_known_to_live() -> (
    None
):
    """The monotonic clock stands still meanwhile; the first beat comes before anybody notices."""
    claims = HeartbeatClaims()
    for second in range(0, 300, EVERY_SECONDS):
        awake = beat(claims, second)
    assert beat(claims, 300, wall_ahead_ms=SLEPT_MS) < 300_000
    assert beat(claims, 300 + PROOF_SECONDS / 2, wall_ahead_ms=SLEPT_MS) < 300_000
    assert awake < 300_000
    # It lives: discord.py would have noticed by now.
    assert beat(claims, 300 + PROOF_SECONDS, wall_ahead_ms=SLEPT_MS) == 300_000 + SLEPT_MS


def test_claims_of_a_connection_that_proved_dead_are_void() -> None:
    claims = HeartbeatClaims()
    beat(claims, 100)
    # It was noticed and mended at second 105, and what happened until then was made up for.
    assert beat(claims, 100 + PROOF_SECONDS, steady_since=105) == 105_000


def test_claims_are_told_in_the_time_of_discord() -> None:
    claims = HeartbeatClaims()
    assert claims.claim(1, now_ms=9_000, monotonic=0, steady_since_ms=8_000, lead_ms=3_000) == 5_000
    later = {"now_ms": 120_000, "monotonic": PROOF_SECONDS, "steady_since_ms": 8_000}
    assert claims.claim(1, **later) == 6_000  # type: ignore[arg-type]


def test_shards_are_told_apart() -> None:
    claims = HeartbeatClaims()
    assert claims.claim(0, now_ms=50, monotonic=0, steady_since_ms=40) == 40
    assert claims.claim(1, now_ms=50, monotonic=0, steady_since_ms=20) == 20
