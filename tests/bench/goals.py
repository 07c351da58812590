"""What is to be reached, and whether a run reached it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Results = dict[str, Any]


class BenchError(Exception):
    """The benchmark cannot go on; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure of the results and its bound."""

    key: str
    """Where it stands in the results: `ingest.ratio_to_bare`."""
    title: str
    bound: float
    unit: str
    at_least: bool = False

    @property
    def text(self) -> str:
        """The bound for people."""
        return f"{'at least' if self.at_least else 'at most'} {self.bound:g} {self.unit}".rstrip()

    def is_met(self, figure: float) -> bool:
        """Whether a figure is within the bound."""
        return figure >= self.bound if self.at_least else figure <= self.bound


GOALS = (
    Goal("ingest.ratio_to_bare", "Speed against the bare client", 1.5, "×", at_least=True),
    Goal("ingest.ratio_to_usual", "Speed against the usual way", 10, "×", at_least=True),
    Goal("queries_5m.series_ms", "Series per day, 30 days", 5, "ms"),
    Goal("queries_5m.top_users_ms", "Top ten users, 30 days", 200, "ms"),
    Goal("queries_5m.user_page_ms", "Page of one user's records", 100, "ms"),
    Goal("storage.bytes_per_event", "File size per event", 60, "bytes"),
    Goal("retention.recorder_delay_ms", "Recording held up by retention", 50, "ms"),
    Goal("durability.p99_ms", "Durable at 10,000/s after (p99)", 300, "ms"),
    Goal("answering.recorder_extra_ms", "Held up by 200 requests/s (p99)", 50, "ms"),
    Goal("answering.errors", "Requests that failed", 0, ""),
)


def find(results: Mapping[str, Any], key: str) -> Any:
    """Return the figure at a dotted key."""
    found: Any = results
    for part in key.split("."):
        found = found[part]
    return found


def judge(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return for each goal its bound, the figure and whether it is met."""
    judged = []
    for goal in GOALS:
        figure = find(results, goal.key)
        judged.append({"key": goal.key, "goal": goal.text, "figure": figure, "met": goal.is_met(figure)})
    return judged
