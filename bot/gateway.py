"""Gateway intake: every event as it came over the socket, ahead of discord.py's own reading of it.

discord.py drops a GUILD_MEMBER_ADD whose member is in its cache, and starts a task for every listener. Features that must
miss nothing subscribe here instead: their handler is called synchronously with the raw payload, in the order in which the
socket delivered it, and then discord.py's own parser runs as usual.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import discord

from bot.clock import Clock

_log = logging.getLogger(__name__)

EVENTS_PER_TURN: Final = 32
"""So many are read in a millisecond or two."""

Payload = Mapping[str, Any]
Handler = Callable[[Payload, int], None]


class GatewayIntake:
    """Hands raw gateway payloads to subscribers, and knows since when each shard has been steady."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._bypassed: set[str] = set()
        self._connection: Any = None
        self._steady_since_ms: dict[int, int | None] = {}
        self._changed_at: dict[int, float] = {}

    def attach(self, client: discord.Client) -> None:
        """Put the intake in front of the client's parsers; to be called once, before it connects."""
        # The parsers are private to discord.py; tests/bot/test_gateway.py is the contract that they still work so.
        self._connection = client._connection  # noqa: SLF001
        for event in self._handlers:
            self._wrap(event)

    def subscribe(self, event: str, handler: Handler) -> None:
        """Call `handler(payload, received_at_ms)` for every gateway event of this name, e.g. `GUILD_MEMBER_ADD`."""
        first = event not in self._handlers
        self._handlers[event].append(handler)
        if first and self._connection is not None:
            self._wrap(event)

    def unsubscribe(self, event: str, handler: Handler) -> None:
        """Stop calling this handler."""
        self._handlers[event].remove(handler)

    def bypass(self, event: str) -> None:
        """Do not let discord.py read events of this name any more: its listeners for them stay silent.

        To be called before the client connects; worth it for what comes by the thousand a second.
        """
        self._bypassed.add(event)

    def conclude(self, event: str, payload: Payload) -> None:
        """Let everybody, discord.py included, know of an event that Discord did not send but implied."""
        self._connection.parsers[event](payload)

    def note_dispatch(self, event: str, *args: Any) -> None:
        """Learn from discord.py's own events which shards are connected."""
        if event == "shard_disconnect":
            self._note_disconnection(args[0])
        elif event in {"shard_connect", "shard_resumed"}:
            shard_id = args[0]
            if event == "shard_resumed":
                _log.info(
                    "Shard %d goes on where it was interrupted.",
                    shard_id,
                    extra={"event": "shard_resumed", "shard_id": shard_id},
                )
            self._steady_since_ms[shard_id] = self._clock.now_ms()
            self._changed_at[shard_id] = self._clock.monotonic()

    def _note_disconnection(self, shard_id: int) -> None:
        # discord.py may tell of it twice; what counts is the first time.
        if self._steady_since_ms.get(shard_id) is not None:
            self._changed_at[shard_id] = self._clock.monotonic()
            _log.info(
                "Shard %d lost its connection.",
                shard_id,
                extra={"event": "shard_disconnected", "shard_id": shard_id},
            )
        self._steady_since_ms[shard_id] = None

    def steady_since_ms(self, shard_id: int) -> int | None:
        """Return since when the shard has missed nothing, or None while it is disconnected or resuming."""
        return self._steady_since_ms.get(shard_id)

    def changed_at(self, shard_id: int) -> float | None:
        """Return when the shard became steady or unsteady, on the clock that never goes back; None before it did."""
        return self._changed_at.get(shard_id)

    def _wrap(self, event: str) -> None:
        parsers: dict[str, Callable[[Any], None]] = self._connection.parsers
        parse = None if event in self._bypassed else parsers.get(event)
        handlers = self._handlers[event]

        def take_then_parse(payload: Any) -> None:
            received_at_ms = self._clock.now_ms()
            # A handler may unsubscribe itself, or another one, while it is called.
            for handler in handlers.copy():
                try:
                    handler(payload, received_at_ms)
                except Exception:
                    # One feature's bug must not cost the others, or the library, the event.
                    _log.exception("The intake of %s failed.", event)
            if parse is not None:
                parse(payload)

        parsers[event] = take_then_parse


def share_the_loop(client: discord.Client) -> None:
    """Let everything else have its turn while a flood of events comes in; to be called before the client connects.

    As long as data is waiting, discord.py's reading loop never gives way: nothing would be stored, and no command answered.
    """
    connect: Callable[..., Awaitable[Any]] = client.http.ws_connect

    async def ws_connect(*args: Any, **kwargs: Any) -> Any:
        socket = await connect(*args, **kwargs)
        receive: Callable[..., Awaitable[Any]] = socket.receive
        received = 0

        async def receive_in_turn(timeout: float | None = None) -> Any:
            nonlocal received
            received += 1
            if received % EVENTS_PER_TURN == 0:
                await asyncio.sleep(0)
            return await receive(timeout=timeout)

        socket.receive = receive_in_turn
        return socket

    client.http.ws_connect = ws_connect  # type: ignore[method-assign]
