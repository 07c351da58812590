"""Asking: a client of the HTTP API in a process of its own, which asks at a fixed pace whether or not answers come.

``python -m tests.bench.asking URL GUILD_ID INVITER_ID RATE`` reads the key from the first line of its standard input, then a
number of seconds from every further line; for each it asks for so long, and prints one JSON object with what came of it.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

CONNECTIONS = 16
ANSWER_SECONDS = 30

_STATISTICS = "/modules/serverstats/stats"
READS: Sequence[tuple[str, str, dict[str, str]]] = (
    ("GET", f"{_STATISTICS}/messages/sent", {"page_size": "100"}),
    ("GET", "/modules/serverstats/status", {}),
    ("GET", f"{_STATISTICS}/messages/sent", {"page_size": "100", "user_id": "{user}"}),
    ("GET", "/modules/serverstats/settings", {}),
    ("GET", f"{_STATISTICS}/messages/sent", {"days": "30", "page_size": "50", "page": "40"}),
    ("GET", f"{_STATISTICS}/members/total", {"days": "30"}),
    ("GET", f"{_STATISTICS}/voice", {"days": "7", "page_size": "100"}),
    ("GET", "/modules/serverstats/counters", {}),
    ("GET", f"{_STATISTICS}/messages/sent", {}),
    ("GET", "/modules/invite-tracker/invite-links", {"page_size": "100"}),
    ("POST", "/modules/invite-tracker/stats/uses", {"inviter_id": "{user}", "page_size": "100"}),
    ("GET", f"{_STATISTICS}/modules/tickets/created", {"days": "30"}),
)
"""What is asked for in turn; one in twelve is a whole page of a thousand records."""


@dataclass(slots=True)
class Asked:
    """What came of one stretch of asking."""

    answers_ms: list[float] = field(default_factory=list)
    """How long each answer took, from when its request was due."""
    failures: Counter[str] = field(default_factory=Counter)

    def summary(self) -> dict[str, Any]:
        """Return the figures, in milliseconds."""
        ordered = sorted(self.answers_ms)
        last = len(ordered) - 1
        return {
            "requests": len(ordered) + self.failures.total(),
            "errors": self.failures.total(),
            "failures": dict(self.failures),
            "p50_ms": round(ordered[last // 2], 1) if ordered else 0,
            "p99_ms": round(ordered[int(last * 0.99)], 1) if ordered else 0,
        }


async def ask_for(
    session: aiohttp.ClientSession, guild_id: str, user_id: str, *, rate: float, seconds: float
) -> Asked:
    """Ask at this rate for so long, and return once every answer is there."""
    asked, began_s = Asked(), time.perf_counter()
    total = int(rate * seconds)
    async with asyncio.TaskGroup() as tasks:
        for number in range(total):
            due_s = began_s + number / rate
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            tasks.create_task(_ask(session, asked, number, guild_id, user_id, due_s))
    return asked


async def _ask(
    session: aiohttp.ClientSession, asked: Asked, number: int, guild_id: str, user_id: str, due_s: float
) -> None:
    method, path, query = READS[number % len(READS)]
    query = {name: value.replace("{user}", user_id) for name, value in query.items()}
    try:
        async with session.request(method, path, params={"guild_id": guild_id, **query}) as response:
            body = await response.read()
            if response.status != 200 or not body.startswith(b'{"success":true'):
                asked.failures[f"{response.status} {path}: {body[:200].decode(errors='replace')}"] += 1
                return
    except (aiohttp.ClientError, TimeoutError) as error:
        asked.failures[f"{type(error).__name__} {path}"] += 1
        return
    asked.answers_ms.append((time.perf_counter() - due_s) * 1000)


async def serve(url: str, guild_id: str, user_id: str, rate: float) -> None:
    """Ask when it is told to, until standard input ends."""
    key = await asyncio.to_thread(sys.stdin.readline)
    async with aiohttp.ClientSession(
        url,
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        headers={"Authorization": f"Bearer {key.strip()}"},
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
    ) as session:
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = await ask_for(session, guild_id, user_id, rate=rate, seconds=float(line))
            sys.stdout.write(orjson.dumps(asked.summary()).decode() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))
