"""Recording the members who were here before: how far it is in each server, and where their joins count."""

from dataclasses import astuple, dataclass
from enum import StrEnum

from storage.database import ReadTransaction, Row, WriteTransaction

_COLUMNS = (
    "guild_id, started_at_ms, ended_at_ms, joined_before_ms, stage, listed_until_ms, searched_down_to_ms, "
    "listed, recorded, searched, explained"
)
_UPSERT = f"""
INSERT INTO member_syncs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (guild_id) DO UPDATE SET
    started_at_ms = excluded.started_at_ms, ended_at_ms = excluded.ended_at_ms,
    joined_before_ms = excluded.joined_before_ms, stage = excluded.stage,
    listed_until_ms = excluded.listed_until_ms, searched_down_to_ms = excluded.searched_down_to_ms,
    listed = excluded.listed, recorded = excluded.recorded,
    searched = excluded.searched, explained = excluded.explained
"""
_FETCH = f"SELECT {_COLUMNS} FROM member_syncs WHERE guild_id = ?"
_FETCH_UNDER_WAY = "SELECT guild_id FROM member_syncs WHERE ended_at_ms IS NULL"
_INSERT_COUNTED = "INSERT INTO counted_existing (guild_id) VALUES (?) ON CONFLICT (guild_id) DO NOTHING"
_DELETE_COUNTED = "DELETE FROM counted_existing WHERE guild_id = ?"


class Stage(StrEnum):
    """How far it is, or how it ended."""

    LISTING = "listing"
    """The members are put on record."""
    SEARCHING = "searching"
    """They are, and the member search is asked how each came."""
    DONE = "done"
    UNEXPLAINED = "unexplained"
    """They are on record, and the member search did not say how they came, or not of all."""
    STOPPED = "stopped"
    """An admin stopped it."""


UNDER_WAY = frozenset({Stage.LISTING, Stage.SEARCHING})


@dataclass(frozen=True, slots=True)
class MemberSync:
    """How far it is in one server; the amounts are of people, and a restart may count some of them twice."""

    guild_id: int
    started_at_ms: int
    ended_at_ms: int | None
    joined_before_ms: int
    """Who joined from then on (Discord's clock) is not its business."""
    stage: Stage
    listed_until_ms: int = 0
    """The members with accounts from before are done, whole days."""
    searched_down_to_ms: int | None = None
    """Those who joined after it were asked about."""
    listed: int = 0
    recorded: int = 0
    """Of those listed, the ones that were not on record."""
    searched: int = 0
    explained: int = 0
    """Of those asked about, the ones of whom it is known now how they came."""

    @property
    def is_under_way(self) -> bool:
        """Whether there is more to do."""
        return self.stage in UNDER_WAY


async def upsert_member_sync(tx: WriteTransaction, sync: MemberSync) -> None:
    """Store how far it is."""
    await tx.execute(_UPSERT, astuple(sync))


async def fetch_member_sync(rx: ReadTransaction, guild_id: int) -> MemberSync | None:
    """Return the last one of a server, None when there was none."""
    row = await rx.fetch_one(_FETCH, (guild_id,))
    return None if row is None else _read(row)


async def fetch_guilds_syncing(rx: ReadTransaction) -> set[int]:
    """Return the servers in which it is under way."""
    return {guild_id for (guild_id,) in await rx.fetch_all(_FETCH_UNDER_WAY)}


async def upsert_existing_counted(tx: WriteTransaction, guild_id: int, *, is_counted: bool) -> None:
    """Let joins of members from before count in totals, or not any more."""
    await tx.execute(_INSERT_COUNTED if is_counted else _DELETE_COUNTED, (guild_id,))


def _read(row: Row) -> MemberSync:
    guild_id, started_at_ms, ended_at_ms, joined_before_ms, stage, *rest = row
    return MemberSync(guild_id, started_at_ms, ended_at_ms, joined_before_ms, Stage(stage), *rest)
