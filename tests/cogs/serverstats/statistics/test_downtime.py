"""Absences, and the proofs of presence that bound them."""

from cogs.serverstats.statistics.downtime import Absences, ShardProofs
from storage.statistics.downtimes import Downtime, Reason
from tests.cogs.serverstats.statistics.scenery import GUILD


def test_an_absence_lasts_from_the_last_proof_until_the_guild_is_seen_again() -> None:
    absences = Absences()
    absences.begin(GUILD, 1_000)
    assert absences.is_absent(GUILD)
    assert absences.end(GUILD, 5_000, enabled_at_ms=10) == Downtime(1_000, 5_000, Reason.AWAY)
    assert not absences.is_absent(GUILD)
    assert absences.end(GUILD, 6_000, enabled_at_ms=10) is None


def test_what_began_earlier_goes_on() -> None:
    absences = Absences()
    absences.begin(GUILD, 1_000)
    absences.begin(GUILD, 3_000)
    assert absences.end(GUILD, 5_000, enabled_at_ms=None) == Downtime(1_000, 5_000, Reason.AWAY)


def test_nothing_is_missing_before_anything_was_wanted() -> None:
    absences = Absences()
    absences.begin(GUILD, 1_000)
    assert absences.end(GUILD, 5_000, enabled_at_ms=4_000) == Downtime(4_000, 5_000, Reason.AWAY)
    absences.begin(GUILD, 1_000)
    assert absences.end(GUILD, 5_000, enabled_at_ms=5_000) is None
    absences.begin(GUILD, None)
    assert absences.end(GUILD, 5_000, enabled_at_ms=1) is None


def test_a_forgotten_guild_is_not_absent() -> None:
    absences = Absences()
    absences.begin(GUILD, 1_000)
    absences.forget(GUILD)
    assert not absences.is_absent(GUILD)


def test_an_event_is_a_proof_and_so_is_a_connection_that_outlived_it() -> None:
    proofs = ShardProofs()
    assert proofs.proven_ms(0) is None
    proofs.claim(0, now_ms=20_000, monotonic=0, steady_since_ms=5_000)
    assert proofs.proven_ms(0) == 5_000
    proofs.note(0, 12_000)
    proofs.note(0, 11_000)
    assert proofs.proven_ms(0) == 12_000
    proofs.claim(0, now_ms=200_000, monotonic=180, steady_since_ms=5_000)
    assert proofs.proven_ms(0) == 20_000
    assert proofs.proven_ms(1) is None
