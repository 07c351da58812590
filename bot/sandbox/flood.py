"""Many events at speed: prepared payloads, sent to the bot's sessions without the world."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock, SystemClock

from .gateway import Gateway
from .sessions import Event, Session, to_json
from .world import World

FRESH_ID = "{fresh id}"
"""Stands in a template's payload for an id that is new in every event."""

TICK_S = 0.005


class Template:
    """An event whose payload is turned into JSON once and sent many times, each time with a fresh id.

    ``label`` names it in the counts; the event's name if it is left out.
    """

    def __init__(self, name: str, payload: Mapping[str, Any], label: str | None = None) -> None:
        self.event = Event(name, payload)
        self.name = name
        self.label = label or name
        self._parts = to_json(payload).split(FRESH_ID)

    def text(self, fresh_id: int) -> str:
        """Return the payload's JSON."""
        return str(fresh_id).join(self._parts)


@dataclass(frozen=True, slots=True)
class SentEvent:
    """One event of a flood: the template's label, the fresh id, and where it went."""

    label: str
    fresh_id: int
    session_id: str
    sequence: int


class Flood:
    """Sends templates in turn, at a steady rate, and knows afterwards what it has sent.

    A session gets an event whose shard and intents fit, even while it waits to be resumed; content is not
    censored, and there is no lag. What no session takes is counted in ``missed``. ``sent`` is the truth, in order.
    """

    def __init__(
        self, world: World, gateway: Gateway, templates: Sequence[Template], *, clock: Clock | None = None
    ) -> None:
        if not templates:
            raise ValueError("A flood needs at least one template.")
        self.sent: list[SentEvent] = []
        self.missed = 0
        self.elapsed_s = 0.0
        self._world = world
        self._gateway = gateway
        self._templates = list(templates)
        self._clock = clock or SystemClock()
        self._stopped = False
        self._takers: dict[str, Session] = {}
        self._count = 0

    def stop(self) -> None:
        """Send no further event."""
        self._stopped = True

    async def run(self, *, rate_per_s: float, total: int | None = None) -> None:
        """Send ``total`` events (None: until ``stop``) so many a second, and return when the last is handed over.

        What a busy machine could not send in time is sent late, never left out.
        """
        began_s, last = self._clock.monotonic(), None if total is None else self._count + total
        first, self._stopped = self._count, False
        while not self._stopped:
            self.elapsed_s = self._clock.monotonic() - began_s
            due = first + int(self.elapsed_s * rate_per_s) + 1
            self.burst((due if last is None else min(due, last)) - self._count)
            if self._count == last:
                break
            await asyncio.sleep(TICK_S)
        self.elapsed_s = self._clock.monotonic() - began_s

    def burst(self, number: int) -> None:
        """Send so many events at once."""
        for _ in range(number):
            self._send_one()

    def counts(self) -> Counter[str]:
        """Return how many events were sent, by label."""
        return Counter(one.label for one in self.sent)

    def handed_over(self) -> list[SentEvent]:
        """Return the events that were written to a connection; a bot that was killed may not have read them."""
        written = {session_id: session.written for session_id, session in self._takers.items()}
        return [one for one in self.sent if one.sequence <= written[one.session_id]]

    def _send_one(self) -> None:
        template = self._templates[self._count % len(self._templates)]
        self._count += 1
        fresh_id = self._world.snowflake()
        taken = False
        for session in self._gateway.sessions():
            if session.wants(template.event):
                session.dispatch(template.name, template.text(fresh_id))
                self._takers[session.id] = session
                self.sent.append(SentEvent(template.label, fresh_id, session.id, session.sequence))
                taken = True
        self.missed += not taken
