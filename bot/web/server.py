"""The HTTP server: uvicorn in the bot's own process and loop. It answers before Discord is connected, and ends before that."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.client import HeadcountClient
from bot.errors import NotReadyError
from bot.web.address import BACKLOG, is_loopback, listen, port_of, url_of
from bot.web.application import open_application
from bot.web.connection import Connection, waiting_to_send
from bot.web.context import WebContext
from bot.web.refusals import refusal
from bot.web.routing import ApiRouter

_log = logging.getLogger(__name__)

STOP_SECONDS: Final = 5
"""So long the requests that are being answered may take once the bot is told to stop."""
KEEP_ALIVE_SECONDS: Final = 75
"""Longer than proxies keep a connection that they do not use: the end that closes first must be theirs."""


class WebServer:
    """Answers HTTP requests from `start` to `close`."""

    def __init__(self, client: HeadcountClient, routers: Sequence[ApiRouter]) -> None:
        self._client = client
        self._routers = routers
        self._config = client.parts.config.http
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._is_closing = False
        self.port = self._config.port
        """Where it listens; with port 0 known once it was started."""

    @property
    def url(self) -> str:
        """The address of the API, for programs on this machine."""
        return url_of(self._config.host, self.port)

    @property
    def waiting_to_send(self) -> int:
        """How many answers wait for their clients to read them."""
        return 0 if self._server is None else len(waiting_to_send(self._server.server_state.connections))

    async def start(self) -> None:
        """Listen, and answer from now on. Raises AddressError."""
        loop = asyncio.get_running_loop()
        listening = await loop.run_in_executor(None, listen, self._config.host, self._config.port)
        try:
            self.port = port_of(listening)
            await self._client.parts.api_keys.open()
            application = open_application(self._routers, WebContext(self._client))
            self._server = _Server(_settings(_Finishing(application)))
            self._serving = asyncio.create_task(self._server.serve(sockets=[listening]), name="HTTP server")
            await self._server.begin(self._serving)
        except BaseException:
            listening.close()
            raise
        self._serving.add_done_callback(self._note_end)
        _log.info(
            "The HTTP API listens at %s (documentation: /docs); it has answers once Discord is connected.",
            self.url,
            extra={"event": "http_started", "host": self._config.host, "port": self.port},
        )
        if not is_loopback(self._config.host):
            _log.warning(
                "The HTTP API can be reached from other machines, and is not encrypted: whoever reads the traffic reads the "
                "keys. Have a proxy with HTTPS in front of it.",
                extra={"event": "http_unencrypted", "host": self._config.host},
            )

    async def close(self) -> None:
        """Take no more connections, let the requests that are being answered end, and cancel those that take too long."""
        if self._server is None or self._serving is None or self._is_closing:
            return
        self._is_closing = True
        self._server.should_exit = True
        await asyncio.wait({self._serving})
        # Those that were cancelled still have to send that they were.
        answering = self._server.server_state.tasks
        if answering:
            await asyncio.wait(answering, timeout=STOP_SECONDS)
        _log.info("The HTTP API stopped.", extra={"event": "http_stopped"})

    def _note_end(self, serving: "asyncio.Task[None]") -> None:
        """Log an end that nobody asked for. The bot goes on: what it records cannot be made up for, a request can."""
        error = None if serving.cancelled() else serving.exception()
        if error is not None or not self._is_closing:
            for listening in self._server.servers if self._server is not None else ():
                listening.close()
            _log.error(
                "The HTTP API stopped because of an error that was not foreseen; it is back after the next start.",
                exc_info=error,
                extra={"event": "http_failed"},
            )


class _Server(uvicorn.Server):
    """Leaves the signals to the process, and tells when it listens."""

    def __init__(self, settings: uvicorn.Config) -> None:
        super().__init__(settings)
        self._has_begun = asyncio.Event()

    async def begin(self, serving: "asyncio.Task[None]") -> None:
        """Return once it answers; raises what keeps it from that."""
        begun = asyncio.create_task(self._has_begun.wait())
        await asyncio.wait({serving, begun}, return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        if serving.done():
            await serving

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._has_begun.set()


class _Finishing:
    """Answers also those requests that are cancelled because the bot stops."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # Only the stop cancels. An answer that has begun is cut off by the connection's end.
            with contextlib.suppress(RuntimeError):
                await refusal(NotReadyError("I was told to stop; try again in a minute."))(
                    scope, receive, send
                )


def _settings(application: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        interface="asgi3",
        http=Connection,
        ws="none",
        loop="none",
        workers=1,
        lifespan="off",
        # Its loggers are the program's, and so is the filter that keeps secrets out.
        log_config=None,
        access_log=False,
        # Nothing here asks where a request comes from, so nobody's word has to be taken for it.
        proxy_headers=False,
        server_header=False,
        date_header=True,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
