"""The members of one server who were here before: listed page by page and put on record, then explained by the search.

How far it is stands in the database, so a restart goes on there; what it does twice changes nothing.
"""

import logging
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from bot.steps import PAUSE_SECONDS
from cogs.invite_tracker.confirming.confirmer import SAME_JOIN_MS, Confirmer
from cogs.invite_tracker.confirming.findings import Finding
from cogs.invite_tracker.confirming.search_requests import MEMBERS_PER_PAGE, Cursor
from cogs.invite_tracker.existing.reading import id_before, listed_until_ms, read_people
from cogs.invite_tracker.existing.recording import (
    STEP_MEMBERS,
    record_explanations,
    record_people,
    select_unexplained,
    select_unrecorded,
)
from cogs.invite_tracker.tracking.discord_requests import fetch_member_pages
from storage.database import WriteTransaction
from storage.member_syncs import MemberSync, Stage, fetch_member_sync, upsert_member_sync
from storage.records import Arrival

_log = logging.getLogger(__name__)

READ_MEMBERS: Final = 200
RETRY_SECONDS_LEAST: Final = 1.0
RETRY_SECONDS_MOST: Final = 300.0
WAIT_SECONDS: Final = 0.5
GIVEN_UP_AFTER_MS: Final = 24 * 3_600_000
"""A search that gives no answer for so long is asked no more."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the work asks of the tracker."""

    client: HeadcountClient
    confirmer: Confirmer
    next_id: Callable[[int], int]
    """The id of a join that is recorded at this time."""
    steady_since_ms: Callable[[int], int | None]
    """Since when every event of a server comes, its past caught up with; None while that is not so."""


class PageStaleError(Exception):
    """Since the page was asked for, events may have been missed: who is on it may be gone."""


class NotWantedError(Exception):
    """The module was disabled, or an admin said stop."""


