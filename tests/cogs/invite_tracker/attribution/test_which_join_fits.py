"""Which join fits which rise, and what is certain, ambiguous or unknown."""

from cogs.invite_tracker.attribution import Bounds
from storage.records import Certainty, Method, Reason, Source
from tests.cogs.invite_tracker.attribution.script import UNKNOWN, Script, candidate, invite


def test_a_single_join_and_a_single_rise_are_certain() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.decide(2_150)
    verdict = script.verdicts[1]
    assert (verdict.certainty, verdict.source, verdict.method) == (
        Certainty.CERTAIN,
        Source.INVITE,
        Method.USES_RISE,
    )
    assert (verdict.code, verdict.inviter_id) == ("a", candidate("a").inviter_id)
    assert (verdict.credited_code, verdict.credited_inviter_id) == (verdict.code, verdict.inviter_id)
    assert verdict.candidates == (candidate("a"),)
    assert [(line.code, line.units) for line in verdict.evidence] == [("a", 1)]
    assert verdict.reason is None


def test_nothing_is_decided_before_the_lag_bound_has_passed() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    assert script.decide(2_149).verdicts == ()
    assert script.ledger.wake_at_ms(script.steady_since) is not None
    assert len(script.decide(2_150).verdicts) == 1


def test_two_joins_on_two_codes_are_ambiguous() -> None:
    script = Script(invite("a"), invite("b"))
    script.join(1, 1_000)
    script.join(2, 1_010)
    script.look(1_100, 1_150, invite("a", 1), invite("b", 1))
    script.decide(2_150)
    for member_id in (1, 2):
        verdict = script.verdicts[member_id]
        assert verdict.certainty is Certainty.AMBIGUOUS
        assert (verdict.code, verdict.inviter_id) == (None, None)
        assert set(verdict.candidates) == {candidate("a"), candidate("b")}
        assert verdict.reason is Reason.SEVERAL_FIT
    assert {script.verdicts[1].credited_code, script.verdicts[2].credited_code} == {"a", "b"}


def test_two_joins_on_the_same_code_are_certain() -> None:
    script = Script(invite("a"), invite("b"))
    script.join(1, 1_000)
    script.join(2, 1_010)
    script.look(1_100, 1_150, invite("a", 2), invite("b"))
    script.decide(2_150)
    assert script.codes() == {1: "a", 2: "a"}


def test_candidates_of_one_inviter_make_the_inviter_certain_and_the_code_not() -> None:
    script = Script(invite("a", inviter_id=7), invite("b", inviter_id=7))
    script.join(1, 1_000)
    script.join(2, 1_010)
    script.look(1_100, 1_150, invite("a", 1, inviter_id=7), invite("b", 1, inviter_id=7))
    script.decide(2_150)
    verdict = script.verdicts[1]
    assert (verdict.certainty, verdict.code, verdict.inviter_id) == (Certainty.AMBIGUOUS, None, 7)
    assert verdict.source is Source.INVITE


def test_a_join_that_reached_us_before_the_earlier_request_is_not_meant() -> None:
    """Its use was counted before, whatever the clocks say."""
    script = Script(invite("a"), invite("b"))
    script.join(1, 1_000, 1_080)
    request = script.ask(1_080)
    script.ledger.note_invites(request, script.arrivals[1].received_at_ms + 60, [invite("a", 1), invite("b")])
    script.join(2, 1_090, 1_150)
    script.look(1_151, 1_200, invite("a", 1), invite("b", 1))
    script.decide(2_200)
    assert script.codes() == {1: "a", 2: "b"}


def test_a_join_after_the_answer_by_more_than_the_margin_is_not_meant() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.join(2, 1_551)
    script.look(1_700, 1_750, invite("a", 1))
    script.decide(2_750)
    assert script.codes() == {1: "a", 2: None}
    assert script.verdicts[2].reason is Reason.NO_COUNTER_ROSE


