"""A guild whose truth is known, on a virtual timeline, that drives the very ledger that production uses."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cogs.invite_tracker.attribution import AuditDeletion, Decision, Ledger, Request
from storage.records import Arrival, Source
from tests.cogs.invite_tracker.attribution.story import (
    CHANNEL_ID,
    GUILD_ID,
    NOBODY,
    START_MS,
    VANITY,
    Link,
    Outcome,
    Store,
    Story,
    Truth,
)


class Simulation:
    """Runs one story to its end."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.random = random.Random(story.seed)
        self.now_ms = START_MS
        self.store = Store()
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        self._links: dict[str, Link] = {}
        self._vanity_uses = 7
        self._truth: dict[int, Truth] = {}
        self._members: dict[int, int] = {}
        self._uses: Counter[str] = Counter()
        self._uncertain: set[str] = set()
        self._deletions: dict[str, AuditDeletion] = {}
        self._next_member = 1_000
        self._next_code = 0
        self._requests = 0
        self._delays: dict[int, int] = {}
        self._life = 0
        self._outage_until_ms: int | None = None
        self._is_down = False
        self._steady_since_ms: int | None = START_MS
        self._audit_under_way = False
        self._wake_number = 0
        self._ledger = self._new_ledger()

    def run(self) -> Outcome:
        story, end_ms = self.story, START_MS + 5_000
        for _ in range(story.codes):
            self._make_link()
        self._vanity_uses = self.random.randrange(50)
        self._react()
        for _ in range(story.joins):
            end_ms += max(1, round(self.random.expovariate(story.joins_per_second) * 1_000))
            self._plan_join(end_ms)
            if self.random.random() < story.old_member_uses_per_join:
                self._at(end_ms + self.random.randrange(2_000), self._old_member_uses_link)
        for count, act in (
            (story.hand_deletions, self._delete_by_hand),
            (story.outages, self._begin_outage),
            (story.crashes, self._crash),
        ):
            for _ in range(count):
                self._at(self.random.randrange(START_MS + 5_000, end_ms + 1_500), act)
        for after_ms in (15_000, 30_000, 45_000, 80_000):
            self._at(end_ms + after_ms, self._resync)
        while self._queue:
            self.now_ms, _, act = heapq.heappop(self._queue)
            act()
        return Outcome(
            truth=self._truth,
            uses=self._uses,
            uncertain_codes=self._uncertain,
            verdicts={key[0]: verdict for key, verdict in self.store.verdicts.items()},
            first_verdict_delay_ms=self._delays,
            unexplained=self.store.unexplained,
            requests=self._requests,
            pending=self._ledger.pending_count,
        )

    # The guild

    def _at(self, at_ms: int, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._queue, (max(at_ms, self.now_ms), self._number, act))

    def _make_link(self, max_uses: int = 0, expires_at_ms: int | None = None) -> Link:
        self._next_code += 1
        link = Link(f"code{self._next_code}", self.now_ms, max_uses, expires_at_ms)
        self._links[link.code] = link
        if max_uses and (not self.story.create_events or self.story.crashes or not self.story.audit_log):
            self._uncertain.add(link.code)  # nothing may show that it was used up
        if self.story.create_events and self.now_ms > START_MS:
            payload = self._payload(link)
            self._send(lambda: self._ledger.note_invite_created(payload))
        return link

    def _payload(self, link: Link) -> dict[str, Any]:
        return {
            "code": link.code,
            "uses": link.uses,
            "max_uses": link.max_uses,
            "max_age": 0,
            "temporary": False,
            "created_at": self._stamp(link.created_at_ms),
            "expires_at": None if link.expires_at_ms is None else self._stamp(link.expires_at_ms),
            "inviter": {"id": str(9_000 + int(link.code[4:]))},
            "channel": {"id": str(CHANNEL_ID)},
        }

    def _stamp(self, at_ms: int) -> str:
        return datetime.fromtimestamp((at_ms + self.story.clock_offset_ms) / 1_000, UTC).isoformat()

    def _plan_join(self, at_ms: int) -> None:
        story, dice = self.story, self.random.random()
        if dice < story.one_time_share:
            holder: list[Link] = []
            expiry = (
                at_ms + self.random.randrange(-200, 3_000)
                if self.random.random() < story.expiring_share
                else None
            )
            made_at_ms = max(START_MS + 1_000, at_ms - self.random.randint(*story.link_age_ms))
            self._at(made_at_ms, lambda: holder.append(self._make_link(1, expiry)))
            self._at(at_ms, lambda: self._join_by(holder[0].code))
            if expiry is not None:
                self._at(max(expiry, made_at_ms + 1), lambda: self._expire(holder[0].code))
        elif dice < story.one_time_share + story.vanity_share:
            self._at(at_ms, self._join_by_vanity)
        elif dice < story.one_time_share + story.vanity_share + story.discovery_share:
            self._at(at_ms, lambda: self._join(NOBODY))
        else:
            self._at(at_ms, self._join_by_any_link)

    def _join_by_any_link(self) -> None:
        codes = [link.code for link in self._links.values() if not link.max_uses]
        self._join_by(self.random.choice(codes)) if codes else self._join(NOBODY)

    def _join_by(self, code: str) -> None:
        link = self._links.get(code)
        if link is None:
            self._join(NOBODY)
            return
        self._use(link)
        self._join((Source.INVITE, code))

    def _use(self, link: Link) -> None:
        link.uses += 1
        self._uses[link.code] += 1
        if link.max_uses and link.uses >= link.max_uses:
            del self._links[link.code]
            self._send_deletion(link.code)

    def _join_by_vanity(self) -> None:
        self._vanity_uses += 1
        self._uses[VANITY] += 1
        self._join((Source.VANITY, VANITY))

    def _join(self, truth: Truth) -> None:
        self._next_member += 1
        member_id, joined_at_ms = self._next_member, self.now_ms + self.story.clock_offset_ms
        self._truth[member_id] = truth
        self._members[member_id] = joined_at_ms
        self._send(lambda: self._receive_join(member_id, joined_at_ms))

    def _old_member_uses_link(self) -> None:
        links = [link for link in self._links.values() if not link.max_uses]
        if links:
            self._use(self.random.choice(links))

    def _delete_by_hand(self) -> None:
        links = [link for link in self._links.values() if not link.max_uses]
        if len(links) > 1:
            link = self.random.choice(links)
            del self._links[link.code]
            self._deletions[link.code] = AuditDeletion(
                link.code, link.uses, self.now_ms + self.story.clock_offset_ms
            )
            if not self.story.audit_log:
                self._uncertain.add(link.code)
            self._send_deletion(link.code)

    def _expire(self, code: str) -> None:
        if self._links.pop(code, None) is not None:
            self._uncertain.add(code)

    def _send_deletion(self, code: str) -> None:
        self._send(lambda: self._ledger.note_invite_deleted(code, self.now_ms))

    # The wire

    def _send(self, deliver: Callable[[], None]) -> None:
        self._at(self.now_ms + self.random.randint(*self.story.gateway_lag), lambda: self._deliver(deliver))

    def _deliver(self, deliver: Callable[[], None]) -> None:
        if self._outage_until_ms is not None:
            self._at(self._outage_until_ms + self.random.randrange(50), lambda: self._deliver(deliver))
        elif not self._is_down:
            deliver()
            self._react()

    def _receive_join(self, member_id: int, joined_at_ms: int) -> None:
        key = member_id, joined_at_ms
        if key in self.store.arrivals or key in self.store.verdicts:
            return
        arrival = Arrival(GUILD_ID, member_id, joined_at_ms, self.now_ms, False, False, False)
        self.store.arrivals[key] = arrival
        self._ledger.note_join(arrival)

    def _begin_outage(self) -> None:
        if self._outage_until_ms is not None or self._is_down:
            return
        self._steady_since_ms = None
        self._outage_until_ms = self.now_ms + self.random.randint(*self.story.outage_ms)
        self._at(self._outage_until_ms, self._end_outage)
        self._at(self._outage_until_ms + 60, self._become_steady)

    def _end_outage(self) -> None:
        self._outage_until_ms = None

    def _become_steady(self) -> None:
        if not self._is_down and self._outage_until_ms is None:
            self._steady_since_ms = self.now_ms
            self._react()

    # The bot

    def _new_ledger(self) -> Ledger:
        ledger = Ledger(GUILD_ID, self.story.bounds)
        ledger.restore(
            self.store.baseline,
            self.store.known.values(),
            self.store.arrivals.values(),
            self.now_ms,
            on_record=self.store.verdicts.keys(),
        )
        return ledger

    def _crash(self) -> None:
        if self._is_down or self._outage_until_ms is not None:
            return
        self._is_down = True
        self._life += 1
        self._steady_since_ms = None
        self._audit_under_way = False
        self._at(self.now_ms + self.random.randint(*self.story.downtime_ms), self._restart)

    def _restart(self) -> None:
        self._is_down = False
        self._ledger = self._new_ledger()
        life = self._life
        self._at(self.now_ms + self.random.randint(20, 500), lambda: self._scan(life))
        self._react()

    def _scan(self, life: int) -> None:
        if life == self._life and not self._is_down:
            for member_id, joined_at_ms in self._members.items():
                self._receive_join(member_id, joined_at_ms)
            self._steady_since_ms = self.now_ms if self._outage_until_ms is None else None
            self._react()

    def _resync(self) -> None:
        if not self._is_down and not self._ledger.has_request:
            self._ask()

    def _react(self) -> None:
        if self._is_down:
            return
        ledger = self._ledger
        if ledger.wants_request(self.now_ms):
            self._ask()
        if (vanished := ledger.needs_audit_log()) and not self._audit_under_way:
            self._audit_under_way = True
            life = self._life
            self._at(
                self.now_ms + self.random.randint(*self.story.latency),
                lambda: self._while_alive(life, lambda: self._answer_audit(vanished)),
            )
        self._commit(ledger.decide(self.now_ms, self._steady_since_ms))
        wake_at_ms = ledger.wake_at_ms(self._steady_since_ms)
        self._wake_number += 1
        number = self._wake_number
        if wake_at_ms is not None:
            self._at(wake_at_ms, lambda: self._react() if number == self._wake_number else None)

    def _while_alive(self, life: int, act: Callable[[], None]) -> None:
        if life == self._life and not self._is_down:
            act()
            self._react()

    def _answer_audit(self, vanished: Any) -> None:
        self._audit_under_way = False
        if self.story.audit_log:
            self._ledger.note_audit(vanished, self._deletions.values(), {CHANNEL_ID})
        else:
            self._ledger.note_audit_unreadable(vanished)

    def _ask(self) -> None:
        self._requests += 1
        with_vanity = self.story.vanity_share > 0
        request, life = self._ledger.open_request(self.now_ms, with_vanity=with_vanity), self._life
        has_begun = self.now_ms >= START_MS + 5_000
        fails = has_begun and self.random.random() < self.story.failure_share
        ends_ms = []
        for read, note in ((self._list_links, "note_invites"), (self._show_vanity, "note_vanity")):
            if note == "note_vanity" and not with_vanity:
                continue
            latency = self.random.randint(*self.story.latency)
            ends_ms.append(self.now_ms + latency)
            if not (fails and self.random.random() < 0.7):
                self._look(request, life, latency, read, note)
        if fails:
            self._at(
                max(ends_ms),
                lambda: self._while_alive(
                    life, lambda: self._ledger.note_failed_request(request, self.now_ms)
                ),
            )

    def _look(self, request: Request, life: int, latency: int, read: Callable[[], Any], note: str) -> None:
        seen: list[Any] = []
        answered_at_ms = self.now_ms + latency
        self._at(
            self.now_ms + int(latency * self.random.uniform(*self.story.read_at)), lambda: seen.append(read())
        )
        self._at(
            answered_at_ms,
            lambda: self._while_alive(
                life, lambda: getattr(self._ledger, note)(request, answered_at_ms, seen[0])
            ),
        )

    def _list_links(self) -> list[dict[str, Any]]:
        return [self._payload(link) for link in self._links.values()]

    def _show_vanity(self) -> dict[str, Any]:
        return {"code": VANITY, "uses": self._vanity_uses}

    def _commit(self, decision: Decision) -> None:
        store = self.store
        for verdict in (*decision.verdicts, *decision.repairs):
            key = verdict.arrival.member_id, verdict.arrival.joined_at_ms
            assert (key in store.verdicts) == (verdict in decision.repairs)
            store.verdicts[key] = verdict
            if not verdict.is_provisional:
                store.arrivals.pop(key, None)
            self._delays.setdefault(key[0], self.now_ms - key[1])
        store.unexplained += decision.unexplained
        for row in decision.known_invites:
            store.known[row.code] = row
        store.baseline = decision.baseline or store.baseline


def play(story: Story) -> Outcome:
    """Run a story."""
    return Simulation(story).run()