class GuildSync:
    """The work in one server, for as long as this process lives and it is not stopped."""

    def __init__(self, guild_id: int, around: Surroundings) -> None:
        self._guild_id = guild_id
        self._around = around
        self._client = around.client
        self._clock = around.client.parts.clock
        self._database = around.client.parts.database
        self._gone: set[int] = set()
        self._forgotten: set[int] = set()

    def note_left(self, user_id: int) -> None:
        """Learn that somebody left, or is to be forgotten: a page that was sent before may still name them."""
        self._gone.add(user_id)

    def note_forgotten(self, user_id: int) -> None:
        """Learn that somebody is to be forgotten: what was asked before may not name them any more."""
        self._forgotten.add(user_id)

    async def run(self) -> None:
        """Do all that there is to do; returns when it is done, or the bot is not in the server."""
        pause = RETRY_SECONDS_LEAST
        while True:
            try:
                await self._work()
            except PageStaleError:
                continue
            except NotWantedError:
                return
            except (*REQUEST_FAILURES, sqlite3.Error) as error:
                # Members wait for nothing; the trackers tell of a database or a Discord that fails.
                _log.debug(
                    "Server %d: the members from before could not be recorded: %s", self._guild_id, error
                )
            except Exception:
                _log.exception(
                    "Server %d: the members from before could not be recorded; next try in %.0f seconds.",
                    self._guild_id,
                    pause,
                )
            else:
                return
            await self._clock.sleep(pause)
            pause = min(2 * pause, RETRY_SECONDS_MOST)

    async def _work(self) -> None:
        async with self._database.read() as rx:
            sync = await fetch_member_sync(rx, self._guild_id)
        if sync is not None and sync.stage is Stage.LISTING:
            sync = await self._list(sync)
        if sync is not None and sync.stage is Stage.SEARCHING:
            await self._search(sync)

    async def _list(self, sync: MemberSync) -> MemberSync | None:
        """Put everybody on record who is not; return None when the bot is not in the server any more."""
        asked_at_ms = await self._await_steady()
        if not self._is_present():
            return None
        async with aclosing(self._pages(sync)) as pages:
            async for page in pages:
                recorded = await self._record_page(page, sync.joined_before_ms, asked_at_ms)
                sync = replace(
                    sync,
                    listed=sync.listed + len(page),
                    recorded=sync.recorded + recorded,
                    listed_until_ms=listed_until_ms(int(page[-1]["user"]["id"])),
                )
                await self._store(sync)
                await self._clock.sleep(self._around.confirmer.pace.distance_ms / 1000)
                asked_at_ms = await self._await_steady()
                if not self._is_present():
                    return None
        sync = replace(sync, stage=Stage.SEARCHING)
        await self._store(sync)
        return sync

    async def _record_page(
        self, page: Sequence[Mapping[str, Any]], joined_before_ms: int, asked_at_ms: int
    ) -> int:
        people = read_people(self._guild_id, page, joined_before_ms, self._clock.now_ms())
        recorded = 0
        while some := list(islice(people, READ_MEMBERS)):
            async with self._database.read() as rx:
                new = iter(await select_unrecorded(rx, self._guild_id, some))
            while step := list(islice(new, STEP_MEMBERS)):
                recorded += await self._record(step, asked_at_ms)
                # Recording goes first: other writers get the lock between two steps.
                await self._clock.sleep(PAUSE_SECONDS)
        return recorded

    def _pages(self, sync: MemberSync) -> AsyncGenerator[list[Mapping[str, Any]], None]:
        after_id = id_before(sync.listed_until_ms) if sync.listed_until_ms else None
        return fetch_member_pages(self._client, self._guild_id, after_id)

    async def _record(self, people: Sequence[Arrival], asked_at_ms: int) -> int:
        async with self._database.write() as tx:
            await self._check_wanted(tx)
            since_ms = self._around.steady_since_ms(self._guild_id)
            if since_ms is None or since_ms > asked_at_ms:
                raise PageStaleError
            return await record_people(
                tx,
                self._guild_id,
                people,
                is_gone=lambda user_id: user_id in self._gone,
                is_hidden=self._is_hidden,
                next_id=self._around.next_id,
                now_ms=self._clock.now_ms(),
            )

    async def _search(self, sync: MemberSync) -> None:
        """Ask about everybody, those who joined last first, a page at a time."""
        behind = None
        if sync.searched_down_to_ms is not None:
            behind = Cursor(sync.searched_down_to_ms + 1, 0)
        confirmer = self._around.confirmer
        while True:
            await self._await_steady()
            if not self._is_present():
                return
            given_up_at_ms = sync.started_at_ms + GIVEN_UP_AFTER_MS
            if not confirmer.may_search(self._guild_id) or self._clock.now_ms() >= given_up_at_ms:
                await self._end(sync, Stage.UNEXPLAINED)
                return
            answer = await confirmer.search_all(self._guild_id, behind)
            if answer is None:
                continue
            explained = await self._explain(answer.findings)
            places = [Cursor(one.joined_at_ms, one.member_id) for one in answer.findings.values()]
            last = min(places, default=None)
            sync = replace(
                sync,
                searched=sync.searched + len(places),
                explained=sync.explained + explained,
                searched_down_to_ms=sync.searched_down_to_ms if last is None else last.joined_at_ms,
            )
            if answer.size < MEMBERS_PER_PAGE:
                await self._end(sync, Stage.DONE)
                return
            if last is None or (behind is not None and last >= behind):
                _log.warning("Server %d: the member search gives the same page again.", self._guild_id)
                await self._end(sync, Stage.UNEXPLAINED)
                return
            behind = last
            await self._store(sync)

    async def _explain(self, findings: Mapping[int, Finding]) -> int:
        explained = 0
        rest = iter(findings.items())
        while some := dict(islice(rest, READ_MEMBERS)):
            async with self._database.read() as rx:
                new = iter((await select_unexplained(rx, self._guild_id, some)).items())
            while step := dict(islice(new, STEP_MEMBERS)):
                async with self._database.write() as tx:
                    await self._check_wanted(tx)
                    explained += await record_explanations(
                        tx, self._guild_id, step, tolerance_ms=SAME_JOIN_MS, is_hidden=self._is_hidden
                    )
                await self._clock.sleep(PAUSE_SECONDS)
        return explained

    async def _end(self, sync: MemberSync, stage: Stage) -> None:
        await self._store(replace(sync, stage=stage, ended_at_ms=self._clock.now_ms()))
        _log.info(
            "Members from before: %d were put on record; how they came is known of %d.",
            sync.recorded,
            sync.explained,
            extra={
                "event": "members_synced",
                "guild_id": self._guild_id,
                "recorded": sync.recorded,
                "explained": sync.explained,
                "outcome": stage,
            },
        )

    async def _store(self, sync: MemberSync) -> None:
        async with self._database.write() as tx:
            await self._check_wanted(tx)
            await upsert_member_sync(tx, sync)

    async def _check_wanted(self, tx: WriteTransaction) -> None:
        """Raise NotWantedError where nothing is to be written any more."""
        stored = await fetch_member_sync(tx, self._guild_id)
        if stored is None or not stored.is_under_way:
            raise NotWantedError

    async def _await_steady(self) -> int:
        """Wait until every event of the server comes and its past is caught up with; return the time then."""
        while self._is_present() and self._around.steady_since_ms(self._guild_id) is None:
            await self._clock.sleep(WAIT_SECONDS)
        return self._clock.now_ms()

    def _is_present(self) -> bool:
        return self._client.get_guild(self._guild_id) is not None

    def _is_hidden(self, user_id: int) -> bool:
        recorder = self._client.parts.recorder
        return user_id in self._forgotten or recorder.is_opted_out(self._guild_id, user_id)
