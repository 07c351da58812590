"""Invites that are gone: used up, expired, deleted by hand or with their channel."""

import pytest

from cogs.invite_tracker.attribution import AuditDeletion
from storage.records import Certainty, Method, Reason
from tests.cogs.invite_tracker.attribution.script import CHANNEL_ID, T0, Script, invite


def used_up(script: Script) -> None:
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"))


@pytest.mark.parametrize("deleted_at", [1_020, 1_100, None])
def test_an_invite_that_vanished_at_its_last_use_is_certain_in_either_order(deleted_at: int | None) -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    if deleted_at is not None and deleted_at < 1_080:
        script.ledger.note_invite_deleted("once", T0 + deleted_at)
    script.join(1, 1_000)
    if deleted_at is not None and deleted_at > 1_080:
        script.ledger.note_invite_deleted("once", T0 + deleted_at)
    script.look(1_081, 1_150, invite("a"))
    script.audit()
    script.decide(2_150)
    verdict = script.verdicts[1]
    assert (verdict.code, verdict.method, verdict.certainty) == ("once", Method.USED_UP, Certainty.CERTAIN)
    assert script.known["once"].deleted_at_ms is not None
    assert script.known["once"].accounted_uses == 1


def test_no_use_is_later_than_the_deletion_event() -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    script.ledger.note_invite_deleted("once", T0 + 1_050)
    script.join(1, 1_000)
    script.join(2, 1_500)
    script.look(1_600, 1_650, invite("a", 1))
    script.audit()
    script.decide(2_650)
    assert script.codes() == {1: "once", 2: "a"}


def test_an_invite_with_several_uses_left_brings_all_of_them() -> None:
    script = Script(invite("three", 1, max_uses=3))
    script.join(1, 1_000)
    script.join(2, 1_010)
    script.look(1_100, 1_150)
    script.audit()
    script.decide(2_150)
    assert script.codes() == {1: "three", 2: "three"}


def test_an_invite_known_only_from_its_creation_event_can_be_used_up() -> None:
    script = Script(invite("a"))
    script.ledger.note_invite_created(
        {**invite("once", max_uses=1, created=500), "channel": None, "channel_id": "5"}
    )
    used_up(script)
    script.audit()
    script.decide(2_150)
    assert script.codes() == {1: "once"}


def test_an_invite_deleted_by_hand_says_how_often_it_was_used() -> None:
    script = Script(invite("a"), invite("gone", 4))
    used_up(script)
    script.audit(AuditDeletion("gone", 5, T0 + 1_090))
    script.decide(2_150)
    assert (script.verdicts[1].code, script.verdicts[1].method) == ("gone", Method.USES_RISE)


def test_an_invite_deleted_by_hand_and_unused_blames_nobody() -> None:
    script = Script(invite("a"), invite("gone", 4, max_uses=5))
    used_up(script)
    script.audit(AuditDeletion("gone", 4, T0 + 1_090))
    script.decide(2_150)
    assert script.verdicts[1].reason is Reason.NO_COUNTER_ROSE
    assert script.known["gone"].deleted_at_ms is not None


def test_a_deletion_without_its_uses_proves_nothing() -> None:
    script = Script(invite("a"), invite("gone", 4, max_uses=5))
    used_up(script)
    script.audit(AuditDeletion("gone", None, None))
    script.decide(2_150)
    assert script.fits(1) == {"gone", None}


@pytest.mark.parametrize("expires", [1_100, 1_500])
def test_an_invite_that_may_have_expired_instead_is_never_certain(expires: int) -> None:
    script = Script(invite("a"), invite("once", max_uses=1, expires=expires))
    used_up(script)
    script.audit()
    script.decide(2_150)
    assert script.verdicts[1].certainty is Certainty.AMBIGUOUS
    assert script.fits(1) == {"once", None}


def test_an_invite_that_could_not_have_expired_yet_was_used_up() -> None:
    script = Script(invite("a"), invite("once", max_uses=1, expires=1_551))
    used_up(script)
    script.audit()
    script.decide(2_150)
    assert script.codes() == {1: "once"}


def test_a_join_after_the_expiry_is_not_meant() -> None:
    script = Script(invite("a"), invite("once", max_uses=1, expires=500))
    used_up(script)
    script.audit()
    script.decide(2_150)
    assert script.verdicts[1].reason is Reason.NO_COUNTER_ROSE


def test_an_invite_that_went_with_its_channel_is_never_certain() -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    used_up(script)
    script.audit(channels=())
    script.decide(2_150)
    assert script.fits(1) == {"once", None}


def test_an_unlimited_invite_that_vanished_is_never_certain() -> None:
    script = Script(invite("a"), invite("gone", 4))
    used_up(script)
    script.audit()
    script.decide(2_150)
    assert script.fits(1) == {"gone", None}


