"""Putting the joins of a file on record: all of them in the caller's transaction, and a report of what that changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from cogs.invite_tracker.tracking.anonymity import Anonymity
from cogs.invite_tracker.transfer.incoming import Entry, Incoming, Refused
from cogs.invite_tracker.transfer.matching import AnonymousJoins, is_same
from cogs.invite_tracker.transfer.reading import in_chunks
from storage.database import WriteTransaction
from storage.join_transfer import (
    ImportEffect,
    fetch_anonymous_ages,
    fetch_import_effect,
    update_imported_rejoins,
)
from storage.joins import JoinIds, fetch_joins_of_members, insert_joins
from storage.records import Join

CHUNK_ROWS: Final = 500
REFUSED_KEPT: Final = 100
GAINS_MOST: Final = 10


@dataclass(slots=True)
class Tally:
    """How many lines a file had, and what became of them."""

    read: int = 0
    new: int = 0
    anonymous: int = 0
    """Of the new ones, those without a member."""
    on_record: int = 0
    repeated: int = 0
    """Lines that say what an earlier line of the file said."""
    refused: int = 0
    refusals: list[Refused] = field(default_factory=list)
    """The first of them."""
    effect: ImportEffect | None = None
    """None before everything was tried."""


async def record_entries(
    tx: WriteTransaction,
    guild_id: int,
    entries: Iterator[Entry],
    *,
    is_opted_out: Callable[[int], bool],
    now_ms: int,
    since_ms: int,
) -> Tally:
    """Store the joins that are not on record yet, as recorded now; statistics count from `since_ms` on.

    Nothing of what is on record is changed. The memory it takes depends on the joins without a member that are on record
    before, not on the size of the file.
    """
    ids = await JoinIds.after_stored(tx)
    recording = _Recording(
        tx,
        guild_id,
        ids,
        Anonymity(is_opted_out),
        AnonymousJoins(await fetch_anonymous_ages(tx, guild_id)),
        now_ms,
    )
    for chunk in in_chunks(entries, CHUNK_ROWS):
        await recording.take(chunk)
    await update_imported_rejoins(tx, guild_id, recording.first_id)
    recording.tally.effect = await fetch_import_effect(tx, guild_id, recording.first_id, since_ms, GAINS_MOST)
    return recording.tally


class _Recording:
    def __init__(
        self,
        tx: WriteTransaction,
        guild_id: int,
        ids: JoinIds,
        anonymity: Anonymity,
        anonymous: AnonymousJoins,
        now_ms: int,
    ) -> None:
        self.tally = Tally()
        self.first_id = ids.next_id(now_ms)
        self._tx = tx
        self._guild_id = guild_id
        self._ids = ids
        self._anonymity = anonymity
        self._anonymous = anonymous
        self._now_ms = now_ms
        self._hidden_members: set[int] = set()

    async def take(self, chunk: list[Entry]) -> None:
        """Store what is new among these."""
        tally = self.tally
        tally.read += len(chunk)
        refused = [entry for entry in chunk if isinstance(entry, Refused)]
        tally.refused += len(refused)
        tally.refusals += refused[: REFUSED_KEPT - len(tally.refusals)]
        incoming = [entry for entry in chunk if isinstance(entry, Incoming)]
        member_ids = [one.join.member_id for one in incoming if one.join.member_id is not None]
        known = await fetch_joins_of_members(self._tx, self._guild_id, member_ids)
        new: list[Join] = []
        for one in incoming:
            member_id = one.join.member_id
            same = [join for join in known.get(member_id or 0, ()) if self._is_same(one, join)]
            if same:
                is_of_this_file = same[0].join_id >= self.first_id
                tally.repeated += is_of_this_file
                tally.on_record += not is_of_this_file
                continue
            if self._anonymous.take(one):
                tally.on_record += 1
                continue
            join = self._stored(one.join, is_known=bool(member_id and known.get(member_id)))
            new.append(join)
            if join.member_id is not None:
                known.setdefault(join.member_id, []).append(join)
        await insert_joins(self._tx, new)
        tally.new += len(new)
        tally.anonymous += sum(join.member_id is None for join in new)

    def _is_same(self, incoming: Incoming, stored: Join) -> bool:
        return is_same(incoming, stored, is_of_this_file=stored.join_id >= self.first_id)

    def _stored(self, join: Join, *, is_known: bool) -> Join:
        """Return the join as it may be stored, with an id of its own."""
        join = replace(join, join_id=self._ids.next_id(self._now_ms), recorded_at_ms=self._now_ms)
        member_id = join.member_id
        is_hidden = member_id is not None and self._anonymity.is_opted_out(member_id)
        if member_id is not None and is_hidden:
            is_known = is_known or member_id in self._hidden_members
            self._hidden_members.add(member_id)
        return self._anonymity.stored_join(join, is_hidden=is_hidden, is_known=is_known)
