"""Stretches of time together."""

from storage.stretches import Together


def test_what_overlaps_counts_twice() -> None:
    together = Together([(10, 40), (20, 50), (45, 46)])
    assert (together.began_at_ms, together.ended_at_ms) == (10, 50)
    assert together.cut([10, 10, 10, 10]) == [10, 20, 20, 11]


def test_a_stretch_that_ends_before_it_begins_is_none() -> None:
    together = Together([(40, 10), (20, 20)])
    assert (together.began_at_ms, together.ended_at_ms) == (0, 0)
    assert together.cut([]) == []
