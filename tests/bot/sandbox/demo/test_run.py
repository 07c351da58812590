"""The whole demo as people run it: two processes, one story, an exit code."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.sandbox.demo.paper_boats import PAPER_BOATS

ROOT = Path(bot.__file__).resolve().parent.parent
TIMEOUT_S = 100
JOINS = ("joins", "right", "wrong", "ambiguous", "unknown")
LIFE = ("messages", "deleted", "voice_seconds", "votes", "stars", "posts", "charts")
SUMMARY = (*JOINS, *LIFE, "problems")


@asynccontextmanager
async def demo(
    folder: Path, *options: str, columns: int = 80, start_in: Path | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``python -m bot demo`` with its files in ``folder``; whatever a test does, no process stays."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "demo", *options),
        cwd=start_in or folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "COLUMNS": str(columns),
            "TMPDIR": str(folder),
            "HEADCOUNT_DISCORD__TOKEN": "not for the demo",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def read_until(process: asyncio.subprocess.Process, event: str) -> list[dict[str, Any]]:
    """Read JSON lines up to the first one of this event."""
    assert process.stdout is not None
    lines: list[dict[str, Any]] = []
    async for line in process.stdout:
        lines.append(json.loads(line))
        if lines[-1]["event"] == event:
            return lines
    raise AssertionError(f"The demo ended without {event}: {lines[-3:]}")


def lives(process_id: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process_id, 0)
        return True
    return False


@dataclass(frozen=True)
class Performance:
    """A whole demo that was asked to keep both running, in a folder where it cannot write, and was ended then."""

    folder: Path
    lines: list[dict[str, Any]]
    living: list[bool]
    """Which of the bot's processes were there after the story, the earliest first."""
    joins_on_record: int
    messages_on_record: int
    end: tuple[int | None, bytes, bytes]
    """The exit code, what else was printed, errors."""
    living_after: list[bool]
    is_data_left: bool

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Return the lines of these events."""
        return [line for line in self.lines if line["event"] in names]


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """The story takes its time: what is true of one performance is looked at in one."""
    folder = tmp_path_factory.mktemp("demo")
    blocked = folder / "here"
    blocked.mkdir()
    # A file where the folder would be: not even root can make a folder of it.
    (blocked / ".demo").write_text("in the way", encoding="utf-8")
    return asyncio.run(perform(folder, blocked))


async def perform(folder: Path, start_in: Path) -> Performance:
    async with demo(folder, "--json", "--keep", "--seed", "7", start_in=start_in) as process:
        lines = await read_until(process, "summary")
        data_path = lines[-2]["data_path"]
        bots = [line["process_id"] for line in lines if line["event"] == "bot_ready"]
        living = [lives(process_id) for process_id in bots]
        joins, messages = _joins_on_record(data_path), _messages_on_record(data_path)
        process.send_signal(signal.SIGTERM)
        rest, errors = await process.communicate()
        return Performance(
            folder=start_in,
            lines=lines,
            living=living,
            joins_on_record=joins,
            messages_on_record=messages,
            end=(process.returncode, rest, errors),
            living_after=[lives(process_id) for process_id in bots],
            is_data_left=await asyncio.to_thread(Path(data_path).exists),
        )


def test_the_demo_concludes_nothing_wrongly(performance: Performance) -> None:
    summary = performance.lines[-1]

    assert performance.events("problem_found", "log_shown") == []
    assert summary.keys() == {"event", *SUMMARY}
    assert summary["problems"] == 0
    assert [line["what"] for line in performance.events("amount_checked") if not line["right"]] == []
    assert min(summary[key] for key in LIFE) > 0
    assert performance.messages_on_record == summary["messages"]
    assert summary["wrong"] == 0
    assert summary["joins"] == sum(summary[key] for key in ("right", "wrong", "ambiguous", "unknown"))
    assert performance.joins_on_record == summary["joins"]


def test_only_the_way_of_who_left_before_the_answer_stays_open(performance: Performance) -> None:
    """Discord's member search tells of all others; on a slow machine it is faster than the one who leaves."""
    left_open = [line["member"] for line in performance.events("join_checked") if line["outcome"] != "right"]
    edited = [line["member"] for line in performance.events("message_edited")]

    assert left_open in ([], ["Silke"])
    assert {"Leo", "Maja"} <= set(edited)
    # Who came through Discovery was invited by nobody, as the message said before.
    assert "Nils" not in edited
    assert performance.lines[-1]["unknown"] == 0


def test_both_are_kept_running_when_asked_and_leave_nothing_when_ended(performance: Performance) -> None:
    assert performance.lines[-2]["event"] == "kept"
    assert performance.living == [False, True]
    assert performance.end == (0, b"", b"")
    assert performance.living_after == [False, False]
    assert not performance.is_data_left


def test_the_charts_are_kept_also_where_the_current_folder_cannot_be_written(
    performance: Performance,
) -> None:
    shown, [kept] = performance.events("statistics_shown"), performance.events("charts_kept")
    charts = [Path(chart) for line in shown for chart in line["charts"]]

    assert len(charts) == len(set(charts)) == kept["charts"] == performance.lines[-1]["charts"]
    assert all(line["charts"] for line in shown)
    assert {chart.parent for chart in charts} == {Path(kept["folder"])}
    assert all(chart.read_bytes().startswith(b"\x89PNG") for chart in charts)
    assert performance.folder not in Path(kept["folder"]).parents


async def test_everybody_in_the_story_is_in_the_comparison(tmp_path: Path) -> None:
    """Told for people, into a pipe: no escape sequence, no line wider than the terminal, all names."""
    async with demo(tmp_path, "--seed", "11", columns=80) as process:
        printed, errors = await process.communicate()

    text = printed.decode()
    comparison = text[text.index("Expected against concluded") :]

    assert (process.returncode, errors) == (0, b""), text[-3000:]
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert [name for name in PAPER_BOATS.newcomers() if name not in comparison] == []
    assert "Nobody was named wrongly" in comparison


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_an_interrupted_demo_leaves_no_bot_behind(number: signal.Signals, tmp_path: Path) -> None:
    async with demo(tmp_path, "--json") as process:
        lines = await read_until(process, "link_made")
        bot_id = next(line["process_id"] for line in lines if line["event"] == "bot_ready")

        process.send_signal(number)
        _, errors = await process.communicate()

        assert errors == b""
        assert process.returncode == (-number if number is signal.SIGKILL else 130)
        if number is not signal.SIGKILL or sys.platform == "linux":
            async with asyncio.timeout(15):
                # A process of somebody else cannot be waited for in another way.
                while lives(bot_id):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)


async def test_a_reader_that_goes_away_ends_the_demo_quietly(tmp_path: Path) -> None:
    async with demo(tmp_path, "--json") as process:
        lines = await read_until(process, "bot_ready")
        assert process.stdout is not None
        process.stdout._transport.close()  # type: ignore[attr-defined]  # asyncio has no other way
        assert process.stderr is not None
        errors = await process.stderr.read()
        await process.wait()

        assert errors == b""
        assert process.returncode == 130
        assert not lives(lines[-1]["process_id"])


def _joins_on_record(path: str) -> int:
    return _number(path, "SELECT COUNT(*) FROM joins WHERE source <> 'existing'")


def _messages_on_record(path: str) -> int:
    return _number(path, "SELECT COUNT(*) FROM statistics_events WHERE kind = 1")


def _number(path: str, sql: str) -> int:
    connection = sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()