def test_a_join_after_the_answer_within_the_margin_may_be_meant() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.join(2, 1_549)
    script.look(1_700, 1_750, invite("a", 1))
    script.decide(2_750)
    assert script.fits(1) == script.fits(2) == {"a", None}


def test_what_must_be_covered_decides_what_remains() -> None:
    """The later join fits both windows, but only it fits the second, so the first join has the first rise."""
    script = Script(invite("a"), invite("b"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1), invite("b"))
    script.join(2, 1_300)
    script.look(1_381, 1_450, invite("a", 1), invite("b", 1))
    script.decide(2_450)
    assert script.codes() == {1: "a", 2: "b"}


def test_a_join_before_the_invite_existed_is_not_meant() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.join(2, 3_000)
    script.look(3_081, 3_150, invite("a", 1), invite("new", 1, created=2_500))
    script.decide(4_150)
    assert script.codes() == {1: "a", 2: "new"}


def test_an_invite_made_and_used_between_two_looks_is_a_rise() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"), invite("new", 1, created=900))
    script.decide(2_150)
    assert script.codes() == {1: "new"}


def test_an_old_invite_that_a_list_left_out_before_proves_nothing() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"), invite("hidden", 1, created=-900_000))
    script.decide(2_150)
    assert script.fits(1) == {"hidden", None}
    assert script.unexplained == []


def test_a_join_without_a_rise_is_unknown_and_credits_nobody() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"))
    script.decide(1_151)
    verdict = script.verdicts[1]
    assert (verdict.certainty, verdict.source, verdict.method) == (
        Certainty.UNKNOWN,
        Source.UNKNOWN,
        Method.NONE,
    )
    assert verdict.reason is Reason.NO_COUNTER_ROSE
    assert (verdict.candidates, verdict.credited_code) == ((), None)


def test_a_join_beside_one_without_a_counter_may_be_either() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.join(2, 1_001)
    script.look(1_100, 1_150, invite("a", 1))
    script.decide(2_150)
    for member_id in (1, 2):
        assert set(script.verdicts[member_id].candidates) == {candidate("a"), UNKNOWN}
        assert script.verdicts[member_id].source is Source.UNKNOWN
    assert [script.verdicts[1].credited_code, script.verdicts[2].credited_code].count("a") == 1


def test_a_join_that_nobody_looked_for_yet_is_not_settled() -> None:
    script = Script(invite("a"))
    script.look(900, 1_100, invite("a"))
    script.join(1, 1_000, 1_120)
    assert script.decide(3_000).verdicts == ()
    assert script.ledger.wants_request(script.arrivals[1].received_at_ms)


def test_vanity_is_measured_by_its_own_counter() -> None:
    script = Script(invite("a"), vanity=7)
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"), vanity=8)
    script.decide(2_150)
    verdict = script.verdicts[1]
    assert (verdict.source, verdict.code, verdict.method) == (Source.VANITY, "ours", Method.VANITY_DELTA)
    assert (verdict.certainty, verdict.inviter_id) == (Certainty.CERTAIN, None)


def test_vanity_is_never_concluded_by_elimination() -> None:
    script = Script(invite("a"), vanity=7)
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"), vanity=7)
    script.decide(2_150)
    assert script.verdicts[1].source is Source.UNKNOWN


def test_a_join_is_not_settled_as_unknown_while_the_vanity_counter_is_awaited() -> None:
    script = Script(invite("a"), vanity=7)
    script.join(1, 1_000)
    request = script.ask(1_081)
    script.ledger.note_invites(request, script.arrivals[1].received_at_ms + 50, [invite("a")])
    assert script.decide(5_000).verdicts == ()
    script.ledger.note_vanity(request, script.arrivals[1].received_at_ms + 60, {"code": "ours", "uses": 8})
    script.decide(5_001)
    assert script.codes() == {1: "ours"}


