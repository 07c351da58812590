"""The whole demo as people run it: two processes, one story, an exit code."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
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


async def test_the_demo_concludes_nothing_wrongly_and_keeps_both_running_when_asked(tmp_path: Path) -> None:
    async with demo(tmp_path, "--json", "--keep", "--seed", "7") as process:
        lines = await read_until(process, "summary")
        *_, kept, summary = lines
        bots = [line["process_id"] for line in lines if line["event"] == "bot_ready"]

        assert [line for line in lines if line["event"] in {"problem_found", "log_shown"}] == []
        assert kept["event"] == "kept"
        assert summary.keys() == {"event", *SUMMARY}
        assert summary["problems"] == 0
        assert [
            line["what"] for line in lines if line["event"] == "amount_checked" and not line["right"]
        ] == []
        assert min(summary[key] for key in LIFE) > 0
        assert await asyncio.to_thread(_messages_on_record, kept["data_path"]) == summary["messages"]
        assert summary["wrong"] == 0
        assert summary["joins"] == sum(summary[key] for key in ("right", "wrong", "ambiguous", "unknown"))
        assert [lives(process_id) for process_id in bots] == [False, True]
        assert _joins_on_record(kept["data_path"]) == summary["joins"]

        process.send_signal(signal.SIGTERM)
        rest, errors = await process.communicate()

        assert (process.returncode, rest, errors) == (0, b"", b"")
        assert not lives(bots[-1])
        assert not await asyncio.to_thread(Path(kept["data_path"]).exists)


async def test_the_charts_are_kept_also_where_the_current_folder_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "here"
    blocked.mkdir()
    # A file where the folder would be: not even root can make a folder of it.
    (blocked / ".demo").write_text("in the way", encoding="utf-8")
    async with demo(tmp_path, "--json", "--seed", "5", start_in=blocked) as process:
        lines = await read_until(process, "summary")
        shown = [line for line in lines if line["event"] == "statistics_shown"]
        charts = [Path(chart) for line in shown for chart in line["charts"]]
        kept = next(line for line in lines if line["event"] == "charts_kept")
        await process.communicate()

    assert process.returncode == 0
    assert len(charts) == len(set(charts)) == kept["charts"] == lines[-1]["charts"]
    assert all(line["charts"] for line in shown)
    assert {chart.parent for chart in charts} == {Path(kept["folder"])}
    assert all(chart.read_bytes().startswith(b"\x89PNG") for chart in charts)
    assert blocked not in Path(kept["folder"]).parents


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
