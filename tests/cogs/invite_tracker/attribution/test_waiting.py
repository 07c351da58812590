"""What happens when answers are late, fail, or never come."""

import pytest

from cogs.invite_tracker.attribution import Bounds
from storage.records import Certainty, Reason, UnexplainedRise
from tests.cogs.invite_tracker.attribution.script import T0, Script, invite


def late_counter() -> Script:
    """A join whose use shows only in the list after the next."""
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"))
    script.decide(2_150)
    assert script.verdicts[1].certainty is Certainty.UNKNOWN
    script.look(5_000, 5_100, invite("a", 1))
    return script


def test_a_counter_that_lags_behind_repairs_the_unknown_join_to_ambiguous() -> None:
    script = late_counter()
    script.decide(6_100)
    assert [verdict.arrival.member_id for verdict in script.repairs] == [1]
    assert script.fits(1) == {"a", None}
    assert script.verdicts[1].credited_code == "a"
    assert script.unexplained == []


def test_no_answer_beside_an_uncoverable_rise_is_certain() -> None:
    script = Script(invite("a"), invite("b"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1), invite("b", 1))
    script.decide(2_150)
    assert script.fits(1) == {"a", "b", None}
    assert script.verdicts[1].credited_code in {"a", "b"}


def test_a_rise_that_no_join_explains_is_on_record_after_thirty_seconds() -> None:
    script = Script(invite("a", 3))
    script.look(1_000, 1_100, invite("a", 5))
    script.decide(31_099)
    assert script.unexplained == []
    assert script.ledger.wake_at_ms(script.steady_since) == T0 + 31_100
    script.decide(31_100)
    assert script.unexplained == [UnexplainedRise("a", 2, T0 - 1_000, T0 + 1_100)]
    assert (script.known["a"].uses, script.known["a"].accounted_uses) == (5, 5)
    assert script.known["a"].open_since_ms is None


def test_an_unexplained_vanity_rise_has_no_code() -> None:
    script = Script(vanity=3)
    script.look(1_000, 1_100, vanity=4)
    script.decide(2_100)
    script.decide(31_100)
    assert script.unexplained == [UnexplainedRise(None, 1, T0 - 1_000, T0 + 1_100)]


def test_nothing_unexplained_is_credited_to_the_next_who_joins() -> None:
    script = Script(invite("a", 3))
    script.look(1_000, 1_100, invite("a", 4))
    script.join(1, 9_000)
    script.look(9_081, 9_150, invite("a", 4))
    script.decide(10_150)
    assert script.verdicts[1].reason is Reason.NO_COUNTER_ROSE


def test_a_failed_request_blames_no_invite_and_only_widens_the_window() -> None:
    script = Script(invite("a"), invite("b"))
    script.join(1, 1_000)
    script.ledger.note_failed_request(script.ask(1_081), T0 + 1_150)
    assert script.decide(1_151).is_empty
    script.join(2, 2_000)
    script.look(2_200, 2_250, invite("a", 1), invite("b", 1))
    script.decide(3_250)
    assert script.fits(1) == script.fits(2) == {"a", "b"}


def test_a_join_that_nobody_could_look_for_is_announced_once_and_repaired_later() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000, 1_080)
    script.ledger.note_failed_request(script.ask(1_081), T0 + 1_150)
    script.decide(11_079)
    assert script.verdicts == {}
    script.decide(11_080)
    assert script.verdicts[1].reason is Reason.REQUEST_FAILED
    assert script.verdicts[1].is_provisional
    assert script.decide(12_000).verdicts == ()
    script.look(20_000, 20_100, invite("a", 1))
    script.decide(21_100)
    assert [(verdict.code, verdict.is_provisional) for verdict in script.repairs] == [("a", False)]


def test_a_provisional_join_is_repaired_as_unknown_when_no_counter_rose() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.decide(11_080)
    script.look(20_000, 20_100, invite("a"))
    script.decide(21_100)
    assert [verdict.reason for verdict in script.repairs] == [Reason.NO_COUNTER_ROSE]


def test_without_manage_server_joins_are_unknown_at_once_and_say_why() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.ledger.note_blind()
    script.decide(1_100)
    assert script.verdicts[1].reason is Reason.MANAGE_SERVER_MISSING
    script.join(2, 2_000)
    script.decide(2_081)
    assert script.verdicts[2].reason is Reason.MANAGE_SERVER_MISSING
    assert not script.ledger.wants_request(T0 + 60_000)


