"""Joins of all kinds, with texts that break files, and how files of them are read."""

from collections.abc import Iterable, Sequence
from io import StringIO

from hypothesis import strategies as st

from cogs.invite_tracker.transfer.incoming import Entry, Incoming
from cogs.invite_tracker.transfer.reading import Wishes, open_source
from cogs.invite_tracker.transfer.sheets import JOINS
from cogs.invite_tracker.transfer.writing import Format, render_header, render_rows
from storage.records import Candidate, Certainty, Evidence, Join, Method, Reason, Source

SERVER = 100
NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000

ids = st.integers(1, (1 << 63) - 1)
times_ms = st.integers(0, NOW_MS)
# What formulas begin with, what ends cells and lines, what stands between candidates, and anything else.
nasty = st.sampled_from(list("=+-@\t\r\n',;\"|% ")) | st.characters(exclude_categories=["Cs"])
texts = st.text(nasty, max_size=8)

candidates = st.builds(Candidate, st.sampled_from(Source), st.none() | texts, st.none() | ids)
evidence = st.builds(
    Evidence, st.none() | texts, st.integers(-5, 1000), st.sampled_from(Method), times_ms, times_ms
)
joins = st.builds(
    Join,
    guild_id=st.just(SERVER),
    join_id=st.just(0),
    member_id=st.none() | ids,
    joined_at_ms=times_ms,
    recorded_at_ms=st.just(0),
    source=st.sampled_from(Source),
    code=st.none() | texts,
    inviter_id=st.none() | ids,
    method=st.sampled_from(Method),
    certainty=st.sampled_from(Certainty),
    candidates=st.lists(candidates, max_size=3).map(tuple),
    evidence=st.lists(evidence, max_size=3).map(tuple),
    reason=st.none() | st.sampled_from(Reason),
    credited_code=st.none() | texts,
    credited_inviter_id=st.none() | ids,
    account_created_at_ms=times_ms,
    had_avatar=st.booleans(),
    is_rejoin=st.booleans(),
    is_own_invite=st.booleans(),
    left_at_ms=st.none() | times_ms,
    cleared_at_ms=st.none() | times_ms,
).filter(lambda join: join.method is not Method.IMPORTED or join.certainty is not Certainty.CERTAIN)


def file_of(form: Format, rows: Sequence[Join]) -> str:
    """Return the whole file of these joins."""
    return (render_header(JOINS, form) + render_rows(JOINS, form, rows)).decode()


def lines_of(text: str) -> Iterable[str]:
    """Return the lines of a file, as one that is opened gives them."""
    return StringIO(text, newline="")


def entries_of(text: str, date_format: str | None = None, **columns: str) -> list[Entry]:
    """Return what a file holds."""
    return list(open_source(lines_of(text), SERVER, NOW_MS, Wishes(columns, date_format)).entries)


def joins_of(text: str) -> list[Join]:
    """Return the joins of a file of which every line can be read."""
    entries = entries_of(text)
    assert all(isinstance(entry, Incoming) for entry in entries), entries
    return [entry.join for entry in entries if isinstance(entry, Incoming)]
