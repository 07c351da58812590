"""A restart from what was committed makes windows coarser, and neither loses nor doubles a use."""

from cogs.invite_tracker.attribution import Bounds
from storage.records import Certainty
from tests.cogs.invite_tracker.attribution.script import T0, Script, invite


def test_an_undecided_join_is_decided_after_a_restart() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.decide(1_151)
    script.restart(1_200)
    script.look(2_000, 2_050, invite("a", 1))
    script.decide(3_050)
    assert script.codes() == {1: "a"}
    assert script.known["a"].accounted_uses == 1


def test_a_rise_is_stored_as_open_until_it_is_explained() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.decide(1_151)
    row = script.known["a"]
    assert (row.uses, row.accounted_uses, row.open_since_ms) == (1, 0, T0 - 1_000)
    script.decide(2_150)
    row = script.known["a"]
    assert (row.uses, row.accounted_uses, row.open_since_ms) == (1, 1, None)


def test_a_decided_use_is_not_counted_again_after_a_restart() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.decide(2_150)
    script.restart(2_200)
    script.join(2, 3_000)
    script.look(3_081, 3_150, invite("a", 1))
    script.decide(4_150)
    assert script.codes() == {1: "a", 2: None}
    assert script.unexplained == []


def test_joins_of_the_downtime_are_a_batch_like_any_other() -> None:
    script = Script(invite("a"), invite("b"))
    script.restart(60_000)
    script.join(1, 10_000, 60_100)
    script.join(2, 20_000, 60_100)
    script.look(60_200, 60_300, invite("a", 2), invite("b"))
    script.decide(61_300)
    assert script.codes() == {1: "a", 2: "a"}


def test_a_vanished_invite_is_found_missing_again_after_a_restart() -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"))
    script.decide(1_151)
    script.restart(1_200)
    script.look(2_000, 2_050, invite("a"))
    script.audit()
    script.decide(3_050)
    assert script.codes() == {1: "once"}


def test_an_invite_known_from_its_event_survives_a_restart() -> None:
    script = Script(invite("a"))
    script.ledger.note_invite_created(invite("once", max_uses=1, created=500))
    script.decide(600)
    script.restart(700)
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"))
    script.audit()
    script.decide(2_150)
    assert script.codes() == {1: "once"}


def test_a_vanity_rise_survives_a_restart() -> None:
    script = Script(vanity=7)
    script.join(1, 1_000)
    script.look(1_081, 1_150, vanity=8)
    script.decide(1_151)
    script.restart(1_200)
    script.look(2_000, 2_050, vanity=8)
    script.decide(3_050)
    assert script.codes() == {1: "ours"}
    assert script.baseline is not None
    assert (script.baseline.vanity_uses, script.baseline.vanity_accounted_uses) == (8, 8)


def test_a_provisional_join_is_repaired_after_a_restart() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.decide(11_080)
    script.restart(12_000)
    script.look(12_100, 12_200, invite("a", 1))
    script.decide(13_200)
    assert [verdict.code for verdict in script.repairs] == ["a"]


def test_a_restored_join_gets_its_patience_anew() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.restart(100_000)
    assert script.decide(100_001).verdicts == ()


def test_doubt_survives_a_restart() -> None:
    script = Script(invite("a"), invite("b"), bounds=Bounds(patience_ms=500))
    script.join(1, 1_000, 1_080)
    script.join(2, 1_050, 1_090)
    script.look(1_100, 1_150, invite("a", 1), invite("b", 1))
    script.join(3, 1_400, 1_640)
    script.decide(1_650)
    assert 3 not in script.verdicts
    assert script.baseline is not None
    assert script.baseline.suspect_until_ms is not None
    script.restart(1_700)
    script.look(1_800, 1_850, invite("a", 1), invite("b", 1))
    script.decide(2_850)
    assert script.verdicts[3].certainty is not Certainty.CERTAIN


def test_doubt_ends_with_the_joins_that_it_is_about() -> None:
    script = Script(invite("a"), invite("b"), bounds=Bounds(patience_ms=500))
    script.join(1, 1_000, 1_080)
    script.join(2, 1_050, 1_090)
    script.look(1_100, 1_150, invite("a", 1), invite("b", 1))
    script.join(3, 1_400, 1_640)
    script.decide(1_650)
    script.look(1_800, 1_850, invite("a", 1), invite("b", 1))
    script.decide(2_850)
    assert script.baseline is not None
    assert script.baseline.suspect_until_ms is None


def test_a_deleted_invite_stays_as_a_tombstone() -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"))
    script.audit()
    script.decide(1_151)
    assert script.known["once"].deleted_at_ms is None, "its last use is still open"
    script.decide(2_150)
    assert script.known["once"].deleted_at_ms == T0 + 1_150


def test_a_use_that_was_only_possible_is_not_taken_off_the_next_rise() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"), invite("hidden", 1, created=-900_000))
    script.decide(2_150)
    script.restart(2_200)
    script.join(2, 3_000)
    script.look(3_081, 3_150, invite("a"), invite("hidden", 2, created=-900_000))
    script.decide(4_150)
    assert script.codes() == {1: None, 2: "hidden"}
