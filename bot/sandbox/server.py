"""The local Discord on a real wire: HTTP and websocket on loopback, never beyond."""

import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.clock import SystemClock

from .control import Control
from .flood import Flood, Template
from .gateway import Gateway
from .rest import API_PREFIX, RestApi
from .world import World

NAMED_LOOPBACK = {"localhost"}


def require_loopback(host: str) -> None:
    """Raise ValueError with one sentence unless the host is this machine's own."""
    try:
        loopback = host in NAMED_LOOPBACK or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(f"The local Discord listens on loopback only, not on {host}.")


class SandboxServer:
    """Serves a world to one bot; use it as an async context manager.

    Inside it, ``api_base`` and ``gateway_url`` are what the bot connects to and ``token`` is its token.
    ``gateway`` holds the sessions and what can be done to them.
    """

    def __init__(
        self, world: World, *, host: str = "127.0.0.1", port: int = 0, token: str | None = None
    ) -> None:
        require_loopback(host)
        self.world = world
        self.host = host
        self.token = token or secrets.token_hex(16)
        self._port = port
        self._runner: web.AppRunner | None = None
        self._api: RestApi | None = None
        self.gateway = Gateway(world, self.token)
        self._control = Control(world, self.gateway, self.token)
        self.origin = ""

    @property
    def api_base(self) -> str:
        """Where the REST API is, without a slash at the end."""
        return f"http://{self.origin}{API_PREFIX}"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"ws://{self.origin}/gateway/"

    def push(self, event: str, payload: Mapping[str, Any]) -> int:
        """Send an event that never happened in the world; return how many sessions get it."""
        return self.gateway.push(event, payload)

    def flood(self, templates: Sequence[Template]) -> Flood:
        """Return a flood of prepared events, which has not begun yet."""
        return Flood(self.world, self.gateway, templates)

    async def __aenter__(self) -> Self:
        self._api = api = RestApi(self.world, self.token, SystemClock())
        application = web.Application(client_max_size=64 << 20)
        application.router.add_get("/gateway/", self.gateway.handle)
        application.router.add_get("/gateway", self.gateway.handle)
        application.router.add_get("/cdn/{path:.*}", self._serve_file)
        self._control.add_routes(application)
        application.router.add_route("*", API_PREFIX + "/{path:.*}", api.handle)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        port = self._runner.addresses[0][1]
        self.origin = f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"
        self.world.gateway_url = self.gateway_url
        self.world.cdn.base_url = f"http://{self.origin}/cdn"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._control.close()
        await self.gateway.close()
        if self._api is not None:
            self._api.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve_file(self, request: web.Request) -> web.Response:
        data = self.world.cdn.get(f"http://{self.origin}{request.rel_url.path}")
        return web.Response(status=404) if data is None else web.Response(body=data)
