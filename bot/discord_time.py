"""How far this machine's clock is from Discord's, learned from the Date header of every answer.

Discord stamps joins with its clock, and we stamp heartbeats with ours: on a machine whose clock is off, the two must not be
compared as they are.
"""

import logging
from collections import deque
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

from bot.clock import Clock

_log = logging.getLogger(__name__)

SAMPLES = 64
WHOLE_SECOND_MS = 1_000
AGREEMENT_MS = 1_500
WORTH_A_WARNING_MS = 5_000


class DiscordTime:
    """Compares the two clocks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._leads_ms: deque[int] = deque(maxlen=SAMPLES)
        self._has_warned = False

    @property
    def lead_ms(self) -> int:
        """How far our clock is ahead of Discord's; negative when it is behind, 0 when they agree or nothing is known."""
        # Each sample is too large by the way of the answer and by the cut to whole seconds: the smallest is the best,
        # and still no proof of less than that.
        lead_ms = min(self._leads_ms, default=0)
        return 0 if -AGREEMENT_MS < lead_ms < AGREEMENT_MS else lead_ms

    @property
    def lag_ms(self) -> int:
        """How far our clock is behind Discord's at the most, 0 when it is not behind."""
        return WHOLE_SECOND_MS - self.lead_ms if self.lead_ms < 0 else 0

    def make_trace(self) -> aiohttp.TraceConfig:
        """Return what listens to the requests of an HTTP client."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._take_answer)
        return trace

    def note_date(self, header: str) -> None:
        """Take the Date header of an answer that came just now; one that is no date is passed over."""
        try:
            date_ms = int(parsedate_to_datetime(header).timestamp() * 1000)
        except ValueError:
            return
        self._leads_ms.append(self._clock.now_ms() - date_ms)
        if abs(self.lead_ms) > WORTH_A_WARNING_MS and not self._has_warned:
            self._has_warned = True
            _log.warning(
                "This machine's clock is %.0f seconds %s Discord's: switch on time synchronisation (NTP).",
                abs(self.lead_ms) / 1000,
                "ahead of" if self.lead_ms > 0 else "behind",
                extra={"event": "clock_off", "seconds": self.lead_ms / 1000},
            )

    async def _take_answer(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        answer: aiohttp.TraceRequestEndParams,
    ) -> None:
        header = answer.response.headers.get("Date")
        if header is not None:
            self.note_date(header)