def test_a_list_without_uses_means_that_manage_server_is_missing() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    bare = invite("a")
    del bare["uses"]
    script.look(1_081, 1_150, bare)
    assert script.ledger.is_blind
    assert not script.ledger.has_request
    script.decide(1_151)
    assert script.verdicts[1].reason is Reason.MANAGE_SERVER_MISSING


@pytest.mark.parametrize("with_restart", [False, True])
def test_the_first_list_after_blindness_is_a_fresh_beginning(with_restart: bool) -> None:
    script = Script(invite("a"))
    script.ledger.note_blind()
    script.join(1, 1_000)
    script.decide(1_081)
    if with_restart:
        script.restart(1_500)
    script.look(2_000, 2_100, invite("a", 9))
    script.join(2, 3_000)
    script.look(3_081, 3_150, invite("a", 9))
    script.decide(4_150)
    assert script.verdicts[2].reason is Reason.NO_COUNTER_ROSE
    assert script.unexplained == []
    script.join(3, 5_000)
    script.look(5_081, 5_150, invite("a", 10))
    script.decide(6_150)
    assert script.codes()[3] == "a"


def unending_chain(script: Script, joins: int) -> int:
    """Play joins so close to each other that every window hangs together with the next; return the end."""
    at = 1_000
    for number in range(joins):
        script.join(2 * number, at, at + 50)
        script.join(2 * number + 1, at + 10, at + 60)
        uses = number + 1
        script.look(at + 80, at + 130, invite("a", uses), invite("b", uses))
        at += 200
        script.decide(at - 60)
    return at


def test_a_lasting_burst_postpones_nothing_beyond_the_patience() -> None:
    script = Script(invite("a"), invite("b"), bounds=Bounds(patience_ms=2_000))
    end = unending_chain(script, 40)
    undecided = [arrival for arrival in script.arrivals.values() if arrival.received_at_ms < T0 + end - 2_400]
    assert undecided == []
    assert all(verdict.certainty is Certainty.AMBIGUOUS for verdict in script.verdicts.values())


def test_after_a_burst_every_total_is_exact() -> None:
    script = Script(invite("a"), invite("b"), bounds=Bounds(patience_ms=2_000))
    script.decide(unending_chain(script, 40) + 2_000)
    credited = [verdict.credited_code for verdict in script.verdicts.values()]
    assert (len(credited), credited.count("a"), credited.count("b")) == (80, 40, 40)


def test_nothing_that_rests_on_a_rise_beside_one_credited_early_becomes_certain() -> None:
    """The first join is settled for lack of time and credited one of two rises; which one, proves nothing."""
    script = Script(invite("a"), invite("b"), bounds=Bounds(patience_ms=500))
    script.join(1, 1_000, 1_080)
    script.look(1_081, 1_150, invite("a", 1), invite("b", 1))
    script.decide(1_650)
    assert script.fits(1) == {"a", "b", None}
    script.join(2, 1_100, 1_700)
    script.look(1_800, 1_850, invite("a", 1), invite("b", 1))
    script.decide(2_850)
    assert script.verdicts[2].certainty is Certainty.AMBIGUOUS
    assert {script.verdicts[1].credited_code, script.verdicts[2].credited_code} == {"a", "b"}


def test_a_join_left_beside_one_settled_early_keeps_what_fitted_it_before() -> None:
    script = Script(invite("a"), invite("b"), bounds=Bounds(patience_ms=500))
    script.join(1, 1_000, 1_080)
    script.look(1_081, 1_150, invite("a", 1), invite("b", 1))
    script.join(2, 1_100, 1_640)
    script.decide(1_650)
    script.look(1_800, 1_850, invite("a", 1), invite("b", 1))
    script.decide(2_850)
    assert script.fits(2) == {"a", "b", None}


def test_while_the_gateway_is_away_a_join_gets_more_patience() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.steady_since = None
    script.decide(61_149)
    assert script.verdicts == {}
    script.decide(61_150)
    assert script.fits(1) == {"a", None}


def test_a_second_request_at_the_same_time_is_refused() -> None:
    script = Script(invite("a"))
    script.ask(1_000)
    with pytest.raises(RuntimeError, match="under way"):
        script.ask(1_001)


def test_an_answer_that_nobody_awaits_any_more_changes_nothing() -> None:
    script = Script(invite("a"))
    request = script.ask(1_000)
    script.ledger.note_failed_request(request, T0 + 1_050)
    script.ledger.note_invites(request, T0 + 1_100, [invite("a", 5)])
    assert script.decide(1_101).is_empty


def test_a_quiet_guild_needs_no_waking() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.decide(2_150)
    assert script.ledger.wake_at_ms(script.steady_since) is None
