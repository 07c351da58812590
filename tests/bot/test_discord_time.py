"""How far two clocks are apart."""

import logging

import aiohttp
import pytest
from aiohttp import web

from bot.clock import SystemClock
from bot.discord_time import DiscordTime

NOON_MS = 1_767_268_800_000
NOON = "Thu, 01 Jan 2026 12:00:00 GMT"


class SetClock(SystemClock):
    """Shows what it is set to."""

    def __init__(self, now_ms: int) -> None:
        self.shows_ms = now_ms

    def now_ms(self) -> int:
        return self.shows_ms


def test_nothing_is_assumed_before_the_first_answer() -> None:
    assert DiscordTime(SetClock(0)).lead_ms == 0


def test_the_quickest_answer_tells_best() -> None:
    clock = SetClock(NOON_MS + 7_900)
    time = DiscordTime(clock)
    time.note_date(NOON)
    clock.shows_ms = NOON_MS + 7_120
    time.note_date(NOON)
    clock.shows_ms = NOON_MS + 7_700
    time.note_date(NOON)
    assert time.lead_ms == 7_120


@pytest.mark.parametrize("difference_ms", [0, 950, -400])
def test_clocks_that_agree_to_about_a_second_count_as_equal(difference_ms: int) -> None:
    """The header has whole seconds, and the answer was on its way for a while."""
    time = DiscordTime(SetClock(NOON_MS + difference_ms))
    time.note_date(NOON)
    assert time.lead_ms == 0


@pytest.mark.parametrize(("lead_ms", "word"), [(90_000, "ahead of"), (-90_000, "behind")])
def test_a_clock_that_is_far_off_is_told_to_the_operator_once(
    caplog: pytest.LogCaptureFixture, lead_ms: int, word: str
) -> None:
    time = DiscordTime(SetClock(NOON_MS + lead_ms))
    with caplog.at_level(logging.WARNING):
        time.note_date(NOON)
        time.note_date(NOON)
    assert time.lead_ms == lead_ms
    assert [record.getMessage() for record in caplog.records] == [
        f"This machine's clock is 90 seconds {word} Discord's: switch on time synchronisation (NTP)."
    ]


def test_how_far_behind_a_clock_is_errs_on_the_safe_side() -> None:
    """The header is cut to whole seconds, so up to one more may be missing."""
    behind, ahead = DiscordTime(SetClock(NOON_MS - 9_000)), DiscordTime(SetClock(NOON_MS + 9_000))
    behind.note_date(NOON)
    ahead.note_date(NOON)
    assert (behind.lag_ms, ahead.lag_ms) == (10_000, 0)


def test_a_header_that_is_no_date_is_passed_over() -> None:
    time = DiscordTime(SetClock(NOON_MS))
    time.note_date("soon")
    assert time.lead_ms == 0


async def test_every_answer_of_a_traced_client_is_looked_at() -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(headers={"Date": NOON})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    time = DiscordTime(SetClock(NOON_MS + 42_000))
    try:
        async with aiohttp.ClientSession(trace_configs=[time.make_trace()]) as session:
            host, port = runner.addresses[0][:2]
            await (await session.get(f"http://{host}:{port}/")).read()
    finally:
        await runner.cleanup()
    assert time.lead_ms == 42_000