def test_another_vanity_word_proves_nothing() -> None:
    script = Script(invite("a"), vanity=7)
    script.join(1, 1_000)
    request = script.ask(1_081)
    script.ledger.note_invites(request, script.arrivals[1].received_at_ms + 50, [invite("a")])
    script.ledger.note_vanity(request, script.arrivals[1].received_at_ms + 50, {"code": "new", "uses": 9})
    script.decide(2_200)
    assert script.fits(1) == {"ours", "new", None}


def test_a_counter_that_falls_is_no_rise_and_the_next_rise_counts_from_there() -> None:
    script = Script(invite("a", 5))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 0))
    script.decide(2_150)
    script.join(2, 3_000)
    script.look(3_081, 3_150, invite("a", 1))
    script.decide(4_150)
    assert script.codes() == {1: None, 2: "a"}


def test_the_first_list_ever_is_a_beginning_without_rises() -> None:
    script = Script(invite("a", 100))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 100))
    script.decide(2_150)
    assert script.codes() == {1: None}
    assert script.unexplained == []


def test_no_window_closes_while_the_gateway_is_not_steady() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.steady_since = None
    assert script.decide(8_000).verdicts == ()
    script.steady_since = script.arrivals[1].received_at_ms + 7_000
    assert script.decide(9_000).verdicts == ()
    script.decide(9_081)
    assert script.codes() == {1: "a"}


def test_a_join_that_a_disconnect_held_up_is_still_a_candidate() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.steady_since = None
    script.look(1_081, 1_150, invite("a", 1))
    script.decide(4_000)
    script.join(2, 1_020, 5_000)
    script.steady_since = script.arrivals[2].received_at_ms
    script.look(5_001, 5_050, invite("a", 1))
    script.decide(6_100)
    assert script.fits(1) == script.fits(2) == {"a", None}


def test_an_invite_whose_channel_is_null_counts_like_any_other() -> None:
    script = Script(invite("a", channel_id=None))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1, channel_id=None))
    script.decide(2_150)
    assert script.codes() == {1: "a"}


def test_a_join_that_is_noted_twice_is_one_join() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    assert not script.ledger.note_join(script.arrivals[1])
    assert script.ledger.pending_count == 1


def test_an_invite_that_the_bot_made_counts_for_its_owner() -> None:
    script = Script(invite("a"))
    script.ledger.note_owner("made", 77)
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"), invite("made", 1, created=500, inviter_id=3))
    script.decide(2_150)
    assert script.verdicts[1].inviter_id == 77
    assert script.known["made"].inviter_id == 77


def test_a_tangle_beyond_the_limit_stays_open_with_all_that_fits() -> None:
    script = Script(invite("a"), bounds=Bounds(edge_limit=0))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.decide(2_150)
    assert script.verdicts[1].reason is Reason.SEVERAL_FIT
    assert script.fits(1) == {"a", None}
    assert script.verdicts[1].credited_code == "a"


def test_two_hundred_joins_in_a_second_keep_every_total_exact() -> None:
    codes = "abcde"
    script = Script(*(invite(code) for code in codes))
    for number in range(200):
        script.join(number, 1_000 + number * 5)
    uses = {"a": 80, "b": 60, "c": 40, "d": 15, "e": 5}
    script.look(2_100, 2_150, *(invite(code, uses[code]) for code in codes))
    script.decide(3_150)
    credited = [verdict.credited_code for verdict in script.verdicts.values()]
    assert {code: credited.count(code) for code in codes} == uses
    assert all(verdict.certainty is Certainty.AMBIGUOUS for verdict in script.verdicts.values())


def test_a_clock_behind_discords_rules_no_join_out() -> None:
    """Discord's stamps lie five seconds in what is the future here."""
    script = Script(invite("a"), invite("b"))
    script.join(1, 6_000, 1_080)
    script.look(1_081, 1_150, invite("a", 1), invite("b"))
    script.join(2, 12_000, 7_080)
    script.look(7_081, 7_150, invite("a", 1), invite("b", 1))
    script.decide(8_150)
    assert script.codes() == {1: "a", 2: "b"}
