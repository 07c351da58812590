"""How many requests a key may make: a burst at once, then at the pace at which they come back, and never more."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SystemClock
from bot.web.rates import WINDOW_SECONDS, Allowance, RateLimit


class SetClock(SystemClock):
    """Stands still at any second."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def monotonic(self) -> float:
        return self.seconds


def limit_of(per_minute: int, seconds: float = 1_000.0) -> tuple[RateLimit, SetClock]:
    clock = SetClock(seconds)
    return RateLimit(clock, per_minute), clock


def test_so_many_requests_are_allowed_at_once_and_no_more() -> None:
    limit, _clock = limit_of(600, seconds=1_234_567.891)
    taken = [limit.take("key") for _ in range(601)]
    assert [each.is_allowed for each in taken] == [True] * 600 + [False]
    assert [each.remaining for each in taken] == [*range(599, -1, -1), 0]


def test_each_answer_says_when_everything_is_back_and_a_refusal_when_the_next_is_allowed() -> None:
    limit, clock = limit_of(6)
    assert limit.take("key") == Allowance(True, 6, 5, reset_seconds=10, retry_after_seconds=0)
    for _ in range(5):
        limit.take("key")
    clock.seconds += 4
    assert limit.take("key") == Allowance(False, 6, 0, reset_seconds=56, retry_after_seconds=6)


def test_who_waits_as_long_as_they_were_told_is_allowed_one_request() -> None:
    limit, clock = limit_of(7)
    while (refused := limit.take("key")).is_allowed:
        pass
    clock.seconds += refused.retry_after_seconds
    assert limit.take("key").is_allowed
    assert not limit.take("key").is_allowed


def test_a_refused_request_costs_nothing() -> None:
    limit, clock = limit_of(1)
    assert limit.take("key").is_allowed
    for _ in range(50):
        assert not limit.take("key").is_allowed
    clock.seconds += 60
    assert limit.take("key").is_allowed


def test_who_waits_until_the_reset_has_everything_back() -> None:
    limit, clock = limit_of(30)
    taken = [limit.take("key") for _ in range(31)]
    clock.seconds += taken[-1].reset_seconds
    assert [limit.take("key") for _ in range(31)] == taken


def test_keys_do_not_take_from_each_other() -> None:
    limit, _clock = limit_of(1)
    assert limit.take("one").is_allowed
    assert limit.take("other").is_allowed
    assert not limit.take("one").is_allowed


def test_only_a_refusal_says_when_to_try_again() -> None:
    limit, _clock = limit_of(1)
    assert limit.take("key").headers == {
        "X-RateLimit-Limit": "1",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "60",
    }
    assert limit.take("key").headers["Retry-After"] == "60"


def test_keys_that_make_no_requests_any_more_take_no_room() -> None:
    limit, clock = limit_of(60)
    for number in range(10_000):
        limit.take(f"key {number}")
        clock.seconds += 1
    assert len(limit._restored_at) <= 256


def test_a_key_that_has_not_everything_back_is_not_forgotten_however_many_others_there_are() -> None:
    limit, clock = limit_of(1)
    assert limit.take("key").is_allowed
    clock.seconds += 30
    for number in range(1_000):
        limit.take(f"key {number}")
    assert not limit.take("key").is_allowed


@given(
    st.integers(1, 40),
    st.lists(st.floats(0, 30, allow_nan=False), max_size=120),
    st.floats(0, 1e7, allow_nan=False),
)
def test_no_span_of_time_has_more_requests_than_the_burst_and_what_came_back_in_it(
    per_minute: int, pauses: list[float], start: float
) -> None:
    limit, clock = limit_of(per_minute, start)
    allowed_at: list[float] = []
    for pause in pauses:
        clock.seconds += pause
        if limit.take("key").is_allowed:
            allowed_at.append(clock.seconds)
    for first, begin in enumerate(allowed_at):
        for last in range(first, len(allowed_at)):
            seconds = allowed_at[last] - begin + 1e-3
            assert last - first + 1 <= per_minute + seconds * per_minute / WINDOW_SECONDS


@given(st.integers(1, 1_000_000), st.lists(st.floats(0, 5, allow_nan=False), max_size=40))
def test_what_an_answer_promises_is_kept(per_minute: int, pauses: list[float]) -> None:
    limit, clock = limit_of(per_minute)
    answers = []
    for pause in pauses:
        clock.seconds += pause
        answers.append((pause, limit.take("key")))
    for (_, before), (pause, after) in pairwise(answers):
        assert 0 <= after.remaining < per_minute
        assert 0 <= after.reset_seconds <= WINDOW_SECONDS
        if before.remaining or pause >= before.retry_after_seconds > 0:
            assert after.is_allowed
