"""The counters of a guild's invites as last seen, and how a new list turns into rises."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from cogs.invite_tracker.attribution.bounds import Bounds
from cogs.invite_tracker.attribution.counter import Counter
from cogs.invite_tracker.attribution.rises import (
    TICK_BITS,
    AuditDeletion,
    Cause,
    InviteFacts,
    Payload,
    Rise,
    VanishedInvite,
    moment,
    read_invite,
)
from storage.records import KnownInvite

TOMBSTONES_KEPT = 500
"""In memory, for lists that leave out an invite and show it again."""

HIDDEN_MS = 30_000
"""An invite that is this much older than the last look, and was not in it, was hidden and is not new."""


class InviteCounters:
    """The counters behind the invite list of one guild."""

    def __init__(self, guild_id: int, bounds: Bounds) -> None:
        self._guild_id = guild_id
        self.bounds = bounds
        self._counters: dict[str, Counter] = {}
        self._alive: set[str] = set()
        self._missed: set[str] = set()
        self._changed: set[str] = set()
        self._buried: deque[str] = deque()
        # By code; None for invites that are nobody's any more, whoever Discord names.
        self._owners: dict[str, int | None] = {}
        self._early_deletions: dict[str, int] = {}
        self._answered_at_ms: int | None = None

    def restore(self, known: Iterable[KnownInvite], suspect_until_ms: int | None) -> None:
        """Take over what was committed last."""
        for row in known:
            if row.deleted_at_ms is not None:
                continue
            # Without one it is nobody's for good: its inviter may not be named.
            self._owners[row.code] = row.inviter_id
            facts = InviteFacts(
                code=row.code,
                uses=None,
                max_uses=row.max_uses,
                is_temporary=row.is_temporary,
                created_at_ms=row.created_at_ms,
                expires_at_ms=row.expires_at_ms,
                inviter_id=row.inviter_id,
                channel_id=row.channel_id,
            )
            since_ms = row.open_since_ms
            self._counters[row.code] = Counter(
                facts,
                uses=row.accounted_uses,
                accounted=row.accounted_uses,
                label=row.label,
                opened=None if since_ms is None else moment(since_ms),
                is_doubtful=since_ms is not None
                and suspect_until_ms is not None
                and since_ms <= suspect_until_ms,
            )
            self._alive.add(row.code)

    def note_owner(self, code: str, owner_id: int) -> None:
        """Learn for whom the bot made an invite: Discord names the bot, but the uses are this person's."""
        self._owners[code] = owner_id
        counter = self._counters.get(code)
        if counter is not None:
            counter.facts = replace(counter.facts, inviter_id=owner_id)
            for rise in counter.rises:
                rise.inviter_id = owner_id
            self._changed.add(code)

    def forget_inviter(self, user_id: int) -> None:
        """Let the invites of a person be nobody's."""
        for code, counter in self._counters.items():
            if counter.facts.inviter_id == user_id:
                self._owners[code] = None
                counter.facts = replace(counter.facts, inviter_id=None)
                for rise in counter.rises:
                    rise.inviter_id = None
        for code, owner_id in self._owners.items():
            if owner_id == user_id:
                self._owners[code] = None

    def note_created(self, payload: Payload, order: int) -> None:
        """Learn of a new invite before it is listed; `order` is the place of this in the order of events."""
        code = payload["code"]
        if code in self._alive:
            return
        counter = self._adopt(self._read(payload), uses=0)
        counter.noted = order
        counter.deleted_event_at_ms = self._early_deletions.pop(code, None)
        created_at_ms = counter.facts.created_at_ms
        if created_at_ms is None:
            self._miss(counter)
            return
        # The event may be late: the invite may be older than the last list, which did not show it.
        earliest_ms = created_at_ms - self.bounds.margin_ms
        counter.opened = moment(earliest_ms)
        if self._answered_at_ms is not None and earliest_ms <= self._answered_at_ms:
            self._miss(counter)

    def note_deleted(self, code: str, received_at_ms: int) -> None:
        """Learn that an invite was deleted or used up: no use of it is later than this."""
        counter = self._counters.get(code)
        if counter is None:
            # Events may overtake each other: its creation may still be on its way.
            self._early_deletions[code] = received_at_ms
            if len(self._early_deletions) > TOMBSTONES_KEPT:
                del self._early_deletions[next(iter(self._early_deletions))]
        elif counter.deleted_event_at_ms is None:
            counter.deleted_event_at_ms = received_at_ms

    def reset(self, payload: Iterable[Payload], answered_at_ms: int) -> None:
        """Begin anew from this list, without rises."""
        self._answered_at_ms = answered_at_ms
        listed = {item["code"]: item for item in payload}
        for code in self._alive - listed.keys():
            self._bury(self._counters[code], answered_at_ms)
        for item in listed.values():
            facts = self._read(item)
            self._adopt(facts, uses=facts.uses or 0)

    def forget_rises(self) -> None:
        """Write off everything that is pending: what the counters do from now on cannot be seen."""
        for counter in self._counters.values():
            if counter.rises or counter.opened is not None:
                counter.rises.clear()
                counter.accounted = counter.uses
                counter.note_listed()
                self._changed.add(counter.facts.code)
                if counter.gone_at_ms is not None:
                    self._alive.discard(counter.facts.code)
        self._missed.clear()

    def compare(self, payload: Iterable[Payload], opened: int, asked: int, answered_at_ms: int) -> list[Rise]:
        """Return the rises between the last look, sent at `opened`, and this list, asked for at `asked`."""
        self._answered_at_ms = answered_at_ms
        rises: list[Rise] = []
        listed: set[str] = set()
        for item in payload:
            code = item["code"]
            listed.add(code)
            counter = self._counters.get(code)
            if counter is not None and counter.uses == item["uses"] and counter.gone_at_ms is None:
                if counter.opened is not None or counter.noted is not None:
                    self._note_listed(counter)
                continue
            rise = self._compare_one(item, counter, opened, answered_at_ms)
            if rise is not None:
                rises.append(rise)
        for code in sorted(self._alive - listed):
            counter = self._counters[code]
            if counter.noted is not None and counter.noted >= asked:
                self._miss(counter)
            elif counter.gone_at_ms is None:
                rises.append(counter.vanish(opened, answered_at_ms))
                self._missed.discard(code)
                self._changed.add(code)
        return rises

    def vanished(self) -> tuple[VanishedInvite, ...]:
        """Return the invites whose end the audit log has to explain."""
        return tuple(
            VanishedInvite(code, self._counters[code].facts.channel_id, rise.opened_at_ms, rise.closed_at_ms)
            for code in sorted(self._alive)
            for rise in self._counters[code].unresolved()
        )

    def note_audit(
        self,
        vanished: Iterable[VanishedInvite],
        deletions: Mapping[str, AuditDeletion],
        existing_channel_ids: Collection[int],
    ) -> None:
        """Learn what the audit log says about vanished invites."""
        for counter, rise in self._meant(vanished):
            deletion = deletions.get(counter.facts.code)
            if deletion is not None:
                counter.resolve_deletion(rise, deletion)
            else:
                counter.resolve_without_entry(rise, existing_channel_ids, self.bounds.margin_ms)
            self._changed.add(counter.facts.code)

    def note_audit_unreadable(self, vanished: Iterable[VanishedInvite]) -> None:
        """Learn that the audit log cannot be read: how these invites ended stays open."""
        for _, rise in self._meant(vanished):
            rise.cause = Cause.POSSIBLE
            rise.lacks_audit_log = True

    def explain(self, rise: Rise, units: int) -> None:
        """Account for units of a rise."""
        counter = self._counters[rise.code]
        if rise.cause is Cause.COUNTER or counter.gone_at_ms is not None:
            counter.accounted += units
        rise.explain(units)
        self._changed.add(rise.code)

    def drop(self, rise: Rise) -> None:
        """Let go of a rise that is explained, written off or void; a vanished invite becomes a tombstone with it."""
        counter = self._counters.get(rise.code)
        if counter is None or rise not in counter.rises:
            return
        counter.rises.remove(rise)
        self._changed.add(rise.code)
        if counter.gone_at_ms is not None and not counter.rises:
            self._alive.discard(rise.code)

    @property
    def doubtful_until_ms(self) -> int | None:
        """The latest moment in which an invite may have been used that no list has shown."""
        opened = [self._counters[code].opened for code in self._missed]
        return max((one >> TICK_BITS for one in opened if one is not None), default=None)

    @property
    def wants_look(self) -> bool:
        """Whether an invite is gone of which no list has shown anything."""
        return any(self._counters[code].deleted_event_at_ms is not None for code in self._missed)

    def take_changed(self) -> tuple[KnownInvite, ...]:
        """Return the rows that changed since the last call."""
        rows = tuple(self._counters[code].row(self._guild_id) for code in sorted(self._changed))
        self._buried.extend(
            code for code in sorted(self._changed - self._alive) if not self._counters[code].rises
        )
        self._changed.clear()
        while len(self._buried) > TOMBSTONES_KEPT:
            code = self._buried.popleft()
            if code not in self._alive:
                self._counters.pop(code, None)
                self._owners.pop(code, None)
        return rows

    def _read(self, payload: Payload) -> InviteFacts:
        """Read an invite; who its uses count for stays as it is known."""
        facts = read_invite(payload)
        if facts.code not in self._owners:
            return facts
        return replace(facts, inviter_id=self._owners[facts.code])

    def _meant(self, vanished: Iterable[VanishedInvite]) -> list[tuple[Counter, Rise]]:
        """Return the open ends that were asked about; one that came up since then is not answered by this."""
        return [
            (counter, rise)
            for one in vanished
            if (counter := self._counters.get(one.code)) is not None
            for rise in counter.unresolved()
            if (rise.opened_at_ms, rise.closed_at_ms) == (one.after_ms, one.before_ms)
        ]

    def _adopt(self, facts: InviteFacts, uses: int) -> Counter:
        earlier = self._counters.get(facts.code)
        label = earlier.label if earlier is not None else None
        counter = Counter(facts, uses=uses, accounted=uses, label=label)
        self._counters[facts.code] = counter
        self._alive.add(facts.code)
        self._changed.add(facts.code)
        return counter

    def _bury(self, counter: Counter, at_ms: int) -> None:
        counter.gone_at_ms = counter.deleted_event_at_ms or at_ms
        self._alive.discard(counter.facts.code)
        self._changed.add(counter.facts.code)

    def _miss(self, counter: Counter) -> None:
        counter.is_missed = True
        self._missed.add(counter.facts.code)

    def _note_listed(self, counter: Counter) -> None:
        counter.note_listed()
        self._missed.discard(counter.facts.code)
        self._changed.add(counter.facts.code)

    def _compare_one(
        self, item: Payload, counter: Counter | None, opened: int, answered_at_ms: int
    ) -> Rise | None:
        facts = self._read(item)
        uses = facts.uses or 0
        if counter is None:
            counter = self._adopt(facts, uses=0)
            hidden_before_ms = (opened >> TICK_BITS) - HIDDEN_MS
            was_hidden = facts.created_at_ms is not None and facts.created_at_ms < hidden_before_ms
        else:
            was_hidden = counter.gone_at_ms is not None
            if was_hidden:
                counter.revive()
                self._alive.add(facts.code)
        counter.facts = facts
        self._missed.discard(facts.code)
        self._changed.add(facts.code)
        if uses <= counter.uses:
            counter.follow(uses)
            return None
        return counter.rise(uses, opened, answered_at_ms, was_hidden=was_hidden)
