"""How often the counters are asked for."""

from cogs.invite_tracker.attribution import Bounds, Ledger
from cogs.invite_tracker.attribution.pacing import Pacing
from tests.cogs.invite_tracker.attribution.script import T0, Script, invite


def test_the_first_join_asks_at_once() -> None:
    script = Script(invite("a"))
    assert not script.ledger.wants_request(T0 + 1_080)
    script.join(1, 1_000, 1_080)
    assert script.ledger.wants_request(T0 + 1_080)


def test_while_a_request_is_under_way_later_joins_wait_for_the_next_one() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000, 1_080)
    request = script.ask(1_080)
    script.join(2, 1_020, 1_100)
    assert not script.ledger.wants_request(T0 + 1_300)
    script.ledger.note_invites(request, T0 + 1_400, [invite("a", 1)])
    assert script.ledger.wants_request(T0 + 1_400)


def test_requests_keep_the_least_distance() -> None:
    script = Script(invite("a"))
    script.join(1, 1_000, 1_080)
    script.look(1_080, 1_090, invite("a", 1))
    script.join(2, 1_020, 1_095)
    assert not script.ledger.wants_request(T0 + 1_179)
    assert script.ledger.next_request_at_ms == T0 + 1_180
    assert script.ledger.wants_request(T0 + 1_180)


def test_two_hundred_joins_in_a_second_need_at_most_twelve_requests() -> None:
    script = Script(invite("a"))
    requests, under_way, answered_at = 0, None, 0
    for at in range(1_000, 4_000):
        if at < 2_000 and at % 5 == 0:
            script.join(at, at - 80, at)
        if under_way is not None and at >= answered_at:
            script.ledger.note_invites(under_way, T0 + at, [invite("a")])
            under_way = None
        if script.ledger.wants_request(T0 + at):
            under_way, answered_at = script.ask(at), at + 15
            requests += 1
    assert 2 <= requests <= 12


def test_under_a_lasting_burst_the_distance_grows_to_its_bound_and_shrinks_when_quiet() -> None:
    bounds = Bounds()
    pacing = Pacing(bounds)
    at, distances = 0, []
    for _ in range(30):
        pacing.note_request(at, waiting=50)
        distances.append(pacing.next_request_at_ms - at)
        at = pacing.next_request_at_ms
    assert distances == sorted(distances)
    assert distances[-1] == bounds.request_distance_most_ms
    for _ in range(10):
        pacing.note_request(at, waiting=1)
        at = pacing.next_request_at_ms
    pacing.note_request(at, waiting=1)
    assert pacing.next_request_at_ms - at == bounds.request_distance_least_ms


def test_each_failure_in_a_row_doubles_the_pause_up_to_its_bound() -> None:
    pacing, pauses = Pacing(Bounds()), []
    for _ in range(8):
        pacing.note_failure(0)
        pauses.append(pacing.next_request_at_ms)
    assert pauses == [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
    pacing.note_success()
    pacing.note_failure(0)
    assert pacing.next_request_at_ms == 1_000


def test_a_ledger_without_a_beginning_asks_without_any_join() -> None:
    ledger = Ledger(1)
    assert ledger.wants_request(T0)
    assert ledger.wake_at_ms(T0) is not None
