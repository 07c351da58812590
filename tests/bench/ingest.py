"""Ingest: how many messages a second each way takes, in turns on one core."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from tests.bench.goals import BenchError
from tests.bench.payloads import build_crowd, build_frames, write_frames
from tests.bench.ways import CROWD_SEED, Taken

ROOT = Path(__file__).parents[2]
FRAMES_SEED = 2
FIRST_FRAME_MS = 1_790_000_000_000
RUN_TIMEOUT_S = 120

WAYS = ("bare", "ours", "usual", "usual_without_turns")
EVENTS = {"bare": 60_000, "ours": 60_000, "usual": 1_500, "usual_without_turns": 12_000}
"""The slow ways take fewer of the same frames, so that every run lasts about as long."""


def measure_ingest(
    folder: Path, *, rounds: int, events: Mapping[str, int] = EVENTS, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Run every way once a round and return the medians, and the medians of each round's ratios.

    Raises BenchError when a run fails or has not stored every event.
    """
    frames_path = folder / "frames.jsonl"
    crowd = build_crowd(CROWD_SEED)
    write_frames(
        frames_path, build_frames(crowd, max(events.values()), seed=FRAMES_SEED, first_ms=FIRST_FRAME_MS)
    )
    runs: list[dict[str, Taken]] = []
    for number in range(rounds):
        tell(f"Ingest, round {number + 1} of {rounds}")
        # Each round begins with another way, so that none always follows the same one.
        turn = WAYS[number % len(WAYS) :] + WAYS[: number % len(WAYS)]
        runs.append({way: _take(way, frames_path, events[way], folder) for way in turn})
    return {
        "ratio_to_bare": _ratio(runs, "bare"),
        "ratio_to_usual": _ratio(runs, "usual"),
        "ratio_to_usual_without_turns": _ratio(runs, "usual_without_turns"),
        "cpu_ratio_to_bare": _cpu_ratio(runs, "bare"),
        "cpu_ratio_to_usual": _cpu_ratio(runs, "usual"),
        "rounds": rounds,
        "bytes_per_frame": round(frames_path.stat().st_size / max(events.values())),
        "ways": {
            way: {
                "events": events[way],
                "events_per_s": round(median(run[way].events_per_s for run in runs)),
                "cpu_us_per_event": round(median(run[way].cpu_us for run in runs), 2),
            }
            for way in WAYS
        },
    }


def _ratio(runs: Sequence[Mapping[str, Taken]], to: str) -> float:
    return round(median(run["ours"].events_per_s / run[to].events_per_s for run in runs), 2)


def _cpu_ratio(runs: Sequence[Mapping[str, Taken]], to: str) -> float:
    return round(median(run[to].cpu_us / run["ours"].cpu_us for run in runs), 2)


def _take(way: str, frames_path: Path, events: int, folder: Path) -> Taken:
    with tempfile.TemporaryDirectory(dir=folder) as run_folder:
        command = [
            sys.executable,
            "-m",
            "tests.bench.ways",
            way,
            frames_path,
            events,
            run_folder,
            last_core(),
        ]
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=RUN_TIMEOUT_S,
            check=False,
        )
    if done.returncode != 0:
        why = (done.stderr.strip() or "no output").splitlines()[-1]
        raise BenchError(f"The run of the way {way!r} failed: {why}")
    taken = Taken(**orjson.loads(done.stdout.splitlines()[-1]))
    if way != "bare" and taken.stored != events:
        raise BenchError(f"The way {way!r} stored {taken.stored} of {events} events.")
    return taken


def last_core() -> int:
    """Return the core to pin to: not the first, which has the machine's own work to do."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
