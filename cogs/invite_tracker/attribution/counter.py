"""The use counter of one invite: what was seen of it last, and the rises that follow from what is seen next."""

from collections.abc import Collection
from dataclasses import dataclass, field

from cogs.invite_tracker.attribution.rises import TICK_BITS, AuditDeletion, Cause, InviteFacts, Rise
from storage.records import KnownInvite, Method, Source


@dataclass(slots=True, eq=False)
class Counter:
    """Once `gone_at_ms` is set it is a tombstone, or about to become one.

    `uses` is what was seen and `accounted` what is explained or written off; pending rises are the difference.
    """

    facts: InviteFacts
    uses: int
    accounted: int
    label: str | None = None
    opened: int | None = None
    """Rises may lie this far back, before the last look: after a restart, or while the invite was not listed yet."""
    is_doubtful: bool = False
    """After a restart: what it opened with may belong to joins that were settled otherwise."""
    noted: int | None = None
    """Known from an event at this place in the order of events, and not listed so far."""
    is_missed: bool = False
    """A list did not show it, and nobody can tell whether it was too early for that list or used up already."""
    deleted_event_at_ms: int | None = None
    gone_at_ms: int | None = None
    rises: list[Rise] = field(default_factory=list)

    def row(self, guild_id: int) -> KnownInvite:
        """Return what has to survive a restart."""
        facts = self.facts
        opened = [rise.opened for rise in self.rises]
        if self.opened is not None:
            opened.append(self.opened)
        return KnownInvite(
            guild_id=guild_id,
            code=facts.code,
            channel_id=facts.channel_id,
            inviter_id=facts.inviter_id,
            uses=self.uses,
            accounted_uses=self.accounted,
            open_since_ms=min(opened) >> TICK_BITS if opened else None,
            max_uses=facts.max_uses,
            is_temporary=facts.is_temporary,
            created_at_ms=facts.created_at_ms,
            expires_at_ms=facts.expires_at_ms,
            label=self.label,
            # While its last uses are open, a restart must find it missing once more.
            deleted_at_ms=None if self.rises else self.gone_at_ms,
        )

    def note_listed(self) -> None:
        """Learn that a list shows it: from now on its rises lie after the last look."""
        self.opened = self.noted = None
        self.is_doubtful = self.is_missed = False

    def follow(self, uses: int) -> None:
        """Take a counter that did not rise as it is."""
        self.uses = uses
        self.accounted = max(uses - sum(rise.most or 0 for rise in self.rises), 0)
        self.note_listed()

    def rise(self, uses: int, opened: int, answered_at_ms: int, *, was_hidden: bool) -> Rise:
        """Return the rise up to `uses`; of an invite that was hidden nobody knows when it happened."""
        units = uses - self.uses
        self.uses = uses
        if was_hidden:
            self.accounted = uses
        rise = self._new_rise(units, opened, answered_at_ms)
        rise.cause = Cause.POSSIBLE if was_hidden else Cause.COUNTER
        rise.least = 0 if was_hidden else units
        self.note_listed()
        return rise

    def vanish(self, opened: int, answered_at_ms: int) -> Rise:
        """Return the uses that it may have seen before it went."""
        self.gone_at_ms = answered_at_ms
        if self.deleted_event_at_ms is not None:
            self.gone_at_ms = min(answered_at_ms, self.deleted_event_at_ms)
        max_uses = self.facts.max_uses
        rise = self._new_rise(max(max_uses - self.uses, 0) if max_uses else None, opened, answered_at_ms)
        rise.cause = Cause.VANISHED
        if max_uses:
            rise.method = Method.USED_UP
        if self.is_missed:
            # The join may have been settled before its use could be seen.
            rise.is_doubtful = rise.lets_in_late = True
        self.note_listed()
        return rise

    def revive(self) -> None:
        """Take back that it is gone: its last uses were not what they seemed."""
        for rise in list(self.rises):
            if rise.cause is not Cause.COUNTER or rise.method is Method.USED_UP:
                rise.cause, rise.most, rise.least = Cause.POSSIBLE, 0, 0
                self.rises.remove(rise)
        self.uses = max(self.uses, self.accounted)
        self.gone_at_ms = self.deleted_event_at_ms = None

    def unresolved(self) -> list[Rise]:
        """Return what waits for the audit log."""
        return [rise for rise in self.rises if rise.cause is Cause.VANISHED]

    def resolve_deletion(self, rise: Rise, deletion: AuditDeletion) -> None:
        """Learn that it was deleted by hand, and at how many uses."""
        if deletion.deleted_at_ms is not None:
            rise.not_after_ms = min(deletion.deleted_at_ms, rise.not_after_ms or deletion.deleted_at_ms)
        rise.method = Method.USES_RISE
        if deletion.uses is None:
            rise.cause = Cause.POSSIBLE
        else:
            self._resolve_exactly(rise, max(deletion.uses - self.uses, 0))

    def resolve_without_entry(
        self, rise: Rise, existing_channel_ids: Collection[int], margin_ms: int
    ) -> None:
        """Learn that it was not deleted by hand: unless it may have ended in another way, it was used up."""
        expires_at_ms, channel_id = self.facts.expires_at_ms, self.facts.channel_id
        may_have_expired = expires_at_ms is not None and expires_at_ms <= rise.closed_at_ms + margin_ms
        if rise.most is None or may_have_expired or channel_id not in existing_channel_ids:
            rise.cause = Cause.POSSIBLE
        else:
            self._resolve_exactly(rise, self.facts.max_uses - self.uses)

    def _resolve_exactly(self, rise: Rise, units: int) -> None:
        rise.cause = Cause.COUNTER
        rise.units = units
        rise.least = rise.most = max(units - rise.explained, 0)
        self.uses += units

    def _new_rise(self, most: int | None, opened: int, answered_at_ms: int) -> Rise:
        rise = Rise(
            source=Source.INVITE,
            code=self.facts.code,
            inviter_id=self.facts.inviter_id,
            method=Method.USES_RISE,
            cause=Cause.POSSIBLE,
            least=0,
            most=most,
            units=most or 0,
            opened=opened if self.opened is None else min(self.opened, opened),
            closed_at_ms=answered_at_ms if self.gone_at_ms is None else self.gone_at_ms,
            noted_at_ms=answered_at_ms,
            not_before_ms=self.facts.created_at_ms,
            not_after_ms=self.facts.expires_at_ms,
            is_doubtful=self.is_doubtful,
        )
        self.rises.append(rise)
        return rise
