"""The unmodified bot as a process of its own, which never outlives the demo."""

import asyncio
import atexit
import ctypes
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import bot

STOP_TIMEOUT_S = 20
SHORT_TIMINGS = {
    "HEADCOUNT_HEARTBEAT__INTERVAL_SECONDS": "0.5",
    "HEADCOUNT_INVITE_TRACKER__RESYNC_MINUTES": "0.05",
    "HEADCOUNT_SERVERSTATS__SAMPLE_MINUTES": "0.05",
    "HEADCOUNT_SERVERSTATS__COUNTER_INTERVAL_MINUTES": "0.05",
    "HEADCOUNT_INVITE_TRACKER__MEMBERS_SEARCH_AFTER_SECONDS": "0.5",
    "HEADCOUNT_INVITE_TRACKER__LATE_COUNTER_MS": "2000",
    # Both processes read the clock of one machine, and nothing is far away.
    "HEADCOUNT_INVITE_TRACKER__LAG_BOUND_MS": "300",
    "HEADCOUNT_INVITE_TRACKER__CLOCK_MARGIN_MS": "50",
}
_BAD_LINE = re.compile(r" (ERROR|CRITICAL) |^Traceback \(most recent call last\)")
_PR_SET_PDEATHSIG = 1


class BotStoppedError(Exception):
    """The bot ended although nobody stopped it; the message is one sentence."""


class BotProcess:
    """Runs ``python -m bot run`` in ``folder``, where its database and its log are."""

    def __init__(self, folder: Path, *, api_base: str, gateway_url: str, token: str) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self.data_path = folder / "headcount.sqlite3"
        self.log_path = folder / "bot.log"
        self._environment = bot_environment(
            os.environ,
            {
                "HEADCOUNT_DISCORD__API_BASE": api_base,
                "HEADCOUNT_DISCORD__GATEWAY_URL": gateway_url,
                "HEADCOUNT_DISCORD__TOKEN": token,
                "HEADCOUNT_STORAGE__PATH": str(self.data_path),
                **SHORT_TIMINGS,
            },
        )

    @property
    def process_id(self) -> int:
        """Return the number of the bot's process, 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    async def start(self) -> None:
        """Start the bot; it may have run before."""
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                # Not where the demo was started: a config.toml there is for the real Discord.
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal is for the demo, which then stops the bot.
                start_new_session=True,
                preexec_fn=_end_with_parent() if sys.platform == "linux" else None,
            )
        atexit.register(self._kill_now)

    async def kill(self) -> None:
        """Kill the bot, which cannot do anything about it."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        atexit.unregister(self._kill_now)

    async def stop(self) -> bool:
        """Ask the bot to stop, and kill it when it does not; return whether it stopped as it should."""
        stopped = True
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                stopped = await asyncio.wait_for(self._process.wait(), STOP_TIMEOUT_S) == 0
            except TimeoutError:
                stopped = False
        await self.kill()
        return stopped

    async def ended(self) -> None:
        """Wait until the bot has ended by itself."""
        if self._process is not None:
            await self._process.wait()

    def require_alive(self) -> None:
        """Raise BotStoppedError when the bot has ended by itself."""
        if self._process is not None and self._process.returncode is not None:
            raise BotStoppedError(f"The bot stopped by itself with exit code {self._process.returncode}.")

    def log_lines(self) -> tuple[str, ...]:
        """Return what the bot has logged so far."""
        if not self.log_path.exists():
            return ()
        return tuple(self.log_path.read_text(encoding="utf-8", errors="replace").splitlines())

    def _kill_now(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()


def bot_environment(inherited: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return the bot's environment: nothing of the user's own configuration of Headcount goes in."""
    kept = {name: value for name, value in inherited.items() if not name.upper().startswith("HEADCOUNT_")}
    root = str(Path(bot.__file__).resolve().parent.parent)
    search_path = os.pathsep.join(filter(None, (root, inherited.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": search_path, "PYTHONUTF8": "1", **settings}


def error_lines(log: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a log that tell of an error."""
    return tuple(line for line in log if _BAD_LINE.search(line))


def _end_with_parent() -> Callable[[], None]:
    """Return what makes Linux end a new process when its parent dies, however that happens."""
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask_kernel