def test_a_vanished_invite_does_not_blur_a_join_that_must_have_another_rise() -> None:
    script = Script(invite("a"), invite("gone", 4))
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1))
    script.audit()
    script.decide(2_150)
    assert script.codes() == {1: "a"}


def test_without_the_audit_log_a_vanished_invite_is_ambiguous_and_says_why() -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    used_up(script)
    script.ledger.note_audit_unreadable(script.ledger.needs_audit_log())
    script.decide(2_150)
    verdict = script.verdicts[1]
    assert (verdict.certainty, verdict.reason) == (Certainty.AMBIGUOUS, Reason.AUDIT_LOG_MISSING)
    assert script.fits(1) == {"once", None}
    assert verdict.credited_code == "once"


def test_a_join_waits_for_the_audit_log() -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    used_up(script)
    assert [one.code for one in script.ledger.needs_audit_log()] == ["once"]
    assert script.decide(3_000).verdicts == ()
    script.audit()
    script.decide(3_001)
    assert script.codes() == {1: "once"}


def test_an_audit_log_that_never_answers_is_given_up() -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    used_up(script)
    script.decide(11_150)
    assert script.verdicts[1].reason is Reason.AUDIT_LOG_MISSING
    assert script.ledger.needs_audit_log() == ()


def test_an_invite_made_after_the_list_was_asked_for_has_not_vanished() -> None:
    """The list may have been too early to show it."""
    script = Script(invite("a"))
    script.join(1, 1_000)
    request = script.ask(1_081)
    script.ledger.note_invite_created(invite("once", max_uses=1, created=1_060))
    script.ledger.note_invites(request, script.arrivals[1].received_at_ms + 70, [invite("a", 1)])
    assert script.ledger.needs_audit_log() == ()
    script.decide(2_150)
    script.join(2, 3_000)
    script.look(3_081, 3_150, invite("a", 1), invite("once", 0, max_uses=1, created=1_060))
    script.join(3, 4_000)
    script.look(4_081, 4_150, invite("a", 1))
    script.audit()
    script.decide(5_150)
    assert script.codes() == {1: "a", 2: None, 3: "once"}


def test_an_invite_that_no_list_showed_although_it_may_have_existed_is_never_certain() -> None:
    """Its user may be the join that was settled before its use could be seen."""
    script = Script(invite("a"))
    script.join(1, 1_000)
    request = script.ask(1_081)
    script.ledger.note_invite_created(invite("once", max_uses=1, created=980))
    script.ledger.note_invites(request, script.arrivals[1].received_at_ms + 70, [invite("a")])
    script.decide(2_150)
    script.join(2, 3_000)
    script.look(3_081, 3_150, invite("a"))
    script.audit()
    script.decide(4_150)
    assert script.verdicts[2].certainty is Certainty.AMBIGUOUS
    assert script.fits(1) == {"once", None}, "the earlier join is repaired"
    assert [verdict.credited_code for verdict in script.verdicts.values()].count("once") == 1


def test_an_invite_that_is_listed_again_was_not_used_up() -> None:
    script = Script(invite("a"), invite("once", max_uses=1))
    used_up(script)
    script.join(2, 1_200)
    script.look(1_300, 1_350, invite("a"), invite("once", max_uses=1))
    script.audit()
    script.decide(2_350)
    assert script.codes() == {1: None, 2: None}
    assert script.known["once"].deleted_at_ms is None


def test_a_deletion_event_may_overtake_the_creation_event() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000)
    script.ledger.note_invite_deleted("once", T0 + 1_080)
    request = script.ask(1_081)
    script.ledger.note_invite_created(invite("once", max_uses=1, created=980))
    script.ledger.note_invites(request, T0 + 1_150, [invite("a")])
    assert script.ledger.wants_request(T0 + 1_181), "nothing was seen of an invite that is gone"
    script.look(1_181, 1_220, invite("a"))
    script.audit()
    script.decide(2_220)
    assert script.fits(1) == {"once", None}
    assert script.verdicts[1].credited_code == "once"


def test_an_answer_of_the_audit_log_holds_only_for_what_it_was_asked_about() -> None:
    """While it was on its way, the invite was listed again and then vanished a second time."""
    script = Script(invite("a"), invite("once", max_uses=1))
    used_up(script)
    asked_about = script.ledger.needs_audit_log()
    script.look(1_300, 1_350, invite("a"), invite("once", max_uses=1))
    script.decide(1_360)
    script.join(2, 2_000)
    script.look(2_081, 2_150, invite("a"))
    script.ledger.note_audit(asked_about, (), (CHANNEL_ID,))
    assert [one.code for one in script.ledger.needs_audit_log()] == ["once"]
    script.audit(AuditDeletion("once", 0, T0 + 2_100))
    script.decide(3_150)
    assert script.codes() == {1: None, 2: None}
