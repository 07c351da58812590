"""An invite whose maker may not be named is nobody's for good, whoever Discord names."""

from dataclasses import replace
from typing import Any

from cogs.invite_tracker.attribution import Bounds, Ledger
from storage.records import Arrival, InviteBaseline
from tests.storage.rows import GUILD, ORDINARY_INVITE

START_MS = 1_700_000_000_000
MAKER = 77
INVITE = replace(ORDINARY_INVITE, uses=3, accounted_uses=3, created_at_ms=START_MS - 1_000_000)


def listed(uses: int) -> list[dict[str, Any]]:
    return [{"code": INVITE.code, "uses": uses, "max_uses": 0, "inviter": {"id": str(MAKER)}}]


def look(ledger: Ledger, at_ms: int, uses: int) -> None:
    ledger.note_invites(ledger.open_request(at_ms, with_vanity=False), at_ms + 10, listed(uses))


def restored(inviter_id: int | None) -> Ledger:
    """Return a ledger that knows one invite with three uses."""
    ledger = Ledger(GUILD, Bounds())
    baseline = InviteBaseline(GUILD, START_MS, None, None, None, None, None)
    ledger.restore(baseline, [replace(INVITE, inviter_id=inviter_id)], [], START_MS + 1)
    return ledger


def join_by_it(ledger: Ledger, at_ms: int, uses: int) -> tuple[int | None, int | None]:
    """Let somebody use the invite, and return the inviter who is named, and the one who is credited."""
    ledger.note_join(Arrival(GUILD, at_ms, at_ms, at_ms + 5, False, True, False))
    look(ledger, at_ms + 10, uses)
    (verdict,) = ledger.decide(at_ms + 5_000, START_MS).verdicts
    assert verdict.code == INVITE.code
    return verdict.inviter_id, verdict.credited_inviter_id


def test_without_a_wish_the_maker_is_named() -> None:
    assert join_by_it(restored(MAKER), START_MS + 10_000, 4) == (MAKER, MAKER)


def test_a_stored_invite_without_a_maker_stays_without_one() -> None:
    assert join_by_it(restored(None), START_MS + 10_000, 4) == (None, None)


def test_who_is_forgotten_is_not_named_by_what_the_list_shows_next() -> None:
    ledger = restored(MAKER)
    look(ledger, START_MS + 100, 3)
    ledger.forget_inviter(MAKER)
    assert join_by_it(ledger, START_MS + 10_000, 4) == (None, None)
    assert join_by_it(ledger, START_MS + 30_000, 5) == (None, None)


def test_uses_that_are_undecided_are_nobodys_too() -> None:
    ledger = restored(MAKER)
    at_ms = START_MS + 10_000
    ledger.note_join(Arrival(GUILD, 5, at_ms, at_ms + 5, False, True, False))
    look(ledger, at_ms + 10, 4)
    ledger.forget_inviter(MAKER)
    (verdict,) = ledger.decide(at_ms + 5_000, START_MS).verdicts
    assert (verdict.code, verdict.inviter_id, verdict.credited_inviter_id) == (INVITE.code, None, None)


def test_an_invite_of_the_bot_is_not_the_bots_once_its_owner_is_forgotten() -> None:
    ledger = restored(MAKER)
    ledger.note_owner(INVITE.code, 88)
    ledger.forget_inviter(88)
    assert join_by_it(ledger, START_MS + 10_000, 4) == (None, None)
