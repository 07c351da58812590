"""The counters of a guild as last seen, and how a new look at them turns into rises.

Uses are accounted for once a join explains them or they are on record as unexplained: for every counter, what was seen is
what is accounted for plus the units of its pending rises. That is what survives a restart.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from cogs.invite_tracker.attribution.bounds import Bounds
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
from storage.records import KnownInvite, Method, Source

TOMBSTONES_KEPT = 500
"""In memory, for lists that leave out an invite and show it again."""


@dataclass(slots=True, eq=False)
class Counter:
    """One invite, or the vanity URL. Once `gone_at_ms` is set it is a tombstone, or about to become one."""

    facts: InviteFacts
    uses: int
    accounted: int
    label: str | None = None
    opened: int | None = None
    """Set after a restart: rises lie after this moment, and not after the last look."""
    is_doubtful: bool = False
    """Set after a restart: what it opened with may belong to joins that were settled otherwise."""
    deleted_event_at_ms: int | None = None
    gone_at_ms: int | None = None
    rises: list[Rise] = field(default_factory=list)


class InviteCounters:
    """The counters behind the invite list of one guild."""

    def __init__(self, guild_id: int, bounds: Bounds) -> None:
        self._guild_id = guild_id
        self._bounds = bounds
        self._counters: dict[str, Counter] = {}
        self._alive: set[str] = set()
        self._changed: set[str] = set()
        self._buried: deque[str] = deque()
        self._owners: dict[str, int] = {}

    def restore(self, known: Iterable[KnownInvite], suspect_until_ms: int | None) -> None:
        """Take over what was committed last."""
        for row in known:
            if row.deleted_at_ms is not None:
                continue
            if row.inviter_id is not None:
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

    def note_created(self, payload: Payload) -> None:
        """Learn of a new invite before it is listed; what is known already stays as it is."""
        if payload["code"] in self._alive:
            return
        counter = self._adopt(self._read(payload), uses=0)
        if counter.facts.created_at_ms is not None:
            # The event may be late: the invite may have been used before the last look, which did not show it.
            counter.opened = moment(counter.facts.created_at_ms - self._bounds.margin_ms)

    def note_deleted(self, code: str, received_at_ms: int) -> None:
        """Learn that an invite was deleted or used up: no use of it is later than this."""
        if code in self._alive:
            counter = self._counters[code]
            if counter.deleted_event_at_ms is None:
                counter.deleted_event_at_ms = received_at_ms

    def reset(self, payload: Iterable[Payload], answered_at_ms: int) -> None:
        """Begin anew from this list, without rises."""
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
                counter.opened = None
                self._changed.add(counter.facts.code)
                if counter.gone_at_ms is not None:
                    self._alive.discard(counter.facts.code)

    def compare(
        self, payload: Iterable[Payload], opened: int, answered_at_ms: int, open_before: int
    ) -> list[Rise]:
        """Return the rises between the last look (sent at `opened`) and this list.

        An invite that is new in the list although it is older than `open_before` (Discord's clock) was hidden before: its uses
        may lie anywhere.
        """
        rises: list[Rise] = []
        listed: set[str] = set()
        for item in payload:
            code = item["code"]
            listed.add(code)
            counter = self._counters.get(code)
            if counter is not None and counter.uses == item["uses"] and counter.gone_at_ms is None:
                if counter.opened is not None:
                    self._end_reopening(counter)
                continue
            rise = self._compare_one(item, counter, opened, answered_at_ms, open_before)
            if rise is not None:
                rises.append(rise)
        for code in sorted(self._alive - listed):
            counter = self._counters[code]
            if counter.gone_at_ms is None:
                rises.append(self._vanish(counter, opened, answered_at_ms))
        return rises

    def vanished(self) -> tuple[VanishedInvite, ...]:
        """Return the invites whose end the audit log has to explain."""
        return tuple(
            VanishedInvite(code, self._counters[code].facts.channel_id, rise.opened_at_ms, rise.closed_at_ms)
            for code in sorted(self._alive)
            for rise in self._counters[code].rises
            if rise.cause is Cause.VANISHED
        )

    def note_audit(
        self,
        codes: Iterable[str],
        deletions: Mapping[str, AuditDeletion],
        existing_channel_ids: Collection[int],
    ) -> None:
        """Learn what the audit log says about vanished invites."""
        for code in codes:
            for counter, rise in self._unresolved(code):
                deletion = deletions.get(code)
                if deletion is not None:
                    self._resolve_deletion(counter, rise, deletion)
                else:
                    self._resolve_without_entry(counter, rise, existing_channel_ids)

    def note_audit_unreadable(self, codes: Iterable[str]) -> None:
        """Learn that the audit log cannot be read: how these invites ended stays open."""
        for code in codes:
            for _, rise in self._unresolved(code):
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
        counter = self._counters[rise.code]
        if rise not in counter.rises:
            return
        counter.rises.remove(rise)
        self._changed.add(rise.code)
        if counter.gone_at_ms is not None and not counter.rises:
            self._alive.discard(rise.code)

    def take_changed(self) -> tuple[KnownInvite, ...]:
        """Return the rows that changed since the last call."""
        rows = tuple(self._row(self._counters[code]) for code in sorted(self._changed))
        self._buried.extend(
            code for code in sorted(self._changed - self._alive) if not self._counters[code].rises
        )
        self._changed.clear()
        while len(self._buried) > TOMBSTONES_KEPT:
            code = self._buried.popleft()
            if code not in self._alive:
                self._counters.pop(code, None)
        return rows

    def _row(self, counter: Counter) -> KnownInvite:
        facts = counter.facts
        opened = [rise.opened for rise in counter.rises]
        if counter.opened is not None:
            opened.append(counter.opened)
        return KnownInvite(
            guild_id=self._guild_id,
            code=facts.code,
            channel_id=facts.channel_id,
            inviter_id=facts.inviter_id,
            uses=counter.uses,
            accounted_uses=counter.accounted,
            open_since_ms=min(opened) >> TICK_BITS if opened else None,
            max_uses=facts.max_uses,
            is_temporary=facts.is_temporary,
            created_at_ms=facts.created_at_ms,
            expires_at_ms=facts.expires_at_ms,
            label=counter.label,
            # While its last uses are open, a restart must find it missing once more.
            deleted_at_ms=None if counter.rises else counter.gone_at_ms,
        )

    def _read(self, payload: Payload) -> InviteFacts:
        """Read an invite; who its uses count for stays as it is known."""
        facts = read_invite(payload)
        owner_id = self._owners.get(facts.code)
        return facts if owner_id is None else replace(facts, inviter_id=owner_id)

    def _adopt(self, facts: InviteFacts, uses: int) -> Counter:
        earlier = self._counters.get(facts.code)
        counter = Counter(
            facts, uses=uses, accounted=uses, label=earlier.label if earlier is not None else None
        )
        self._counters[facts.code] = counter
        self._alive.add(facts.code)
        self._changed.add(facts.code)
        return counter

    def _bury(self, counter: Counter, at_ms: int) -> None:
        counter.gone_at_ms = counter.deleted_event_at_ms or at_ms
        self._alive.discard(counter.facts.code)
        self._changed.add(counter.facts.code)

    def _end_reopening(self, counter: Counter) -> None:
        counter.opened = None
        counter.is_doubtful = False
        self._changed.add(counter.facts.code)

    def _compare_one(
        self, item: Payload, counter: Counter | None, opened: int, answered_at_ms: int, open_before: int
    ) -> Rise | None:
        facts = self._read(item)
        uses = facts.uses or 0
        if counter is None:
            counter = self._adopt(facts, uses=0)
            was_hidden = facts.created_at_ms is not None and facts.created_at_ms < open_before
        else:
            was_hidden = counter.gone_at_ms is not None
            if was_hidden:
                self._revive(counter)
        counter.facts = facts
        risen = uses - counter.uses
        counter.uses = uses
        self._changed.add(facts.code)
        if risen <= 0:
            counter.accounted = max(uses - sum(rise.most or 0 for rise in counter.rises), 0)
            self._end_reopening(counter)
            return None
        if was_hidden:
            counter.accounted = uses
        rise = Rise(
            source=Source.INVITE,
            code=facts.code,
            inviter_id=facts.inviter_id,
            method=Method.USES_RISE,
            cause=Cause.POSSIBLE if was_hidden else Cause.COUNTER,
            least=0 if was_hidden else risen,
            most=risen,
            units=risen,
            opened=opened if counter.opened is None else min(counter.opened, opened),
            closed_at_ms=answered_at_ms,
            not_before_ms=facts.created_at_ms,
            not_after_ms=facts.expires_at_ms,
            is_doubtful=counter.is_doubtful,
        )
        self._end_reopening(counter)
        counter.rises.append(rise)
        return rise

    def _revive(self, counter: Counter) -> None:
        """Take back an invite that was believed to be gone: its last uses were not what they seemed."""
        for rise in list(counter.rises):
            if rise.cause is not Cause.COUNTER or rise.method is Method.USED_UP:
                rise.cause, rise.most, rise.least = Cause.POSSIBLE, 0, 0
                counter.rises.remove(rise)
        counter.uses = max(counter.uses, counter.accounted)
        counter.gone_at_ms = counter.deleted_event_at_ms = None
        self._alive.add(counter.facts.code)

    def _vanish(self, counter: Counter, opened: int, answered_at_ms: int) -> Rise:
        facts = counter.facts
        counter.gone_at_ms = answered_at_ms
        remaining = max(facts.max_uses - counter.uses, 0) if facts.max_uses else None
        if counter.deleted_event_at_ms is not None:
            counter.gone_at_ms = min(answered_at_ms, counter.deleted_event_at_ms)
        rise = Rise(
            source=Source.INVITE,
            code=facts.code,
            inviter_id=facts.inviter_id,
            method=Method.USED_UP if facts.max_uses else Method.USES_RISE,
            cause=Cause.VANISHED,
            least=0,
            most=remaining,
            units=remaining or 0,
            opened=opened if counter.opened is None else min(counter.opened, opened),
            closed_at_ms=counter.gone_at_ms,
            not_before_ms=facts.created_at_ms,
            not_after_ms=facts.expires_at_ms,
            is_doubtful=counter.is_doubtful,
        )
        self._end_reopening(counter)
        counter.rises.append(rise)
        return rise

    def _unresolved(self, code: str) -> list[tuple[Counter, Rise]]:
        counter = self._counters.get(code)
        if counter is None:
            return []
        return [(counter, rise) for rise in counter.rises if rise.cause is Cause.VANISHED]

    def _resolve_deletion(self, counter: Counter, rise: Rise, deletion: AuditDeletion) -> None:
        if deletion.deleted_at_ms is not None:
            rise.not_after_ms = min(deletion.deleted_at_ms, rise.not_after_ms or deletion.deleted_at_ms)
        rise.method = Method.USES_RISE
        if deletion.uses is None:
            rise.cause = Cause.POSSIBLE
        else:
            self._resolve_exactly(counter, rise, max(deletion.uses - counter.uses, 0))

    def _resolve_without_entry(
        self, counter: Counter, rise: Rise, existing_channel_ids: Collection[int]
    ) -> None:
        facts = counter.facts
        may_have_expired = (
            facts.expires_at_ms is not None
            and facts.expires_at_ms <= rise.closed_at_ms + self._bounds.margin_ms
        )
        channel_exists = facts.channel_id is not None and facts.channel_id in existing_channel_ids
        if rise.most is None or may_have_expired or not channel_exists:
            rise.cause = Cause.POSSIBLE
        else:
            self._resolve_exactly(counter, rise, facts.max_uses - counter.uses)

    def _resolve_exactly(self, counter: Counter, rise: Rise, units: int) -> None:
        rise.cause = Cause.COUNTER
        rise.units = units
        rise.least = rise.most = max(units - rise.explained, 0)
        counter.uses += units
        self._changed.add(counter.facts.code)
