"""The benchmark measures what it says: a tiny run has every figure. How large they are is no matter of tests."""

from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from tests.bench.answering import Load
from tests.bench.goals import GOALS, Goal, find, judge
from tests.bench.ingest import WAYS
from tests.bench.printing import Printer
from tests.bench.run import Sizes, run_bench, write_results

TINY = Sizes(
    ingest_rounds=1,
    ingest_events=dict.fromkeys(WAYS, 80),
    large_events=4_000,
    durability_rate=400,
    durability_seconds=1,
    load=Load(
        events_per_s=400,
        requests_per_s=50,
        pairs=1,
        stretch_seconds=1,
        warm_up_seconds=0.2,
        stored_events=2_000,
    ),
)

DOCUMENTED = {
    "ingest.ratio_to_bare",
    "ingest.ratio_to_usual",
    "queries_5m.series_ms",
    "queries_5m.top_users_ms",
    "queries_5m.user_page_ms",
    "storage.bytes_per_event",
    "retention.recorder_delay_ms",
    "durability.p99_ms",
    "answering.recorder_extra_ms",
    "answering.errors",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("bench")
    write_results(folder / "results.json", run_bench(folder, TINY, lambda _line: None))
    found: dict[str, Any] = orjson.loads((folder / "results.json").read_bytes())
    return found


def test_the_results_have_a_number_for_every_goal(results: dict[str, Any]) -> None:
    assert {goal.key for goal in GOALS} == DOCUMENTED
    for goal in GOALS:
        assert isinstance(find(results, goal.key), int | float), goal.key
    assert results["goals"] == judge(results)


def test_the_results_have_the_speed_and_the_cost_of_each_way(results: dict[str, Any]) -> None:
    assert set(results["ingest"]["ways"]) == set(WAYS)
    for figures in results["ingest"]["ways"].values():
        assert figures["events_per_s"] > 0
        assert figures["cpu_us_per_event"] > 0


def test_requests_beside_the_recording_are_all_answered(results: dict[str, Any]) -> None:
    assert results["answering"]["failures"] == []
    assert results["answering"]["requests"] == 50
    assert results["answering"]["answer_p50_ms"] > 0


def test_the_results_say_when_and_where_they_were_measured(results: dict[str, Any]) -> None:
    assert {"date", "machine", "cores", "system", "python", "sqlite", "discord.py"} <= set(results["run"])


def test_every_goal_is_shown_with_its_figure(results: dict[str, Any]) -> None:
    shown = StringIO()
    Printer(Console(file=shown, width=120)).show(results)
    text = shown.getvalue()
    for goal in GOALS:
        assert goal.title in text
        assert f"{find(results, goal.key):g} {goal.unit}" in text


def test_a_goal_holds_at_its_bound_and_on_its_good_side() -> None:
    most = Goal("a", "a", 5, "ms")
    least = Goal("b", "b", 1.5, "×", at_least=True)
    assert [most.is_met(figure) for figure in (4, 5, 5.1)] == [True, True, False]
    assert [least.is_met(figure) for figure in (1.4, 1.5, 2)] == [False, True, True]


def test_results_are_written_whole_over_older_ones(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("older, and longer than what comes")
    write_results(path, {"ingest": {}})
    assert orjson.loads(path.read_bytes()) == {"ingest": {}}
    assert list(tmp_path.iterdir()) == [path]
