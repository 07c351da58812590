"""One run of the whole benchmark, and the file with its figures."""

import asyncio
import os
import platform
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from tests.bench.answering import Load, measure_answering
from tests.bench.durability import measure_durability
from tests.bench.goals import Results, judge
from tests.bench.ingest import EVENTS, ROOT, measure_ingest
from tests.bench.large import measure_large

RESULTS = ROOT / ".bench" / "results.json"
PACKAGES = ("discord.py", "aiosqlite", "orjson", "aiohttp")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything; the figures of a smaller run mean nothing."""

    ingest_rounds: int = 7
    ingest_events: Mapping[str, int] = field(default_factory=lambda: EVENTS)
    large_events: int = 5_000_000
    durability_rate: int = 10_000
    durability_seconds: float = 15
    load: Load = field(default_factory=Load)


STANDARD = Sizes()


def run_bench(folder: Path, sizes: Sizes, tell: Callable[[str], None]) -> Results:
    """Measure everything in this folder, which must be on a disk, and return the results.

    `tell` is called with what runs now. Raises BenchError.
    """
    began_at = datetime.now(UTC)
    began_s = time.monotonic()
    load_before = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    results: Results = {
        "ingest": measure_ingest(folder, rounds=sizes.ingest_rounds, events=sizes.ingest_events, tell=tell)
    }
    results |= asyncio.run(measure_large(folder, sizes.large_events, tell))
    results["durability"] = asyncio.run(
        measure_durability(
            folder,
            rate=sizes.durability_rate,
            count=int(sizes.durability_rate * sizes.durability_seconds),
            tell=tell,
        )
    )
    results["answering"] = asyncio.run(measure_answering(folder, sizes.load, tell))
    results["goals"] = judge(results)
    results["run"] = {
        "date": began_at.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began_s, 1),
        "machine": describe_machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_before": round(load_before, 2),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in PACKAGES},
    }
    return results


def write_results(path: Path, results: Mapping[str, Any]) -> None:
    """Write the results as JSON; an earlier file is replaced only by a whole one."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2) + b"\n")
    fresh.replace(path)


def describe_machine() -> str:
    """Return the name of the processor, or what else is known of the machine."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
