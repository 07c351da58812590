"""Counters with what they show, as they are handed to commands and routes."""

from dataclasses import dataclass

from cogs.serverstats.counters.numbers import Reading
from storage.counters import Counter


@dataclass(frozen=True, slots=True)
class CounterState:
    """A counter with what it shows at this moment."""

    counter: Counter
    reading: Reading | None
    name: str | None
    """The name that the channel should have; None when no number is known."""
    present_name: str | None
    """The name that it has; None when the channel is out of reach."""
    trouble: str | None
    """What is in its way, one sentence."""
    rename_from_ms: int
    """From when the channel may be renamed."""

    @property
    def is_reached(self) -> bool:
        """Whether the number is at or past the goal."""
        goal = self.counter.goal
        value = None if self.reading is None else self.reading.value
        return goal is not None and value is not None and value >= goal


@dataclass(frozen=True, slots=True)
class CounterView:
    """A counter after it was made or edited; the warnings are one sentence each."""

    state: CounterState
    warnings: tuple[str, ...]

    @property
    def counter(self) -> Counter:
        """The counter as it is stored."""
        return self.state.counter


@dataclass(frozen=True, slots=True)
class CounterPage:
    """One page of the counters, the oldest first; pages count from 1."""

    counters: tuple[Counter, ...]
    page: int
    pages: int
    total: int
