"""One guild's tracker: gather what happened, let the ledger decide, commit, and only then act.

All work of a guild runs in one task, which lives while something is undecided and costs nothing while the guild is quiet.
What could not be committed stays in memory and is tried again; nothing is announced before it is on record.
"""

import asyncio
import logging
import sqlite3
from dataclasses import dataclass

from bot.client import HeadcountClient
from bot.text.language import N_
from cogs.invite_tracker.attribution import Decision, Ledger, Verdict
from cogs.invite_tracker.confirming.confirmer import Confirmer
from cogs.invite_tracker.confirming.recording import decided_for_good
from cogs.invite_tracker.joiner_roles.giver import RoleGiver
from cogs.invite_tracker.messages.announcements import Announcer
from cogs.invite_tracker.tracking.anonymity import Anonymity
from cogs.invite_tracker.tracking.bot_arrivals import BotArrivals
from cogs.invite_tracker.tracking.catch_up import CatchUp
from cogs.invite_tracker.tracking.events import GuildEvent, InviteCreated, InviteDeleted
from cogs.invite_tracker.tracking.forgetting import Forgetting
from cogs.invite_tracker.tracking.inbox import first_step, store_events
from cogs.invite_tracker.tracking.keys import key_of
from cogs.invite_tracker.tracking.looks import Looks
from cogs.invite_tracker.tracking.pending import PendingJoins
from cogs.invite_tracker.tracking.recording import join_of_bot, record_bot, record_decision
from cogs.invite_tracker.tracking.restoring import restore
from cogs.invite_tracker.tracking.telling import Telling
from cogs.invite_tracker.tracking.vanished_invites import VanishedInvites
from storage.joins import JoinIds

_log = logging.getLogger(__name__)

RETRY_SECONDS_LEAST = 0.5
RETRY_SECONDS_MOST = 30.0
SHORTEST_WAIT_SECONDS = 0.005
SHORTEST_WAIT_SECONDS_AWAY = 1.0
STOP_SECONDS = 5.0

DATABASE_FAILED = N_("The database cannot be written; joins wait in memory.")
BEGINS_ANEW = N_("Something failed; the tracker begins anew, and the operator finds the reason in the log.")


@dataclass(frozen=True, slots=True)
class TrackerStatus:
    """How the tracker of a guild is doing; `trouble` is a sentence for an admin, of the catalogue."""

    is_caught_up: bool
    undecided: int
    last_answer_at_ms: int | None
    trouble: str | None
    confirmation_trouble: str | None = None
    """Why doubtful joins are not confirmed by Discord's member search; nothing is lost by it but that."""


