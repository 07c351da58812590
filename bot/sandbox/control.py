"""Telling a running local Discord what to do from another process: paths beside Discord's own, with the bot's token."""

import asyncio
from collections import Counter
from typing import Any

import orjson
from aiohttp import web

from .flood import Flood, Template
from .gateway import Gateway
from .rest import reply
from .world import World

PREFIX = "/_sandbox"
FAULT_OPTIONS = ("status", "body", "times", "drop_connection", "after_effect", "hold")


class Control:
    """Answers under ``/_sandbox``.

    - ``GET /``: the guilds with their channels, the sessions, the number of requests and the gaps.
    - ``POST /push``: ``event`` and ``payload``, sent ``times`` times.
    - ``POST /flood``: ``templates`` (each with ``event``, ``payload`` and perhaps ``label``), ``rate_per_s`` and
      perhaps ``total``; ``GET /flood`` tells how far it is (``?ids=1``: with every fresh id), ``DELETE /flood``
      ends it and tells, too.
    - ``POST /drop``: cuts the bot's connections, with a close ``code`` or as a broken line would.
    - ``POST /fault``: ``method``, ``path`` and the options of RestFault.
    """

    def __init__(self, world: World, gateway: Gateway, token: str) -> None:
        self._world = world
        self._gateway = gateway
        self._token = token
        self._flood: Flood | None = None
        self._running: asyncio.Task[None] | None = None

    def add_routes(self, application: web.Application) -> None:
        """Answer requests to this application."""
        router = application.router
        router.add_get(PREFIX + "/", self._guarded(self._facts))
        router.add_post(PREFIX + "/push", self._guarded(self._push))
        router.add_post(PREFIX + "/flood", self._guarded(self._begin_flood))
        router.add_get(PREFIX + "/flood", self._guarded(self._flood_state))
        router.add_delete(PREFIX + "/flood", self._guarded(self._end_flood))
        router.add_post(PREFIX + "/drop", self._guarded(self._drop))
        router.add_post(PREFIX + "/fault", self._guarded(self._fault))

    async def close(self) -> None:
        """End a flood that is still running."""
        if self._flood is not None and self._running is not None:
            self._flood.stop()
            await self._running

    def _guarded(self, answer: Any) -> Any:
        async def handle(request: web.Request) -> web.Response:
            if request.headers.get("Authorization") != f"Bot {self._token}":
                return reply(401, {"message": "401: Unauthorized", "code": 0})
            raw = await request.read()
            try:
                return reply(200, await answer(request, orjson.loads(raw) if raw else {}))
            except (KeyError, ValueError) as error:
                return reply(400, {"message": f"This is not understood: {error}", "code": 0})

        return handle

    async def _facts(self, _request: web.Request, _body: Any) -> Any:
        world, gateway = self._world, self._gateway
        return {
            "guilds": [
                {"id": guild.id, "name": guild.name, "channel_ids": guild.channel_ids}
                for guild in world.guilds.values()
            ],
            "sessions": [
                {
                    "id": session.id,
                    "shard_id": session.shard_id,
                    "connected": session.connected,
                    "sequence": session.sequence,
                    "written": session.written,
                }
                for session in gateway.sessions()
            ],
            "requests": len(world.request_log),
            "gaps": world.gaps,
        }

    async def _push(self, _request: web.Request, body: Any) -> Any:
        sent = 0
        for _ in range(int(body.get("times", 1))):
            sent += self._gateway.push(body["event"], body["payload"])
        return {"sent": sent}

    async def _begin_flood(self, request: web.Request, body: Any) -> Any:
        if self._running is not None and not self._running.done():
            raise ValueError("a flood is running already")
        templates = [Template(one["event"], one["payload"], one.get("label")) for one in body["templates"]]
        self._flood = Flood(self._world, self._gateway, templates)
        total = int(body["total"]) if body.get("total") is not None else None
        rate_per_s = float(body["rate_per_s"])
        self._running = asyncio.create_task(self._flood.run(rate_per_s=rate_per_s, total=total))
        return await self._flood_state(request, body)

    async def _flood_state(self, request: web.Request, _body: Any) -> Any:
        flood = self._flood
        if flood is None or self._running is None:
            raise ValueError("there was no flood yet")
        state: dict[str, Any] = {
            "running": not self._running.done(),
            "elapsed_s": flood.elapsed_s,
            "missed": flood.missed,
            "sent": flood.counts(),
            "handed_over": Counter(one.label for one in flood.handed_over()),
        }
        if request.query.get("ids"):
            state["ids"] = [[one.label, one.fresh_id] for one in flood.sent]
        return state

    async def _end_flood(self, request: web.Request, body: Any) -> Any:
        await self.close()
        return await self._flood_state(request, body)

    async def _drop(self, _request: web.Request, body: Any) -> Any:
        return {"dropped": await self._gateway.drop_sockets(code=body.get("code"))}

    async def _fault(self, _request: web.Request, body: Any) -> Any:
        options = {name: body[name] for name in FAULT_OPTIONS if name in body}
        self._world.switches.fail(body["method"], body["path"], **options)
        return {}
