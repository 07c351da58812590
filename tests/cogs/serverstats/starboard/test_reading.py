"""What is read from raw messages, and whose stars count."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cogs.serverstats.starboard.marks import nonce_of
from cogs.serverstats.starboard.reading import author_of, reaction_of, star_givers

AUTHOR = {"id": "5", "username": "mia"}


def reactions(**counts: Any) -> dict[str, Any]:
    return {"reactions": [{"emoji": {"id": None, "name": "⭐"}, **counts}]}


def test_super_reactions_are_told_from_normal_ones() -> None:
    found = reaction_of(reactions(count=5, count_details={"normal": 3, "burst": 2}), "⭐")
    assert found is not None
    assert (found.normal, found.burst, found.count) == (3, 2, 5)


def test_a_count_without_details_is_taken_as_it_is() -> None:
    found = reaction_of(reactions(count=4), "⭐")
    assert found is not None
    assert found.count == 4


def test_a_message_without_that_reaction_has_none() -> None:
    assert reaction_of({}, "⭐") is None
    assert reaction_of(reactions(count=4), "🍪") is None


def test_a_webhook_is_nobody() -> None:
    assert author_of({"author": AUTHOR}) == AUTHOR
    assert author_of({"author": AUTHOR, "webhook_id": "5"}) is None


def test_what_starts_a_thread_is_by_whoever_wrote_the_message_that_it_stands_for() -> None:
    starter = {"type": 21, "author": {"id": "9"}, "referenced_message": {"author": AUTHOR}}
    assert author_of(starter) == AUTHOR
    assert author_of({"type": 21, "author": {"id": "9"}, "referenced_message": None}) is None


@given(
    users=st.lists(st.tuples(st.integers(1, 8), st.booleans())),
    counts_self_stars=st.booleans(),
)
def test_everybody_counts_once_except_bots_and_perhaps_the_author(
    users: list[tuple[int, bool]], counts_self_stars: bool
) -> None:
    raw = [{"id": str(user_id), "bot": is_bot} for user_id, is_bot in users]
    givers = star_givers(raw, author_id=5, counts_self_stars=counts_self_stars)
    people = {user_id for user_id, is_bot in users if not is_bot}
    assert givers == (people if counts_self_stars else people - {5})


@given(
    first=st.tuples(st.integers(1, 1 << 62), st.integers(1, 1 << 62), st.integers(1, 1000)),
    second=st.tuples(st.integers(1, 1 << 62), st.integers(1, 1 << 62), st.integers(1, 1000)),
)
def test_a_nonce_fits_and_belongs_to_one_generation_of_one_post(
    first: tuple[int, int, int], second: tuple[int, int, int]
) -> None:
    assert len(nonce_of(*first)) <= 25
    assert (nonce_of(*first) == nonce_of(*second)) == (first == second)
