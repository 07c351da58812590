"""Asks Discord's member search about joins, one server after the other, and repairs what it knows better.

What waits is in the database, written with each decision, so a restart goes on where it was. All requests are made by one task,
which lives while something waits; it never hurries, as joins are recorded and announced without it.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from cogs.invite_tracker.confirming.findings import (
    Finding,
    NotIndexed,
    SearchNotUnderstoodError,
    read_answer,
)
from cogs.invite_tracker.confirming.pace import GIVEN_UP_AFTER_MS, Pace
from cogs.invite_tracker.confirming.recording import Confirmed, await_confirmation, record_findings
from cogs.invite_tracker.confirming.refusals import Refusals
from cogs.invite_tracker.confirming.repair_log import note_refusal, note_repairs, note_return
from cogs.invite_tracker.confirming.repairs import may_be_confirmed
from cogs.invite_tracker.confirming.search_requests import (
    MEMBERS_PER_REQUEST,
    Cursor,
    search_members,
    search_page,
)
from cogs.invite_tracker.joiner_roles.giver import RoleGiver
from cogs.invite_tracker.messages.announcements import Announcer
from storage.confirmations import (
    Due,
    UnconfirmedJoin,
    delete_unconfirmed_joins,
    delete_unconfirmed_joins_before,
    fetch_confirmations_due,
    fetch_guilds_with_changed_messages,
    fetch_unconfirmed_joins,
)
from storage.database import WriteTransaction
from storage.joins import fetch_joins_by_id
from storage.records import Join

_log = logging.getLogger(__name__)

SAME_JOIN_MS: Final = 1_000
"""Discord has stamped one join with two times 0.4 s apart; so soon nobody leaves and comes back unseen."""

REQUEST_SECONDS: Final = 30.0
FAILED_SECONDS: Final = 30.0
STEP_ROWS: Final = 100
LEISURE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """What the search said: by member, and how many members there were in what came."""

    findings: Mapping[int, Finding]
    size: int


class Confirmer:
    """The joins of all servers that wait to be confirmed; `is_steady` tells of a server whether all its events come."""

    def __init__(
        self,
        client: HeadcountClient,
        announcer: Announcer,
        giver: RoleGiver,
        is_steady: Callable[[int], bool],
    ) -> None:
        config = client.parts.config.invite_tracker
        self.is_on = config.members_search
        self.pace = Pace(
            step_ms=int(config.members_search_after_seconds * 1000), late_counter_ms=config.late_counter_ms
        )
        self._client = client
        self._clock = client.parts.clock
        self._database = client.parts.database
        self._announcer = announcer
        self._giver = giver
        self._is_steady = is_steady
        self._refusals = Refusals(self.pace)
        self._next_request_at_ms = 0
        self._tidied_at_ms: int | None = None
        self._unshown: set[int] = set()
        self._is_stopping = False
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Go on with what waited when the bot stopped."""
        async with self._database.read() as rx:
            self._unshown = await fetch_guilds_with_changed_messages(rx)
        self.wake()

    async def close(self) -> None:
        """Give up what is under way; it is asked again after the next start."""
        self._is_stopping = True
        self._stir.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Learn that something waits."""
        self._stir.set()
        if not self._is_stopping and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name="confirming joins")

    async def expect(self, tx: WriteTransaction, joins: Iterable[Join]) -> None:
        """Let joins be asked about that were decided for good."""
        if self.is_on:
            await await_confirmation(tx, joins, self.pace, self._clock.now_ms())

    def forget(self, guild_id: int) -> None:
        """Begin anew with a server: the module was enabled or disabled there."""
        self._refusals.forget(guild_id)

    def trouble(self, guild_id: int) -> str | None:
        """Return why joins of a server are not confirmed, a sentence of the catalogue; None while all is well."""
        return self._refusals.trouble(guild_id) if self.is_on else None

    def may_search(self, guild_id: int) -> bool:
        """Whether the search is there for a server, as far as is known, and the bot may use it."""
        is_refused = self._refusals.trouble(guild_id) is not None
        is_left_alone = self._refusals.not_before_ms(guild_id) > self._clock.now_ms()
        return self.is_on and self._may_ask(guild_id) and not (is_refused and is_left_alone)

    async def search_all(self, guild_id: int, behind: Cursor | None) -> Answer | None:
        """Ask for a page of all members once no join needs the search; None when no answer came: then ask again."""
        while not await self._has_turn(guild_id):
            await self._clock.sleep(min(LEISURE_SECONDS, self.pace.step_ms / 1000))
        return await self._ask(guild_id, search_page(self._client, guild_id, behind))

    async def _has_turn(self, guild_id: int) -> bool:
        """Whether what is not about joins of the present may ask about a server now, without delaying those."""
        async with self._database.read() as rx:
            due = await fetch_confirmations_due(rx)
        now_ms = self._clock.now_ms()
        soon_ms = now_ms + self.pace.step_ms
        is_wanted = any(
            (one.first_at_ms <= now_ms or (each == guild_id and _is_doubtful(one, soon_ms)))
            and self._refusals.not_before_ms(each) <= soon_ms
            and self._may_ask(each)
            for each, one in due.items()
        )
        not_before_ms = max(self._next_request_at_ms, self._refusals.not_before_ms(guild_id))
        return not is_wanted and not_before_ms <= now_ms

    async def _run(self) -> None:
        while not self._is_stopping:
            self._stir.clear()
            try:
                wait_seconds = await self._step()
            except sqlite3.Error as error:
                # The trackers tell of a database that fails.
                _log.debug("Joins cannot be confirmed: %s", error)
                wait_seconds = FAILED_SECONDS
            except Exception:
                _log.exception(
                    "Joins could not be confirmed; it is tried again in %.0f seconds.", FAILED_SECONDS
                )
                wait_seconds = FAILED_SECONDS
            if wait_seconds is None:
                if not self._stir.is_set():
                    return
            else:
                # What comes in meanwhile has time for a step.
                await self._clock.sleep(min(wait_seconds, self.pace.step_ms / 1000))

    async def _step(self) -> float | None:
        """Do what can be done now; return in how many seconds there is more, None when nothing waits."""
        self._show_changes()
        now_ms = self._clock.now_ms()
        idle_at_ms = now_ms + self.pace.idle_ms
        wakes = [idle_at_ms] if self._unshown else []
        if self.is_on:
            await self._tidy(now_ms)
            async with self._database.read() as rx:
                due = await fetch_confirmations_due(rx)
            times = {
                guild_id: max(
                    one.first_at_ms, self._refusals.not_before_ms(guild_id), self._next_request_at_ms
                )
                if self._may_ask(guild_id)
                else max(one.first_at_ms, idle_at_ms)
                for guild_id, one in due.items()
            }
            ready = [guild_id for guild_id, at_ms in times.items() if at_ms <= now_ms]
            if ready:
                # When there is more to ask than the budget allows, doubtful joins go first.
                await self._confirm(
                    min(ready, key=lambda one: (not _is_doubtful(due[one], now_ms), times[one]))
                )
                return 0
            wakes += times.values()
        return (min(wakes) - now_ms) / 1000 if wakes else None

    def _show_changes(self) -> None:
        """Let messages be edited for which there was no time before the stop, or that Discord did not let us edit."""
        for guild_id in tuple(self._unshown):
            guild = self._client.get_guild(guild_id)
            if guild is None or guild.unavailable:
                continue
            self._unshown.discard(guild_id)
            self._announcer.revise_changed(guild_id)

    async def _tidy(self, now_ms: int) -> None:
        """Give up, now and then, what could not be asked about for long, and see which messages are still to be edited."""
        if self._tidied_at_ms is not None and now_ms < self._tidied_at_ms + self.pace.refused_ms:
            return
        if self._tidied_at_ms is not None:
            async with self._database.read() as rx:
                self._unshown |= await fetch_guilds_with_changed_messages(rx)
        self._tidied_at_ms = now_ms
        given_up = STEP_ROWS
        while given_up == STEP_ROWS:
            async with self._database.write() as tx:
                given_up = await delete_unconfirmed_joins_before(tx, now_ms - GIVEN_UP_AFTER_MS, STEP_ROWS)

    def _may_ask(self, guild_id: int) -> bool:
        guild = self._client.get_guild(guild_id)
        return (
            guild is not None
            and not guild.unavailable
            and self._client.intents.members
            and guild.me.guild_permissions.manage_guild
        )

    async def _confirm(self, guild_id: int) -> None:
        """Ask about the first joins of a server that wait."""
        asked = await self._fetch_asked(guild_id)
        if not asked:
            return
        asked_about = [join.member_id for _, join in asked if join.member_id is not None]
        answer = await self._ask(guild_id, search_members(self._client, guild_id, asked_about))
        if answer is None:
            return
        now_ms = self._clock.now_ms()
        recorder = self._client.parts.recorder
        async with self._database.write() as tx:
            confirmed = await record_findings(
                tx,
                guild_id,
                [one for one, _ in asked],
                answer.findings,
                pace=self.pace,
                now_ms=now_ms,
                tolerance_ms=SAME_JOIN_MS if self._is_steady(guild_id) else 0,
                is_opted_out=lambda user_id: recorder.is_opted_out(guild_id, user_id),
            )
            roles = await self._giver.expect(tx, guild_id, [repair.after for repair in confirmed.repairs])
        self._giver.give(guild_id, roles)
        self._tell(guild_id, confirmed)

    async def _ask(self, guild_id: int, request: Awaitable[Any]) -> Answer | None:
        """Send the request; return what came, None for no answer: when to ask again is noted."""
        now_ms = self._clock.now_ms()
        self._next_request_at_ms = now_ms + self.pace.distance_ms
        self._refusals.note_request(guild_id, now_ms)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                payload = await request
            findings = read_answer(payload)
        except (*REQUEST_FAILURES, SearchNotUnderstoodError) as error:
            self._note_failure(guild_id, error)
            return None
        if isinstance(findings, NotIndexed):
            self._refusals.note_failure(guild_id, self._clock.now_ms(), findings.retry_after_seconds)
            return None
        if self._refusals.note_answer(guild_id):
            note_return(guild_id)
        return Answer(findings, len(payload["members"]))

    async def _fetch_asked(self, guild_id: int) -> list[tuple[UnconfirmedJoin, Join]]:
        """Return what to ask about next, and strike what is not to be asked about any more."""
        recorder = self._client.parts.recorder
        async with self._database.read() as rx:
            now_ms = self._clock.now_ms()
            waiting = await fetch_unconfirmed_joins(rx, guild_id, now_ms, MEMBERS_PER_REQUEST)
            joins = await fetch_joins_by_id(rx, guild_id, [one.join_id for one in waiting])
        asked = [
            (one, join)
            for one in waiting
            if (join := joins.get(one.join_id)) is not None
            and may_be_confirmed(join)
            and not recorder.is_opted_out(guild_id, join.member_id or 0)
        ]
        settled = {one.join_id for one in waiting} - {one.join_id for one, _ in asked}
        if settled:
            async with self._database.write() as tx:
                await delete_unconfirmed_joins(tx, guild_id, sorted(settled))
        return asked

    def _note_failure(self, guild_id: int, error: Exception) -> None:
        now_ms = self._clock.now_ms()
        if isinstance(error, discord.RateLimited):
            self._refusals.note_failure(guild_id, now_ms, error.retry_after)
        elif isinstance(error, discord.HTTPException) and 400 <= error.status < 500 and error.status != 429:
            if self._refusals.note_refusal(guild_id, error.status, now_ms):
                note_refusal(guild_id, error.status)
        else:
            self._refusals.note_failure(guild_id, now_ms)
            _log.debug("Server %d: the member search did not answer: %s", guild_id, error)

    def _tell(self, guild_id: int, confirmed: Confirmed) -> None:
        if confirmed.repairs:
            note_repairs(guild_id, confirmed.repairs)
            self._announcer.revise_joins(guild_id, [repair.after.join_id for repair in confirmed.repairs])


def _is_doubtful(due: Due, now_ms: int) -> bool:
    return due.doubtful_at_ms is not None and due.doubtful_at_ms <= now_ms
