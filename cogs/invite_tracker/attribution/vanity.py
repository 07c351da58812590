"""The use counter of a guild's vanity URL, which is not in the invite list."""

from dataclasses import dataclass

from cogs.invite_tracker.attribution.rises import TICK_BITS, Cause, Payload, Rise, moment
from storage.records import InviteBaseline, Method, Source


class VanityCounter:
    """The vanity counter as last seen, and how a new look at it turns into rises."""

    def __init__(self) -> None:
        self._code: str | None = None
        self._uses = 0
        self._accounted = 0
        self._opened: int | None = None
        self._is_doubtful = False
        self._rises: list[Rise] = []

    def restore(self, baseline: InviteBaseline) -> None:
        """Take over what was committed last."""
        self._code = baseline.vanity_code
        self._uses = self._accounted = baseline.vanity_accounted_uses or 0
        if (since_ms := baseline.vanity_open_since_ms) is not None:
            self._opened = moment(since_ms)
            self._is_doubtful = (
                baseline.suspect_until_ms is not None and since_ms <= baseline.suspect_until_ms
            )

    def reset(self, payload: Payload) -> None:
        """Begin anew from this answer, without rises."""
        self.forget_rises()
        self._code = payload.get("code")
        self._uses = self._accounted = payload.get("uses") or 0

    def forget_rises(self) -> None:
        """Write off everything that is pending."""
        self._rises.clear()
        self._end_reopening()
        self._accounted = self._uses

    def compare(self, payload: Payload, opened: int, answered_at_ms: int) -> list[Rise]:
        """Return the rise between the last answer (asked for at `opened`) and this one, if there is one."""
        code, uses = payload.get("code"), payload.get("uses") or 0
        if code is None or code != self._code:
            # Another word may count on, or from nothing: its uses say nothing about this window. Nor does anything tell
            # how often the word before was used at last.
            earlier, self._code = self._code, code
            self._uses = self._accounted = uses
            self._rises.clear()
            self._end_reopening()
            possible = [] if earlier is None else [self._possible(earlier, None, opened, answered_at_ms)]
            if earlier is not None and code is not None and uses:
                possible.append(self._possible(code, uses, opened, answered_at_ms))
            return possible
        risen = uses - self._uses
        self._uses = uses
        if risen <= 0:
            self._accounted = max(uses - sum(rise.most or 0 for rise in self._rises), 0)
            self._end_reopening()
            return []
        rise = Rise(
            source=Source.VANITY,
            code=code,
            inviter_id=None,
            method=Method.VANITY_DELTA,
            cause=Cause.COUNTER,
            least=risen,
            most=risen,
            units=risen,
            opened=opened if self._opened is None else min(self._opened, opened),
            closed_at_ms=answered_at_ms,
            noted_at_ms=answered_at_ms,
            is_doubtful=self._is_doubtful,
        )
        self._end_reopening()
        self._rises.append(rise)
        return [rise]

    def explain(self, rise: Rise, units: int) -> None:
        """Account for units of a rise."""
        if rise in self._rises:
            self._accounted += units
        rise.explain(units)

    def drop(self, rise: Rise) -> None:
        """Let go of a rise that is explained or written off."""
        if rise in self._rises:
            self._rises.remove(rise)

    def state(self) -> "VanityState":
        """Return what has to survive a restart."""
        opened = [rise.opened for rise in self._rises]
        if self._opened is not None:
            opened.append(self._opened)
        return VanityState(
            self._code, self._uses, self._accounted, min(opened) >> TICK_BITS if opened else None
        )

    def _end_reopening(self) -> None:
        self._opened = None
        self._is_doubtful = False

    def _possible(self, code: str, most: int | None, opened: int, answered_at_ms: int) -> Rise:
        return Rise(
            source=Source.VANITY,
            code=code,
            inviter_id=None,
            method=Method.VANITY_DELTA,
            cause=Cause.POSSIBLE,
            least=0,
            most=most,
            units=most or 0,
            opened=opened,
            closed_at_ms=answered_at_ms,
            noted_at_ms=answered_at_ms,
        )


@dataclass(frozen=True, slots=True)
class VanityState:
    """The part of `storage.records.InviteBaseline` that the vanity counter fills."""

    code: str | None
    uses: int
    accounted: int
    open_since_ms: int | None
