"""Storing a batch: the raw records and what they add to the rollups, in one transaction."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from storage.database import ReadTransaction, WriteTransaction
from storage.server_days import ServerDays, fetch_server_days
from storage.statements import first_number, insert_rows, placeholders, split_keys, split_rows
from storage.statistics.catalogue import MESSAGES_DELETED, MESSAGES_SENT
from storage.statistics.changes import (
    NO_ACTIVITY,
    Change,
    EventRecorded,
    MessageDeleted,
    Sampled,
    SessionClosed,
    SessionOpened,
)
from storage.statistics.record_ids import time_ms_of
from storage.statistics.retention import RAW_TABLES, fetch_kinds
from storage.statistics.rollups import EventRow, Rollups, SessionRow

_INSERT_EVENTS: Final = """
INSERT INTO statistics_events
(guild_id, kind, record_id, user_id, channel_id, message_id, text_id, duration_us)
"""
_INSERT_PLAIN_EVENTS: Final = "INSERT INTO statistics_events (guild_id, kind, record_id, user_id, channel_id)"
_NOTHING_MORE: Final = (None, None, None)
_INSERT_SESSIONS: Final = """
INSERT INTO statistics_sessions (guild_id, kind, record_id, user_id, channel_id, text_id, ended_at_ms)
"""
_ON_CONFLICT_END: Final = """
ON CONFLICT (guild_id, kind, record_id) DO UPDATE SET ended_at_ms = excluded.ended_at_ms
"""
_INSERT_SAMPLES: Final = """
INSERT INTO statistics_samples (guild_id, kind, record_id, first_value, second_value, third_value)
"""
_ON_CONFLICT_KEEP: Final = "ON CONFLICT (guild_id, kind, record_id) DO NOTHING"
_FETCH_KNOWN: Final = (
    "SELECT guild_id, kind, record_id FROM statistics_events WHERE (guild_id, kind, record_id) IN"
)
_FETCH_AUTHORS: Final = """
SELECT record_id, user_id FROM statistics_events WHERE guild_id = ? AND kind = ? AND record_id IN
"""
_FETCH_TEXTS: Final = """
SELECT activity_type, text, text_id FROM statistics_texts WHERE guild_id = ? AND (activity_type, text) IN
"""
_FETCH_LAST_TEXT_ID: Final = "SELECT COALESCE(MAX(text_id), 0) FROM statistics_texts WHERE guild_id = ?"
_INSERT_TEXTS: Final = "INSERT INTO statistics_texts (guild_id, text_id, activity_type, text)"

_C = TypeVar("_C", bound=Change)

IsOptedOut = Callable[[int, int], bool]
Text = tuple[int, str]
"""The activity type and the name."""


async def insert_changes(
    tx: WriteTransaction, changes: Sequence[Change], days: dict[int, ServerDays], is_opted_out: IsOptedOut
) -> None:
    """Store changes in the order in which they happened.

    `days` serves as a cache of the guilds' days, and is filled. An event that is on record already does not count again.
    """
    by_type: dict[type[Change], list[Change]] = defaultdict(list)
    for change in changes:
        by_type[type(change)].append(change)
    for guild_id in {change[0] for change in changes}:
        if guild_id not in days:
            days[guild_id] = await fetch_server_days(tx, guild_id)
    texts = await _resolve_texts(tx, changes)
    rollups = Rollups(days)

    events = _event_rows(_of(EventRecorded, by_type), texts)
    added = await _insert_events(tx, events)
    rollups.add_events(added)
    deletions = await _with_authors(tx, _of(MessageDeleted, by_type), is_opted_out)
    added_deletions = await _insert_events(tx, deletions)
    rollups.add_events(added_deletions)

    begun = {(change[:3]): _session_row(change, texts) for change in _of(SessionOpened, by_type)}
    ended = {(change[:3]): _session_row(change, texts) for change in _of(SessionClosed, by_type)}
    await insert_rows(tx, _INSERT_SESSIONS, list((begun | ended).values()), _ON_CONFLICT_END)
    rollups.add_sessions_begun(begun.values())
    rollups.add_sessions_ended(ended.values())

    samples = _of(Sampled, by_type)
    await insert_rows(tx, _INSERT_SAMPLES, samples, _ON_CONFLICT_KEEP)
    await rollups.upsert(tx)


async def fetch_newest_ms(rx: ReadTransaction, guild_id: int) -> int | None:
    """Return the time of the latest record of a guild; None without any."""
    newest: list[int] = []
    for table in RAW_TABLES:
        for kind in await fetch_kinds(rx, guild_id, table):
            sql = f"SELECT MAX(record_id) FROM {table} WHERE guild_id = ? AND kind = ?"
            newest.append(time_ms_of(first_number(await rx.fetch_one(sql, (guild_id, kind)))))
    return max(newest, default=None)


def _of(kind: type[_C], by_type: Mapping[Any, list[Any]]) -> list[_C]:
    return by_type.get(kind, [])


def _event_rows(
    changes: Sequence[EventRecorded], texts: Mapping[tuple[int, Text], int]
) -> Sequence[EventRow]:
    # Most events carry no text, and then are the row already.
    return [
        cast("EventRow", change)
        if change.text is None
        else (*change[:6], texts[change.guild_id, (NO_ACTIVITY, change.text)], change.duration_us)
        for change in changes
    ]


def _session_row(change: SessionOpened | SessionClosed, texts: Mapping[tuple[int, Text], int]) -> SessionRow:
    text_id = None if change.text is None else texts[change.guild_id, (change.activity_type, change.text)]
    ended_at_ms = change.ended_at_ms if isinstance(change, SessionClosed) else None
    return (
        change.guild_id,
        change.kind,
        change.record_id,
        change.user_id,
        change.channel_id,
        text_id,
        ended_at_ms,
    )


async def _insert_events(tx: WriteTransaction, rows: Sequence[EventRow]) -> Sequence[EventRow]:
    """Insert events and return those that were not on record before."""
    added: list[EventRow] = []
    for chunk in split_rows(rows):
        try:
            await _insert_chunk(tx, chunk)
        except sqlite3.IntegrityError:
            # SQLite undoes the statement that failed, and no other.
            new = await _without_known(tx, chunk)
            await insert_rows(tx, _INSERT_EVENTS, new)
            added += new
        else:
            added += chunk
    return added


async def _insert_chunk(tx: WriteTransaction, chunk: Sequence[EventRow]) -> None:
    """Insert rows of which none is on record; raises sqlite3.IntegrityError, and none is inserted then."""
    if any(row[5:] != _NOTHING_MORE for row in chunk):
        await insert_rows(tx, _INSERT_EVENTS, chunk)
    else:
        # Messages, mostly: to bind three columns less is a third of the work.
        await insert_rows(tx, _INSERT_PLAIN_EVENTS, [row[:5] for row in chunk])


async def _without_known(tx: WriteTransaction, rows: Sequence[EventRow]) -> list[EventRow]:
    """Leave out messages that are on record, and give other records that share an id the next free one."""
    new: dict[tuple[int, int, int], EventRow] = {}
    for row in rows:
        key = row[:3]
        while key in new or await tx.fetch_one(f"{_FETCH_KNOWN} (VALUES (?, ?, ?))", key) is not None:
            if key[1] == MESSAGES_SENT.number:
                break
            key = (key[0], key[1], key[2] + 1)
        else:
            new[key] = (*key, *row[3:])
    return list(new.values())


async def _with_authors(
    tx: ReadTransaction, deletions: Sequence[MessageDeleted], is_opted_out: IsOptedOut
) -> list[EventRow]:
    rows: list[EventRow] = []
    ids_by_guild: dict[int, list[int]] = defaultdict(list)
    for deletion in deletions:
        ids_by_guild[deletion.guild_id].append(deletion.message_id)
    authors: dict[tuple[int, int], int | None] = {}
    for guild_id, message_ids in ids_by_guild.items():
        for chunk in split_keys(message_ids):
            found = await tx.fetch_all(
                f"{_FETCH_AUTHORS} {placeholders(len(chunk))}", (guild_id, MESSAGES_SENT.number, *chunk)
            )
            authors |= {(guild_id, message_id): user_id for message_id, user_id in found}
    for guild_id, record_id, channel_id, message_id, is_dropped_when_unknown in deletions:
        if is_dropped_when_unknown and (guild_id, message_id) not in authors:
            continue
        user_id = authors.get((guild_id, message_id))
        if user_id is not None and is_opted_out(guild_id, user_id):
            user_id = None
        rows.append(
            (guild_id, MESSAGES_DELETED.number, record_id, user_id, channel_id, message_id, None, None)
        )
    return rows


async def _resolve_texts(tx: WriteTransaction, changes: Iterable[Change]) -> dict[tuple[int, Text], int]:
    """Return the ids of all texts of the changes by guild and text; new ones are stored."""
    wanted: dict[int, dict[Text, None]] = defaultdict(dict)
    for change in changes:
        if isinstance(change, EventRecorded):
            if change.text is not None:
                wanted[change.guild_id][NO_ACTIVITY, change.text] = None
        elif isinstance(change, SessionOpened | SessionClosed) and change.text is not None:
            wanted[change.guild_id][change.activity_type, change.text] = None
    resolved: dict[tuple[int, Text], int] = {}
    for guild_id, texts in wanted.items():
        for chunk in split_rows(list(texts)):
            values = ", ".join(["(?, ?)"] * len(chunk))
            found = await tx.fetch_all(
                f"{_FETCH_TEXTS} (VALUES {values})", [guild_id, *(part for text in chunk for part in text)]
            )
            resolved |= {(guild_id, (activity_type, text)): text_id for activity_type, text, text_id in found}
        new = [text for text in texts if (guild_id, text) not in resolved]
        if new:
            last_id = first_number(await tx.fetch_one(_FETCH_LAST_TEXT_ID, (guild_id,)))
            numbered = list(enumerate(new, start=last_id + 1))
            await insert_rows(tx, _INSERT_TEXTS, [(guild_id, text_id, *text) for text_id, text in numbered])
            resolved |= {(guild_id, text): text_id for text_id, text in numbered}
    return resolved
