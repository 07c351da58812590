"""Heartbeats: until when everything that each shard was told is on record."""

from collections.abc import Mapping, Sequence

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import insert_rows, placeholders

_INSERT = "INSERT INTO heartbeats (shard_id, beat_at_ms)"
_ON_CONFLICT = "ON CONFLICT (shard_id) DO UPDATE SET beat_at_ms = excluded.beat_at_ms"
_FETCH_OLDEST = "SELECT MIN(beat_at_ms) FROM heartbeats"
_FETCH = "SELECT shard_id, beat_at_ms FROM heartbeats"
_FETCH_SHARD_IDS = "SELECT shard_id FROM heartbeats"
_DELETE_EXCEPT = "DELETE FROM heartbeats WHERE shard_id NOT IN"


async def upsert_heartbeats(tx: WriteTransaction, beats: Mapping[int, int]) -> None:
    """Store the beats, shard id to time."""
    await insert_rows(tx, _INSERT, list(beats.items()), _ON_CONFLICT)


async def fetch_oldest_heartbeat_ms(rx: ReadTransaction) -> int | None:
    """Return the time of the shard that beat longest ago, None before the first beat of all."""
    row = await rx.fetch_one(_FETCH_OLDEST)
    return None if row is None else row[0]


async def fetch_heartbeats(rx: ReadTransaction) -> dict[int, int]:
    """Return the beat of each shard, by its id."""
    return dict(await rx.fetch_all(_FETCH))


async def fetch_heartbeat_shard_ids(rx: ReadTransaction) -> set[int]:
    """Return the shards that have a beat on record."""
    return {shard_id for (shard_id,) in await rx.fetch_all(_FETCH_SHARD_IDS)}


async def delete_heartbeats_except(tx: WriteTransaction, shard_ids: Sequence[int]) -> None:
    """Forget the other shards: their number has changed."""
    await tx.execute(f"{_DELETE_EXCEPT} {placeholders(len(shard_ids))}", tuple(shard_ids))
