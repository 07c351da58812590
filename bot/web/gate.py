"""Where every request comes in: whose key it carries, how many there were, how large it is; then who acts is known.

Written against ASGI itself, so that a request is refused before anything else reads it.
"""

import asyncio
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.acting import Actor, acting_for
from bot.errors import (
    BadRequestError,
    HeadcountError,
    NotReadyError,
    PayloadTooLargeError,
    TooManyRequestsError,
    UnauthorizedError,
)
from bot.text.language import Language, speaking
from bot.web.callers import Caller, calling
from bot.web.context import WebContext
from bot.web.rates import RateLimit
from bot.web.refusals import refusal, unforeseen

OPEN_PATHS: Final = frozenset({"/livez", "/readyz", "/metrics", "/openapi.json"})
"""What needs no key: nothing in it is about a server or a person."""
OPEN_BELOW: Final = "/docs"
KIBIBYTE: Final = 1024
BODY_SECONDS: Final = 30.0
"""So long a body may take to arrive: what a dead connection began must not wait for ever."""
FAILURES_PER_MINUTE: Final = 60
"""So many requests of all with keys that are not known; those with a key that is known never wait for them."""

NO_KEY: Final = "A key is needed: send it as `Authorization: Bearer …`."
UNKNOWN_KEY: Final = "This key is not known; it may have been deleted."


class Gate:
    """Lets requests through to the application, or answers them itself."""

    def __init__(self, app: ASGIApp, context: WebContext) -> None:
        self._app = app
        self._context = context
        self._rates = RateLimit(context.clock, context.config.requests_per_minute)
        self._failures = RateLimit(context.clock, FAILURES_PER_MINUTE)
        self._body_most = context.config.body_most_kib * KIBIBYTE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = _Sending(send)
        try:
            await self._let_in(scope, receive, sending)
        except HeadcountError as error:
            await refusal(error)(scope, receive, sending)
        except Exception as error:
            response = unforeseen(error)
            if not sending.has_begun:
                await response(scope, receive, sending)

    async def _let_in(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        path = scope["path"]
        if path in OPEN_PATHS or path == OPEN_BELOW or path.startswith(f"{OPEN_BELOW}/"):
            await self._app(scope, receive, sending)
            return
        headers = Headers(scope=scope)
        caller = self._identify(headers, sending)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await self._read(headers, receive)
        except TimeoutError:
            raise BadRequestError(f"The body did not arrive within {BODY_SECONDS:g} seconds.") from None
        if body is None:
            return
        if not self._context.is_ready:
            raise NotReadyError("I am still connecting to Discord; `/readyz` tells when I am ready.")
        # There is nothing to send but JSON, whatever a client calls it: curl, unasked, calls it a form.
        others = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
        scope["headers"] = [*others, (b"content-type", b"application/json")]
        actor = Actor(name=caller.name, is_operator=caller.is_operator)
        with acting_for(actor), calling(caller), speaking(Language.ENGLISH):
            await self._app(scope, _replay(body, receive), sending)

    def _identify(self, headers: Headers, sending: "_Sending") -> Caller:
        key = _key_in(headers)
        caller = None if key is None else self._context.keys.find(key)
        if caller is None:
            sending.extra["WWW-Authenticate"] = "Bearer"
            if key is not None and not (allowance := self._failures.take("")).is_allowed:
                sending.extra["Retry-After"] = str(allowance.retry_after_seconds)
                raise TooManyRequestsError("There were too many requests with keys that are not known.")
            raise UnauthorizedError(NO_KEY if key is None else UNKNOWN_KEY)
        allowance = self._rates.take(caller.key_id or "operator")
        sending.extra.update(allowance.headers)
        if not allowance.is_allowed:
            most = self._context.config.requests_per_minute
            raise TooManyRequestsError(f"This key may make {most} requests a minute.")
        return caller

    async def _read(self, headers: Headers, receive: Receive) -> bytes | None:
        """Return the body, which is small: none of a size that matters is let in. None when who sends it has gone away."""
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._body_most:
            raise self._too_large()
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._body_most:
                raise self._too_large()
            if not message.get("more_body", False):
                break
        return b"".join(parts)

    def _too_large(self) -> PayloadTooLargeError:
        return PayloadTooLargeError(f"The body may have {self._body_most // KIBIBYTE} KiB, no more.")


class _Sending:
    """Passes an answer on, with further headers; knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.extra: dict[str, str] = {}
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self.extra.items():
                headers[name] = value
        await self._send(message)


def _key_in(headers: Headers) -> str | None:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return headers.get("x-api-key") or None


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once, and then waits for whatever else comes: the end of the connection."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
