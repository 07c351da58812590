"""Where charts are drawn: in a process of their own, so that drawing never holds up the event loop."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from bot.charts.drawing_process import DrawingFailedError, DrawingProcess, DrawingTimeoutError
from bot.charts.specs import ChartSpec
from bot.errors import HeadcountError
from bot.text.language import _

_log = logging.getLogger(__name__)


class ChartError(HeadcountError):
    """The chart could not be drawn; the figures can be shown without it."""


class ChartStudio:
    """Draws one chart after the other; the drawing process starts with the first and ends when none is wanted."""

    def __init__(
        self, *, draw_seconds: float = 10, idle_seconds: float = 300, waiting_most: int = 20
    ) -> None:
        self._process = DrawingProcess(draw_seconds)
        self._idle_seconds = idle_seconds
        self._waiting_most = waiting_most
        self._under_way: set[asyncio.Future[bytes]] = set()
        self._thread: ThreadPoolExecutor | None = None
        self._idle_end: asyncio.TimerHandle | None = None
        self._is_closed = False

    @property
    def process_id(self) -> int:
        """Return the number of the drawing process, 0 when there is none."""
        return self._process.process_id

    async def draw(self, spec: ChartSpec) -> bytes:
        """Return the chart as PNG; the same spec gives the same bytes. Raises ChartError."""
        if self._is_closed:
            raise ChartError(_("Charts are not drawn while the bot is stopping."))
        if len(self._under_way) >= self._waiting_most:
            raise ChartError(_("Too many charts are being drawn right now; try again in a moment."))
        try:
            return await self._begin(spec)
        except DrawingTimeoutError as error:
            _log.warning("A chart was given up: %s.", error)
            raise ChartError(_("The chart took too long to draw; try again in a moment.")) from error
        except DrawingFailedError as error:
            if self._is_closed:
                raise ChartError(_("Charts are not drawn while the bot is stopping.")) from None
            _log.error("A chart could not be drawn: %s", error)
            raise ChartError(_("The chart could not be drawn; the log of the bot says why.")) from error

    async def close(self) -> None:
        """End the drawing process; whoever still waits for a chart gets a ChartError."""
        self._is_closed = True
        self._cancel_idle_end()
        self._process.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.wrap_future(thread.submit(self._process.end))
            thread.shutdown()

    def _begin(self, spec: ChartSpec) -> asyncio.Future[bytes]:
        """Let the thread that speaks with the process draw this after what it was given before."""
        self._cancel_idle_end()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="charts")
        drawing = asyncio.wrap_future(self._thread.submit(self._process.draw, spec))
        self._under_way.add(drawing)
        drawing.add_done_callback(self._finish)
        return drawing

    def _finish(self, drawing: asyncio.Future[bytes]) -> None:
        self._under_way.discard(drawing)
        if not self._under_way and not self._is_closed:
            self._cancel_idle_end()
            loop = asyncio.get_running_loop()
            self._idle_end = loop.call_later(self._idle_seconds, self._end_idle_process)

    def _end_idle_process(self) -> None:
        if self._thread is not None:
            self._thread.submit(self._process.end)

    def _cancel_idle_end(self) -> None:
        if self._idle_end is not None:
            self._idle_end.cancel()
            self._idle_end = None
