"""Absences, and the proofs of presence that bound them."""

import pytest

from cogs.serverstats.statistics.downtime import Absences, ShardProofs, beat_of
from storage.statistics.downtimes import Downtime, Reason
from tests.cogs.serverstats.statistics.scenery import GUILD


def test_an_absence_lasts_from_the_last_proof_until_the_guild_is_seen_again() -> None:
    absences = Absences()
    absences.begin(GUILD, 1_000)
    assert absences.is_absent(GUILD)
    assert absences.guild_ids() == (GUILD,)
    assert absences.so_far(GUILD, 4_000, enabled_at_ms=10) == Downtime(1_000, 4_000, Reason.AWAY)
    assert absences.so_far(GUILD, 5_000, enabled_at_ms=10) == Downtime(1_000, 5_000, Reason.AWAY)
    absences.end(GUILD)
    assert not absences.is_absent(GUILD)
    assert absences.so_far(GUILD, 6_000, enabled_at_ms=10) is None


def test_what_began_earlier_goes_on() -> None:
    absences = Absences()
    absences.begin(GUILD, 1_000)
    absences.begin(GUILD, 3_000)
    assert absences.so_far(GUILD, 5_000, enabled_at_ms=None) == Downtime(1_000, 5_000, Reason.AWAY)


def test_nothing_is_missing_before_anything_was_wanted() -> None:
    absences = Absences()
    absences.begin(GUILD, 1_000)
    assert absences.so_far(GUILD, 5_000, enabled_at_ms=4_000) == Downtime(4_000, 5_000, Reason.AWAY)
    assert absences.so_far(GUILD, 5_000, enabled_at_ms=5_000) is None
    absences.end(GUILD)
    absences.begin(GUILD, None)
    assert absences.so_far(GUILD, 5_000, enabled_at_ms=1) is None


@pytest.mark.parametrize(
    ("beats_ms", "shard_count", "expected"),
    [
        ({}, None, None),
        ({0: 500}, None, 500),
        ({0: 500, 1: 100, 2: 900}, None, 900),
        ({0: 500, 1: 100, 2: 900}, 3, 900),
        # Others than those of this process, and some of many: which one it was is not certain.
        ({0: 500, 1: 100, 2: 900}, 2, 100),
        ({1: 100, 2: 900}, None, 100),
        ({0: 500, 2: 900}, 4, 500),
    ],
)
def test_a_guild_is_proven_by_its_shard_if_that_is_certain(
    beats_ms: dict[int, int], shard_count: int | None, expected: int | None
) -> None:
    on_shard_two = 2 << 22
    assert beat_of(on_shard_two, beats_ms, shard_count) == expected


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
