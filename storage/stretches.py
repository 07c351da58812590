"""Stretches of time that may overlap, and what they last together."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

Stretch = tuple[int, int]
"""When a stretch of time begins and ends, UTC epoch milliseconds; one that ends before it begins is none."""


class Together:
    """Thousands of stretches, cut into hours or days for the price of one.

    What they have lasted until some moment is the time since each beginning without the time since each end.
    """

    def __init__(self, stretches: Iterable[Stretch]) -> None:
        real = [stretch for stretch in stretches if stretch[0] < stretch[1]]
        self._begins = sorted(began_at_ms for began_at_ms, _ended_at_ms in real)
        self._ends = sorted(ended_at_ms for _began_at_ms, ended_at_ms in real)
        self._begins_sums = [0, *accumulate(self._begins)]
        self._ends_sums = [0, *accumulate(self._ends)]

    @property
    def began_at_ms(self) -> int:
        """When the first begins, 0 without any."""
        return self._begins[0] if self._begins else 0

    @property
    def ended_at_ms(self) -> int:
        """When the last ends, 0 without any."""
        return self._ends[-1] if self._ends else 0

    def cut(self, lengths_ms: Sequence[int]) -> list[int]:
        """Return how long they last within pieces of time of these lengths, one after the other from the first beginning."""
        lasted_ms = [self._lasted_ms(at_ms) for at_ms in accumulate(lengths_ms, initial=self.began_at_ms)]
        return [after_ms - before_ms for before_ms, after_ms in pairwise(lasted_ms)]

    def _lasted_ms(self, at_ms: int) -> int:
        begun, ended = bisect_right(self._begins, at_ms), bisect_right(self._ends, at_ms)
        return (begun - ended) * at_ms - self._begins_sums[begun] + self._ends_sums[ended]
