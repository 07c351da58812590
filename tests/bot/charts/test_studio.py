"""The drawing process: started when needed, started again when dead, and never left behind."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.charts.drawing import draw_chart
from bot.charts.drawing_process import DrawingProcess, DrawingTimeoutError
from bot.charts.studio import ChartError, ChartStudio
from tests.bot.charts.examples import hourly, ranking

ROOT = Path(__file__).parents[3]
CHART = hourly(5, 7, 6)


@pytest.fixture
async def studio() -> AsyncIterator[ChartStudio]:
    studio = ChartStudio(draw_seconds=60)
    yield studio
    await studio.close()


@pytest.fixture
def process() -> Iterator[DrawingProcess]:
    process = DrawingProcess(draw_seconds=60)
    yield process
    process.stop()
    process.end()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - a process that ends tells nobody
            await asyncio.sleep(0.005)


async def test_charts_drawn_elsewhere_are_the_same_as_drawn_here(studio: ChartStudio) -> None:
    charts = (CHART, ranking("Ana", "🎉"))
    drawn = await asyncio.gather(*(studio.draw(chart) for chart in charts))
    assert drawn == [draw_chart(chart) for chart in charts]


async def test_no_process_runs_before_the_first_chart_and_one_serves_all(studio: ChartStudio) -> None:
    assert studio.process_id == 0
    await studio.draw(CHART)
    first = studio.process_id
    await studio.draw(CHART)
    assert studio.process_id == first != 0


async def test_the_process_ends_when_no_chart_is_wanted_and_starts_again() -> None:
    studio = ChartStudio(draw_seconds=60, idle_seconds=0)
    await studio.draw(CHART)
    await until(lambda: studio.process_id == 0)
    assert await studio.draw(CHART) == draw_chart(CHART)
    await studio.close()


async def test_a_process_that_died_is_replaced_and_nobody_notices(studio: ChartStudio) -> None:
    await studio.draw(CHART)
    dead = studio.process_id
    os.kill(dead, signal.SIGKILL)
    assert await studio.draw(CHART) == draw_chart(CHART)
    assert studio.process_id not in {0, dead}


async def test_what_cannot_be_drawn_is_told_and_logged_and_the_next_is_drawn(
    studio: ChartStudio, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ChartError, match=r"^The chart could not be drawn; the log of the bot says why\.$"):
        await studio.draw(replace(CHART, timezone="Nowhere/Land"))
    assert "Nowhere/Land" in caplog.text
    before = studio.process_id
    assert await studio.draw(CHART) == draw_chart(CHART)
    assert studio.process_id == before


def test_a_drawing_that_takes_too_long_is_given_up_and_the_next_is_drawn(process: DrawingProcess) -> None:
    process.draw(CHART)
    os.kill(process.process_id, signal.SIGSTOP)
    process._draw_seconds = 0.05
    with pytest.raises(DrawingTimeoutError):
        process.draw(CHART)
    assert process.process_id == 0
    process._draw_seconds = 60
    assert process.draw(CHART) == draw_chart(CHART)


async def test_a_chart_that_takes_too_long_is_told_in_a_sentence() -> None:
    studio = ChartStudio(draw_seconds=0.01)  # less than any process needs to start
    with pytest.raises(ChartError, match=r"^The chart took too long to draw; try again in a moment\.$"):
        await studio.draw(CHART)
    await studio.close()


async def test_more_charts_than_can_wait_are_refused() -> None:
    studio = ChartStudio(draw_seconds=60, waiting_most=1)
    first = asyncio.create_task(studio.draw(CHART))
    await asyncio.sleep(0)
    with pytest.raises(ChartError, match="Too many charts"):
        await studio.draw(CHART)
    assert await first == draw_chart(CHART)
    assert await studio.draw(CHART) == draw_chart(CHART)
    await studio.close()


async def test_who_stops_waiting_harms_nobody(studio: ChartStudio) -> None:
    tasks = [asyncio.create_task(studio.draw(CHART)) for _ in range(3)]
    await asyncio.sleep(0)
    for task in tasks[:2]:
        task.cancel()
    assert await tasks[2] == draw_chart(CHART)


async def test_closing_breaks_off_what_is_drawn_and_refuses_the_rest(studio: ChartStudio) -> None:
    tasks = [asyncio.create_task(studio.draw(CHART)) for _ in range(3)]
    await until(lambda: studio.process_id != 0)
    await studio.close()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, ChartError)
    assert studio.process_id == 0
    with pytest.raises(ChartError, match="stopping"):
        await studio.draw(CHART)
    await studio.close()


def test_control_c_in_the_terminal_does_not_reach_the_process(process: DrawingProcess) -> None:
    process.draw(CHART)
    assert os.getpgid(process.process_id) != os.getpgid(0)


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux shows the environment of a process")
def test_the_process_is_told_nothing_of_the_bots_settings(
    process: DrawingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_DISCORD__TOKEN", "secret")
    process.draw(CHART)
    assert b"secret" not in Path(f"/proc/{process.process_id}/environ").read_bytes()


def test_the_process_ends_with_a_parent_that_is_killed() -> None:
    parent = (
        "import sys, time; from bot.charts.drawing_process import DrawingProcess\n"
        "from tests.bot.charts.examples import hourly\n"
        "process = DrawingProcess(60); process.draw(hourly(5)); print(process.process_id, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as bot:
        assert bot.stdout is not None
        assert bot.stderr is not None
        assert int(bot.stdout.readline()) > 0
        bot.kill()
        # The drawing process holds this pipe as well: it ends only when both are gone.
        assert bot.stderr.read() == ""


def test_the_process_leaves_no_folder_and_writes_nothing_at_home(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    request = pickle.dumps(CHART)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-P", "-m", "bot.charts.worker"],
        input=len(request).to_bytes(4, "big") + request,
        env={"PYTHONPATH": str(ROOT), "HOME": str(home), "TMPDIR": str(temporary)},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stdout[4:] == b"\x01" + draw_chart(CHART)
    assert done.stderr == b""
    assert not list(home.iterdir())
    assert not list(temporary.iterdir())


def test_the_bot_starts_without_loading_what_draws() -> None:
    command = "import sys, bot.charts.studio; sys.exit('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], cwd=ROOT, timeout=60, check=False).returncode == 0
