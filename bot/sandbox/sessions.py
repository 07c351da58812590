"""A gateway session: what one shard may see, in order, numbered, and kept for a resume."""

import asyncio
import heapq
import secrets
from collections.abc import Mapping
from typing import Any

import discord
import orjson
from aiohttp import web

from .backend import EVENT_INTENTS
from .shaping import CENSORED, MESSAGE_CONTENT, censored, shaped_guild
from .world import World

REPLAY_LIMIT = 20_000
BATCH = 200
BUFFER_LIMIT = 1 << 20
BUFFER_POLL_S = 0.001
_INTENT_BITS: dict[str, tuple[int, int]] = {
    event: (getattr(discord.Intents, in_guild).flag, getattr(discord.Intents, in_dm or in_guild).flag)
    for event, (in_guild, in_dm) in EVENT_INTENTS.items()
}


class Event:
    """One event of the world, turned into JSON at most once for all sessions that get it unchanged."""

    __slots__ = ("_json", "guild_id", "name", "payload")

    def __init__(self, name: str, payload: Mapping[str, Any]) -> None:
        self.name = name
        self.payload = payload
        guild_id = payload.get("guild_id")
        if guild_id is None and name in {"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"}:
            guild_id = payload.get("id")
        self.guild_id = int(guild_id) if guild_id is not None else None
        self._json: str | None = None

    @property
    def json(self) -> str:
        if self._json is None:
            self._json = to_json(self.payload)
        return self._json


def to_json(payload: Any) -> str:
    """Return the JSON text of a payload."""
    return orjson.dumps(payload, option=orjson.OPT_NON_STR_KEYS).decode()


class Session:
    """One identified shard, connected or waiting to be resumed.

    Events are kept as ready frames under their sequence number; a pump sends what the connection has not had.
    """

    def __init__(
        self, world: World, *, shard_id: int, shard_count: int, intents: int, large_threshold: int
    ) -> None:
        self.id = secrets.token_hex(16)
        self.shard_id = shard_id
        self.shard_count = shard_count
        self.intents = intents
        self.sequence = 0
        self.disconnected_at: float | None = None
        self.socket: web.WebSocketResponse | None = None
        self.request: web.Request | None = None
        self._world = world
        self._large_threshold = large_threshold
        self._loop = asyncio.get_running_loop()
        self._frames: dict[int, str] = {}
        self._sent = 0
        self._oldest = 1
        self._waiting: list[tuple[float, int, str, str]] = []
        self._arrivals = 0
        self._last_due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._held = False
        self._wake = asyncio.Event()
        self._pump = self._loop.create_task(self._send_all())

    # -------------------------------------------------------------- connection

    @property
    def connected(self) -> bool:
        return self.socket is not None and not self.socket.closed

    def attach(self, socket: web.WebSocketResponse, request: web.Request, *, after: int) -> None:
        """Send to this connection from now on, beginning with the event after sequence number ``after``."""
        self.socket, self.request, self.disconnected_at = socket, request, None
        self._sent = after
        self._wake.set()

    def detach(self, socket: web.WebSocketResponse) -> None:
        """Stop sending to this connection and keep events for a resume."""
        if self.socket is socket:
            self.socket, self.request = None, None
            self.disconnected_at = self._loop.time()

    def can_replay(self, after: int) -> bool:
        """Return whether every event after this sequence number is still kept."""
        return after <= self.sequence and (after == self.sequence or after + 1 in self._frames)

    def close(self) -> None:
        """End the session for good."""
        self._pump.cancel()
        if self._timer is not None:
            self._timer.cancel()

    # ------------------------------------------------------------------ events

    def wants(self, event: Event) -> bool:
        """Return whether the event belongs to this shard and its intents."""
        shard = 0 if event.guild_id is None else (event.guild_id >> 22) % self.shard_count
        if shard != self.shard_id:
            return False
        bits = _INTENT_BITS.get(event.name)
        if bits is None:
            return True
        return bool(self.intents & (bits[0] if event.guild_id is not None else bits[1]))

    def push(self, event: Event) -> None:
        """Take an event for delivery: at once, or after the lag that the switches draw."""
        text = self._shaped(event)
        lag_s = self._world.switches.lag_s()
        if not lag_s and not self._waiting and not self._held:
            self.dispatch(event.name, text)
            return
        due = self._loop.time() + lag_s
        if not self._world.switches.reorder_events:
            due = max(due, self._last_due)
        self._last_due = max(due, self._last_due)
        self._arrivals += 1
        heapq.heappush(self._waiting, (due, self._arrivals, event.name, text))
        self._release()

    def dispatch(self, name: str, text: str) -> None:
        """Number an event and send it now, past all lag."""
        self.sequence += 1
        self._frames[self.sequence] = f'{{"op":0,"t":"{name}","s":{self.sequence},"d":{text}}}'
        self._forget_old()
        self._wake.set()

    def _forget_old(self) -> None:
        """Drop frames beyond the replay limit, but none that a live connection still has to get."""
        while self._oldest <= self.sequence - REPLAY_LIMIT and (
            self.socket is None or self._oldest <= self._sent
        ):
            self._frames.pop(self._oldest, None)
            self._oldest += 1

    def hold(self) -> None:
        """Keep events back until ``let_go``."""
        self._held = True

    def let_go(self) -> None:
        """Deliver what was held back."""
        self._held = False
        self._release()

    def _release(self) -> None:
        """Dispatch what is due and set a timer for the next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held:
            return
        now = self._loop.time()
        while self._waiting and self._waiting[0][0] <= now:
            _, _, name, text = heapq.heappop(self._waiting)
            self.dispatch(name, text)
        if self._waiting:
            self._timer = self._loop.call_at(self._waiting[0][0], self._release)

    @property
    def written(self) -> int:
        """Return the sequence number of the last event that was handed to the connection."""
        return self._sent

    async def _send_all(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self.socket is not None and self._sent < self.sequence:
                socket = self.socket
                transport = self.request.transport if self.request is not None else None
                if transport is None or transport.is_closing() or socket.closed:
                    self.detach(socket)
                    break
                # One write for many frames: a write for each costs more than everything else together.
                last = min(self.sequence, self._sent + BATCH)
                frames = [_encoded(self._frames[number]) for number in range(self._sent + 1, last + 1)]
                self._sent = last
                transport.write(b"".join(frames))
                # Only the transport knows when it has room again, and it tells nobody but its protocol.
                while transport.get_write_buffer_size() > BUFFER_LIMIT and not transport.is_closing():  # noqa: ASYNC110
                    await asyncio.sleep(BUFFER_POLL_S)

    def _shaped(self, event: Event) -> str:
        """Return the JSON of the event as this session may see it."""
        if event.name == "GUILD_CREATE":
            guild = shaped_guild(
                event.payload,
                bot_id=self._world.bot_user.id,
                intents=self.intents,
                large_threshold=self._large_threshold,
            )
            return to_json(guild)
        if event.name in CENSORED and not self.intents & MESSAGE_CONTENT:
            return to_json(censored(event.name, event.payload, self._world))
        return event.json


def _encoded(text: str) -> bytes:
    """Return one unmasked websocket text frame (RFC 6455, 5.2)."""
    data = text.encode()
    size = len(data)
    if size < 126:
        return bytes((0x81, size)) + data
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + data
    return b"\x81\x7f" + size.to_bytes(8, "big") + data
