"""How the benchmark looks: a line for each phase while it runs, then the goals and the figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.goals import GOALS, judge

BUSY = 0.25
"""From this load per core on, figures are not only those of the program."""

WAY_NAMES = {
    "bare": "discord.py alone, no handler",
    "ours": "Headcount, committed with rollups",
    "usual": "a listener, one transaction per message",
    "usual_without_turns": "the same, commits shared in a backlog",
}


class Printer:
    """Tells people what runs and what came of it."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)

    def tell(self, line: str) -> None:
        """Say what runs now."""
        self._console.print(f"[dim]{line} …[/dim]")

    def show(self, results: Mapping[str, Any]) -> None:
        """Show the goals and the figures of a whole run."""
        self._console.print()
        self._console.print(_goal_table(results))
        self._console.print(_way_table(results["ingest"]))
        met = sum(goal["met"] for goal in judge(results))
        run = results["run"]
        self._console.print(
            f"{met} of {len(GOALS)} goals met. Measured in {run['seconds']:.0f} s on {run['cores']} cores, {run['machine']}."
        )
        if run["load_before"] > run["cores"] * BUSY:
            self._console.print(
                f"[yellow]Other programs kept {run['load_before']:.1f} cores busy when it began: "
                "times are longer than they would be on a quiet machine.[/yellow]"
            )

    def show_file(self, path: Path) -> None:
        """Say where all figures are."""
        self._console.print(f"All figures: {path}")

    def show_problem(self, sentence: str) -> None:
        """Say why there are no results."""
        self._console.print(f"[bold red]{sentence}[/bold red]")


def _goal_table(results: Mapping[str, Any]) -> Table:
    table = Table("Goal", "Bound", "Figure", "", box=box.SIMPLE_HEAD)
    table.columns[2].justify = "right"
    for goal, judged in zip(GOALS, judge(results), strict=True):
        verdict = "[green]met[/green]" if judged["met"] else "[bold red]not met[/bold red]"
        table.add_row(goal.title, goal.text, f"{judged['figure']:g} {goal.unit}", verdict)
    return table


def _way_table(ingest: Mapping[str, Any]) -> Table:
    table = Table("Messages taken on one core", "events/s", "CPU µs per event", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for way, name in WAY_NAMES.items():
        figures = ingest["ways"][way]
        table.add_row(name, f"{figures['events_per_s']:,}", f"{figures['cpu_us_per_event']:.1f}")
    return table
