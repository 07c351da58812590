"""The local Discord in a process of its own, and the handle on it.

``python -m bot.sandbox.separate --members 5000`` prints one line of JSON and serves until its standard input ends.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

import bot

from .control import PREFIX
from .server import SandboxServer
from .world import World

LINE_LIMIT = 1 << 24
START_TIMEOUT_S = 30
ROOT = Path(bot.__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Address:
    """What a bot needs to connect, and who and what is there; the members are those of the crowd."""

    api_base: str
    gateway_url: str
    token: str
    control_url: str
    guild_id: int
    channel_ids: tuple[int, ...]
    member_ids: tuple[int, ...]


class SeparateSandbox:
    """Runs a local Discord with one guild in a process of its own; use it as an async context manager.

    Inside it, ``address`` is where a bot connects. The process ends with the context, and with this process.
    """

    def __init__(self, *, members: int = 0, online: int = 0, channels: int = 1) -> None:
        self._arguments = ["--members", str(members), "--online", str(online), "--channels", str(channels)]
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None
        self._address: Address | None = None

    @property
    def address(self) -> Address:
        """Return where the local Discord is."""
        if self._address is None:
            raise RuntimeError("The local Discord is not running.")
        return self._address

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.sandbox.separate",
            *self._arguments,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
        )
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                line = await self._process.stdout.readline() if self._process.stdout else b""
            told = orjson.loads(line)
            lists = {name: tuple(told[name]) for name in ("channel_ids", "member_ids")}
            self._address = Address(**{**told, **lists})
        except BaseException:
            await self._end()
            raise
        self._session = aiohttp.ClientSession(headers={"Authorization": f"Bot {self.address.token}"})
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
        await self._end()

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request to the controls (see Control); raises RuntimeError with their words if they refuse."""
        if self._session is None:
            raise RuntimeError("The local Discord is not running.")
        url = self.address.control_url + path
        async with self._session.request(method, url, data=orjson.dumps(body or {})) as response:
            answer = orjson.loads(await response.read())
            if response.status != 200:
                raise RuntimeError(answer["message"])
            return answer

    async def begin_flood(
        self, templates: Sequence[Mapping[str, Any]], *, rate_per_s: float, total: int | None = None
    ) -> None:
        """Let it send events (each template has ``event``, ``payload`` and perhaps ``label``) at a steady rate."""
        body = {"templates": list(templates), "rate_per_s": rate_per_s, "total": total}
        await self.ask("POST", "/flood", body)

    async def flood_state(self, *, ids: bool = False) -> Any:
        """Return how far the flood is: running, elapsed_s, missed, sent and handed_over by label, and the ids."""
        return await self.ask("GET", "/flood?ids=1" if ids else "/flood")

    async def end_flood(self) -> Any:
        """End the flood and return its state."""
        return await self.ask("DELETE", "/flood")

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
        # Nobody reads on; without this the pipes would be closed only when they are collected.
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001


async def serve(members: int, online: int, channels: int) -> None:
    """Serve one guild until standard input ends."""
    world = World()
    names = [f"channel-{number}" for number in range(channels)]
    guild = world.make_guild("Harbour", text_channels=names)
    crowd = world.add_crowd(guild.id, members, online=online)
    async with SandboxServer(world) as server:
        facts = {
            "api_base": server.api_base,
            "gateway_url": server.gateway_url,
            "token": server.token,
            "control_url": f"http://{server.origin}{PREFIX}",
            "guild_id": guild.id,
            "channel_ids": guild.channel_ids,
            "member_ids": crowd,
        }
        sys.stdout.write(orjson.dumps(facts).decode() + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--members", type=int, default=0, help="how many people are there")
    parser.add_argument("--online", type=int, default=0, help="how many of them are online")
    parser.add_argument("--channels", type=int, default=1, help="how many text channels there are")
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.members, chosen.online, chosen.channels))


if __name__ == "__main__":
    main()
