"""Tops: the users, channels and names with the most of a kind."""

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import Final

from storage.database import ReadTransaction, SqlValue
from storage.server_days import ServerDays
from storage.statements import first_number, placeholders, split_keys
from storage.statistics.queries import Query, fetch_open_sessions, fetch_user_ranges
from storage.statistics.record_ids import time_ms_of

_FETCH_TEXTS: Final = (
    "SELECT text_id, text, activity_type FROM statistics_texts WHERE guild_id = ? AND text_id IN"
)


class Dimension(Enum):
    """What is ranked; the value is the column of the raw records."""

    USER = "user_id"
    CHANNEL = "channel_id"
    TEXT = "text_id"

    @property
    def rollup(self) -> str:
        """The table that holds its sums by day."""
        return f"statistics_{self.value.removesuffix('_id')}_days"


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place of a ranking; `total` is in milliseconds for sessions."""

    id: int
    text: str | None
    activity_type: int | None
    events: int
    total: int


_Sums = dict[int, list[int]]


async def fetch_top(
    rx: ReadTransaction, query: Query, by: Dimension, limit: int, days: ServerDays, now_ms: int
) -> list[Ranked]:
    """Return who, where or what had the most, the greatest first: sessions by their time, others by their number.

    A user's channels and names are added up from the raw records, and so are the users and names of a channel: that takes
    longer. Open sessions count until `now_ms`.
    """
    if query.user_id is None and query.channel_id is None:
        sums = await _fetch_rollup_sums(rx, query, by, limit)
        open_sums = await _open_sums(rx, query, by, days, now_ms)
        missing = [key for key in open_sums if key not in sums]
        sums |= await _fetch_sums_of(rx, query, by, missing)
        for key, total in open_sums.items():
            sums.setdefault(key, [0, 0])[1] += total
    else:
        sums = await _fetch_raw_sums(rx, query, by, days, now_ms)
    position = 1 if query.is_of_sessions else 0
    best = sorted(sums.items(), key=lambda item: (-item[1][position], item[0]))[:limit]
    texts = (
        await _fetch_texts(rx, query.guild_id, [key for key, _sums in best]) if by is Dimension.TEXT else {}
    )
    return [Ranked(key, *texts.get(key, (None, None)), *key_sums) for key, key_sums in best]


async def fetch_distinct(rx: ReadTransaction, query: Query, by: Dimension) -> int:
    """Return how many different users, channels or names the days have; the query's user and channel do not matter."""
    sql = (
        f"SELECT COUNT(DISTINCT {by.value}) FROM {by.rollup} "
        "WHERE guild_id = ? AND kind = ? AND day BETWEEN ? AND ?"
    )
    return first_number(await rx.fetch_one(sql, _day_parameters(query)))


async def _fetch_rollup_sums(rx: ReadTransaction, query: Query, by: Dimension, limit: int) -> _Sums:
    order = "3" if query.is_of_sessions else "2"
    sql = (
        f"SELECT {by.value}, SUM(events), SUM(total) FROM {by.rollup} "
        "WHERE guild_id = ? AND kind = ? AND day BETWEEN ? AND ? "
        f"GROUP BY {by.value} ORDER BY {order} DESC, 1 LIMIT ?"
    )
    rows = await rx.fetch_all(sql, (*_day_parameters(query), limit))
    return {key: [events, total] for key, events, total in rows}


async def _fetch_sums_of(rx: ReadTransaction, query: Query, by: Dimension, keys: list[int]) -> _Sums:
    sums: _Sums = {}
    asked = range(query.first_day, query.last_day + 1)
    for chunk in split_keys(keys):
        sql = (
            f"SELECT {by.value}, SUM(events), SUM(total) FROM {by.rollup} "
            f"WHERE guild_id = ? AND kind = ? AND day IN {placeholders(len(asked))} "
            f"AND {by.value} IN {placeholders(len(chunk))} GROUP BY {by.value}"
        )
        rows = await rx.fetch_all(sql, (query.guild_id, query.kind.number, *asked, *chunk))
        sums |= {key: [events, total] for key, events, total in rows}
    return sums


async def _open_sums(
    rx: ReadTransaction, query: Query, by: Dimension, days: ServerDays, now_ms: int
) -> dict[int, int]:
    since_ms, until_ms = days.start_of(query.first_day), days.start_of(query.last_day + 1)
    sums: dict[int, int] = defaultdict(int)
    for session in await fetch_open_sessions(rx, query):
        key: int | None = getattr(session, by.value)
        length_ms = min(now_ms, until_ms) - max(session.began_at_ms, since_ms)
        if key is not None and length_ms > 0:
            sums[key] += length_ms
    return sums


async def _fetch_raw_sums(
    rx: ReadTransaction, query: Query, by: Dimension, days: ServerDays, now_ms: int
) -> _Sums:
    sums: _Sums = defaultdict(lambda: [0, 0])
    is_of_sessions = query.is_of_sessions
    value, table = (
        ("ended_at_ms", "statistics_sessions") if is_of_sessions else ("duration_us", "statistics_events")
    )
    sql = (
        f"SELECT {by.value}, record_id, {value} FROM {table} "
        "WHERE guild_id = ? AND kind = ? AND record_id >= ? AND record_id < ? "
        f"AND {by.value} IS NOT NULL AND (? IS NULL OR user_id = ?) AND (? IS NULL OR channel_id = ?)"
    )
    low_id, high_id = query.id_range(days)
    if query.user_id is not None:
        ranges = await fetch_user_ranges(rx, query, days)
    else:
        ranges = [(0 if is_of_sessions else low_id, high_id)]
    since_ms, until_ms = days.start_of(query.first_day), days.start_of(query.last_day + 1)
    filters: tuple[SqlValue, ...] = (query.user_id, query.user_id, query.channel_id, query.channel_id)
    for range_low_id, range_high_id in ranges:
        rows = await rx.fetch_all(
            sql, (query.guild_id, query.kind.number, range_low_id, range_high_id, *filters)
        )
        for key, record_id, number in rows:
            if not is_of_sessions:
                sums[key][0] += 1
                sums[key][1] += number or 0
                continue
            began_at_ms = time_ms_of(record_id)
            ended_at_ms = min(now_ms if number is None else number, until_ms)
            if ended_at_ms > since_ms or began_at_ms >= since_ms:
                sums[key][0] += began_at_ms >= since_ms
                sums[key][1] += max(0, ended_at_ms - max(began_at_ms, since_ms))
    return sums


async def _fetch_texts(rx: ReadTransaction, guild_id: int, text_ids: list[int]) -> dict[int, tuple[str, int]]:
    texts: dict[int, tuple[str, int]] = {}
    for chunk in split_keys(text_ids):
        rows = await rx.fetch_all(f"{_FETCH_TEXTS} {placeholders(len(chunk))}", (guild_id, *chunk))
        texts |= {text_id: (text, activity_type) for text_id, text, activity_type in rows}
    return texts


def _day_parameters(query: Query) -> tuple[SqlValue, ...]:
    return (query.guild_id, query.kind.number, query.first_day, query.last_day)