class GuildTracker:
    """Attributes the joins of one guild."""

    def __init__(
        self,
        guild_id: int,
        client: HeadcountClient,
        announcer: Announcer,
        ids: JoinIds,
        confirmer: Confirmer,
        giver: RoleGiver,
    ) -> None:
        self.guild_id = guild_id
        self.is_caught_up = False
        self._client = client
        self._clock = client.parts.clock
        self._database = client.parts.database
        self._ids = ids
        self._confirmer = confirmer
        self._giver = giver
        self._ledger: Ledger | None = None
        self._since_ms = 0
        self._inbox: list[GuildEvent] = []
        self._owners: dict[str, int] = {}
        self._pending = PendingJoins()
        recorder = client.parts.recorder
        self._anonymity = Anonymity(lambda user_id: recorder.is_opted_out(guild_id, user_id))
        self._forgetting = Forgetting(guild_id, self._database, self._anonymity)
        self._bots = BotArrivals(guild_id, client, self._wake)
        self._vanished = VanishedInvites(guild_id, client, self._wake)
        self._looks = Looks(guild_id, client, self._wake)
        self._catch_up = CatchUp(guild_id, client, self.receive)
        self._telling = Telling(guild_id, announcer)
        self._uncommitted: Decision | None = None
        self._presented_at_ms = 0
        self._caught_up_at_ms = 0
        self._trouble: str | None = None
        self._is_present = False
        self._is_stopping = False
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # What others tell the tracker; all of it returns at once.

    def receive(self, event: GuildEvent) -> None:
        """Take in something that happened; events keep their order."""
        self._inbox.append(event)
        self._wake()

    def catch_up(self) -> None:
        """Find out what happened while no events came; until then nothing is final."""
        self._is_present = True
        self._presented_at_ms = self._clock.now_ms()
        self.is_caught_up = False
        self._looks.is_wanted = True
        self._catch_up.begin()
        self._wake()

    def pause(self) -> None:
        """Ask for nothing until the guild is presented again: the bot is not in it, or Discord has an outage."""
        self._is_present = False
        self._looks.pause()
        self._catch_up.give_up()
        # Holds the heartbeat of the shard back: at the next start the scan must look this far back.
        self.is_caught_up = False

    def look_again(self) -> None:
        """Look at the counters although nobody joined."""
        self._looks.is_wanted = True
        self._wake()

    def look_when_asked(self) -> None:
        """Look at the counters because other software wants it, which may ask more often than is good."""
        self._looks.ask(self._clock.now_ms())
        self._wake()

    def note_made_invite(self, code: str, owner_id: int) -> None:
        """Learn of an invite that the bot made for somebody, to whom its uses count."""
        self._owners[code] = owner_id
        self.look_again()

    def note_permissions(self) -> None:
        """Look again if the bot could not see the counters so far: its roles have changed."""
        if self._looks.is_blind:
            self.look_again()

    async def forget_person(self, user_id: int) -> None:
        """Take a person out of what is undecided, and off the invites; returns when that is on record.

        What is decided from now on about what happened before does not name them, nor do their invites that exist.
        Raises TrackerStoppedError when the tracker stops before that.
        """
        done = self._forgetting.ask(user_id)
        self._wake()
        await done

    @property
    def has_all_on_record(self) -> bool:
        """Whether everything that was heard of this guild, and happened while nothing could be heard, is stored."""
        return self.is_caught_up and not self._inbox

    def status(self) -> TrackerStatus:
        """Return how the tracker is doing."""
        return TrackerStatus(
            self.is_caught_up,
            len(self._pending.arrivals) + len(self._inbox),
            self._looks.last_answer_at_ms,
            self._trouble or self._looks.trouble,
            self._confirmer.trouble(self.guild_id),
        )

    @property
    def is_steady(self) -> bool:
        """Whether every event of the guild that is older than the lag bound has come."""
        since_ms, bounds = self.steady_since_ms, self._client.parts.config.invite_tracker
        return since_ms is not None and since_ms + bounds.lag_bound_ms <= self._clock.now_ms()

    async def stop(self) -> None:
        """Finish within a few seconds what is under way; what is undecided is stored and goes on at the next start."""
        await self._catch_up.stop()
        self._is_stopping = True
        self._forgetting.close()
        self._stir.set()
        task = self._task
        if task is not None and not task.done():
            await asyncio.wait({task}, timeout=STOP_SECONDS)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for requests in (self._looks, self._vanished, self._bots):
            await requests.stop()

    # The task

    def _wake(self) -> None:
        self._stir.set()
        if not self._is_stopping and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name=f"tracker of {self.guild_id}")

    async def _run(self) -> None:
        failures = 0
        while True:
            self._stir.clear()
            try:
                wait_seconds = await self._step()
                failures = 0
                self._trouble = None
            except Exception as error:
                wait_seconds = min(RETRY_SECONDS_LEAST * 2**failures, RETRY_SECONDS_MOST)
                failures += 1
                await self._recover(error, wait_seconds)
            if self._is_stopping and not self._owes_a_record():
                return
            if wait_seconds is not None:
                await self._clock.wait_for(self._stir, wait_seconds)
            elif not self._stir.is_set():
                return

    async def _recover(self, error: Exception, wait_seconds: float) -> None:
        if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
            self._trouble = DATABASE_FAILED
            _log.error(
                "The tracker's database failed (%s); next try in %.1f seconds.",
                error,
                wait_seconds,
                extra={"event": "tracker_failing", "guild_id": self.guild_id},
            )
            return
        _log.error(
            "The tracker failed; it begins anew from the record in %.1f seconds.",
            wait_seconds,
            exc_info=error,
            extra={"event": "tracker_failing", "guild_id": self.guild_id},
        )
        self._trouble = BEGINS_ANEW
        await self._forget()

    def _owes_a_record(self) -> bool:
        """Whether something that happened is not on record yet."""
        undecided = self._pending.arrivals.keys() - self._pending.on_record
        return bool(self._inbox or undecided or self._uncommitted is not None)

    async def _step(self) -> float | None:
        """Do all that can be done now; return in how many seconds there is more, None when the guild is quiet."""
        ledger = self._ledger or await self._load()
        while self._owners:
            ledger.note_owner(*self._owners.popitem())
        await self._store_inbox(ledger)
        self._looks.apply(ledger)
        self._vanished.apply(ledger)
        if self._forgetting.is_wanted:
            # First what was decided before: it may name them, and must be on record to be erased.
            await self._decide(ledger)
            await self._forgetting.carry_out(ledger, self._pending)
        if self._is_present:
            now_ms = self._clock.now_ms()
            self._looks.begin_if_wanted(ledger, now_ms)
            self._vanished.ask(ledger, now_ms)
            self._bots.ask(now_ms)
        await self._settle_bots()
        await self._decide(ledger)
        self._telling.tell_waiting(
            self._pending,
            self._clock.now_ms(),
            self._looks.trouble,
            is_present=self._is_present,
            is_steady=self.steady_since_ms is not None,
        )
        return self._wait_seconds(ledger)

    async def _load(self) -> Ledger:
        config = self._client.parts.config.invite_tracker
        restored = await restore(self._database, self.guild_id, config, self._clock.now_ms())
        forgotten, self._pending = self._pending, restored.pending
        self._pending.came_at_ms.update(forgotten.came_at_ms)
        self._pending.went_at_ms.update(forgotten.went_at_ms)
        # Leaves that wait for a decision are in memory only.
        leaves = {self._anonymity.stored_key(key): left for key, left in forgotten.leaves.items()}
        self._pending.hold_leaves(
            {key: left for key, left in leaves.items() if key in self._pending.arrivals}
        )
        # Who came back may have been decided before the join that this one followed.
        self._pending.end_earlier_joins([*self._pending.arrivals, *restored.recorded])
        self._since_ms = restored.since_ms
        for arrival in restored.bots:
            self._bots.note(arrival)
        self._ledger = restored.ledger
        return restored.ledger

    async def _forget(self) -> None:
        """Let go of all that is on record: nobody knows in what state a failure left it."""
        self._ledger = self._uncommitted = None
        await self._looks.forget()
        for requests in (self._vanished, self._bots):
            await requests.stop()
        self._bots = BotArrivals(self.guild_id, self._client, self._wake)

    async def _store_inbox(self, ledger: Ledger) -> None:
        """Put everything that happened on record as it is, in its order; decisions come later."""
        waiting = len(self._inbox)
        while waiting > 0:
            events = first_step(self._inbox[:waiting])
            await self._store(ledger, events)
            waiting -= len(events)

    async def _store(self, ledger: Ledger, events: tuple[GuildEvent, ...]) -> None:
        # Joins are stamped by Discord's clock, the enabling of the module by ours.
        discord_time = self._client.discord_time
        since_ms = self._since_ms - max(0, discord_time.lead_ms)
        ledger.note_discord_ahead(discord_time.lag_ms)
        async with self._database.write() as tx:
            stored = await store_events(tx, self.guild_id, events, self._pending, since_ms, self._anonymity)
        del self._inbox[: len(events)]
        self._pending.add(stored.arrivals)
        for arrival in stored.arrivals:
            if arrival.is_bot:
                self._bots.note(arrival)
            else:
                ledger.note_join(arrival)
        self._pending.hold_leaves(stored.held)
        self._pending.went_at_ms.update(stored.went_at_ms)
        self._pending.end_earlier_joins(map(key_of, stored.arrivals))
        for event in events:
            if isinstance(event, InviteCreated):
                ledger.note_invite_created(event.payload)
            elif isinstance(event, InviteDeleted):
                ledger.note_invite_deleted(event.code, event.received_at_ms)
                self._looks.tidy_after(event.received_at_ms)
        for leave in stored.leaves:
            self._telling.tell_leave(leave)
        # A scan that began before the guild was presented the last time does not know what was missed since.
        if (
            stored.scan is not None
            and self._is_present
            and stored.scan.started_at_ms >= self._presented_at_ms
        ):
            self.is_caught_up = True
            self._caught_up_at_ms = stored.scan.ended_at_ms
        if self.is_caught_up:
            self._pending.end_scan()

    async def _settle_bots(self) -> None:
        now_ms = self._clock.now_ms()
        for found in self._bots.found:
            key = key_of(found.arrival)
            join = join_of_bot(
                found.arrival,
                found.adder_id,
                found.reason,
                self._ids.next_id(now_ms),
                now_ms,
                self._pending.left_at_ms().get(key),
            )
            async with self._database.write() as tx:
                await record_bot(tx, join, self._anonymity)
                await self._confirmer.expect(tx, [join])
            self._confirmer.wake()
            self._bots.forget(found)
            self._telling.tell_joins([join], self._pending)
            self._pending.settle(key)

    async def _decide(self, ledger: Ledger) -> None:
        if self._uncommitted is None:
            self._uncommitted = ledger.decide(self._clock.now_ms(), self.steady_since_ms)
        decision = self._uncommitted
        if not decision.is_empty:
            async with self._database.write() as tx:
                recorded = await record_decision(
                    tx,
                    self.guild_id,
                    decision,
                    recorded_keys=frozenset(self._pending.on_record),
                    left_at_ms=self._pending.left_at_ms(),
                    ids=self._ids,
                    now_ms=self._clock.now_ms(),
                    anonymity=self._anonymity,
                )
                decided = decided_for_good((*recorded.joins, *recorded.repaired), decision)
                await self._confirmer.expect(tx, decided)
                roles = await self._giver.expect(tx, self.guild_id, decided)
            self._confirmer.wake()
            self._giver.give(self.guild_id, roles)
            self._telling.tell_joins(recorded.joins, self._pending)
            self._telling.tell_repairs(recorded.repaired)
            for verdict in (*decision.verdicts, *decision.repairs):
                self._note_decided(verdict)
        self._uncommitted = None

    def _note_decided(self, verdict: Verdict) -> None:
        if verdict.is_provisional and self._anonymity.hides(verdict.arrival):
            # Nothing is on record of it before it is final.
            return
        key = key_of(verdict.arrival)
        self._pending.settle(key, is_provisional=verdict.is_provisional)
        if not verdict.is_provisional:
            self._anonymity.settle(key)

    @property
    def steady_since_ms(self) -> int | None:
        """Since when every event of the guild comes, and its past is caught up with; None while that is not so."""
        guild = self._client.get_guild(self.guild_id)
        if guild is None or not self.is_caught_up:
            return None
        steady_since_ms = self._client.parts.intake.steady_since_ms(guild.shard_id)
        return None if steady_since_ms is None else max(steady_since_ms, self._caught_up_at_ms)

    def _wait_seconds(self, ledger: Ledger) -> float | None:
        now_ms = self._clock.now_ms()
        wakes = [
            at_ms
            for at_ms in (
                ledger.wake_at_ms(self.steady_since_ms),
                self._vanished.wake_at_ms(ledger),
                self._bots.wake_at_ms(),
                self._looks.wake_at_ms(),
            )
            if at_ms is not None
        ]
        # What is due while the guild is away stays due: nothing can be asked.
        shortest = SHORTEST_WAIT_SECONDS if self._is_present else SHORTEST_WAIT_SECONDS_AWAY
        return max(shortest, (min(wakes) - now_ms) / 1000) if wakes else None
