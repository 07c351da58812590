"""One process that draws, started when it is needed and started again when it has died."""

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Final

import bot
from bot.charts.specs import ChartSpec
from bot.charts.worker import DRAWN, read_message, write_message

_WORKER: Final = "bot.charts.worker"
_NOT_INHERITED: Final = ("HEADCOUNT_", "MPL", "MATPLOTLIB")
_ENDING_SECONDS: Final = 2


class DrawingTimeoutError(Exception):
    """The drawing took too long; the process was killed."""


class DrawingFailedError(Exception):
    """The spec could not be drawn, or the process died twice over it; the message says what happened."""


class DrawingProcess:
    """Draws in another process, one chart after the other; all methods but `stop` belong to one thread."""

    def __init__(self, draw_seconds: float) -> None:
        self._draw_seconds = draw_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopped = False

    @property
    def process_id(self) -> int:
        """Return the number of the process, 0 when there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def draw(self, spec: ChartSpec) -> bytes:
        """Return the picture; raises DrawingTimeoutError or DrawingFailedError."""
        request = pickle.dumps(spec)
        # One that died while it had nothing to do, or over somebody else's chart, is no fault of this one.
        reply = self._ask(request) or self._ask(request)
        if reply is None:
            raise DrawingFailedError("the drawing process ended twice without an answer")
        if reply[:1] != DRAWN:
            raise DrawingFailedError(reply[1:].decode(errors="replace"))
        return reply[1:]

    def _ask(self, request: bytes) -> bytes | None:
        """Return the reply, or None when the process is gone; it has then been buried."""
        process = self._process = self._process or _start()
        # Looked at after the process is known: whoever stops this finds one or the other.
        if self._is_stopped:
            self.end()
            raise DrawingFailedError("the drawing process was stopped")
        too_late = threading.Event()

        def give_up() -> None:
            too_late.set()
            process.kill()

        # A thread's timer and not the loop's: it holds whatever the loop is busy with.
        timer = threading.Timer(self._draw_seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            write_message(_stream(process.stdin), request)
            reply = read_message(_stream(process.stdout))
        except OSError:
            reply = None
        finally:
            timer.cancel()
        if reply is None:
            self.end()
            if too_late.is_set():
                raise DrawingTimeoutError(f"the drawing took more than {self._draw_seconds} s")
        return reply

    def end(self) -> None:
        """End the process, if there is one, and wait until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        with process:
            try:
                _stream(process.stdin).close()
            except OSError:
                # What could not be sent is not needed any more.
                process.kill()
            try:
                process.wait(_ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def stop(self) -> None:
        """Break off the drawing under way and refuse all others; may be called from any thread."""
        self._is_stopped = True
        process = self._process
        if process is not None:
            process.kill()


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(bot.__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    # The token and all else that the bot is told is no business of the drawing.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    return subprocess.Popen(  # noqa: S603 - every word of it is ours
        [sys.executable, "-P", "-m", _WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=inherited | {"PYTHONPATH": os.pathsep.join(paths)},
        # Ctrl-C in the terminal is for the bot, which then ends this process.
        start_new_session=True,
    )


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise OSError("the process has no such stream")
    return stream
