"""When joins are asked about: soon when they are doubtful, later and with growing pauses while the index lags. Pure."""

from dataclasses import dataclass
from typing import Final

from storage.records import Certainty, Join

TRIES_MOST: Final = 6
"""With the default pace the last one comes half an hour after the first."""

GIVEN_UP_AFTER_MS: Final = 24 * 3_600_000
"""Joins that could not even be asked about for so long (a missing permission, a refusal) stay as they are."""

UNKNOWN_MARGIN_MS: Final = 1_000

_CERTAIN_STEPS: Final = 12
_GROWTH: Final = 3
_REFUSED_STEPS: Final = 720
_PAUSE_STEPS_MOST: Final = 120
_SERVERS_PER_STEP: Final = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """All distances, as multiples of one step (`invite_tracker.members_search_after_seconds`).

    The budget: one request about a server in a step, and five in all. So a day of one server costs at most 17,280 requests
    with the default of five seconds, each about ten joins.
    """

    step_ms: int
    late_counter_ms: int
    """So long a counter may still rise for an unknown join: until then the ledger has the word."""

    def first_at_ms(self, join: Join, now_ms: int) -> int:
        """Return when to ask about a join that was decided now.

        Certain ones need it least: they go along with doubtful ones, or wait for each other.
        """
        match join.certainty:
            case Certainty.CERTAIN:
                return now_ms + _CERTAIN_STEPS * self.step_ms
            case Certainty.UNKNOWN:
                return now_ms + self.step_ms + self.late_counter_ms + UNKNOWN_MARGIN_MS
            case Certainty.AMBIGUOUS:
                return now_ms + self.step_ms

    def again_at_ms(self, tries: int, now_ms: int) -> int | None:
        """Return when to ask about a join again that was asked about so often in vain; None when it is given up."""
        if tries >= TRIES_MOST:
            return None
        return now_ms + self.step_ms * int(_GROWTH**tries)

    def pause_ms(self, failures: int) -> int:
        """Return how long to leave a server alone after so many answers in a row that were none."""
        return self.step_ms * min(1 << min(failures, 16), _PAUSE_STEPS_MOST)

    @property
    def guild_distance_ms(self) -> int:
        """The least distance of two requests about one server."""
        return self.step_ms

    @property
    def distance_ms(self) -> int:
        """The least distance of two requests in all."""
        return self.step_ms // _SERVERS_PER_STEP

    @property
    def refused_ms(self) -> int:
        """How long not to ask about a server where Discord refuses to answer: an hour with the default."""
        return self.step_ms * _REFUSED_STEPS

    @property
    def idle_ms(self) -> int:
        """How soon to see whether a server can be asked about that could not."""
        return self.step_ms * _CERTAIN_STEPS
