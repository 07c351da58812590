"""The HTTP side: parses a request, spoils it if a switch says so, and lets the world answer."""

import asyncio
import io
import traceback
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import orjson
from aiohttp import BodyPartReader, web

from bot.clock import Clock

from .backend import BackendError, RouteNotImplemented, UnsupportedField, dispatch, parse_form
from .limits import RateLimits, Refusal
from .state import RestRequest
from .switches import RestFault
from .world import World

API_PREFIX = "/api/v10"
UNSUPPORTED = 501


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file, in the shape that simcord reads."""

    fp: io.BytesIO
    filename: str
    description: str | None


class RestApi:
    """Answers requests under ``/api/v10``."""

    def __init__(self, world: World, token: str, clock: Clock) -> None:
        self._world = world
        self._token = token
        self._clock = clock
        self._limits = RateLimits(world.switches)

    def close(self) -> None:
        """Send every answer that is still held back."""
        for fault in self._world.switches.faults:
            fault.release()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request and write it into the world's request log."""
        path = request.rel_url.raw_path.removeprefix(API_PREFIX)
        at_ms = self._world.now_ms()
        response = await self._respond(request, path)
        status = response.status if response is not None else 0
        self._world.request_log.append(RestRequest(request.method, path, status, at_ms))
        if response is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return response

    async def _respond(self, request: web.Request, path: str) -> web.Response | None:
        body, files = await _read(request)
        latency_s = self._world.switches.latency_s(request.method, path)
        before_s = latency_s * self._world.switches.chance.random() if latency_s else 0
        if before_s:
            await asyncio.sleep(before_s)
        refusal = self._refusal(request, path, body)
        if isinstance(refusal, web.Response):
            return refusal
        fault = next(
            (fault for fault in self._world.switches.faults if fault.takes(request.method, path)), None
        )
        response = None
        if fault is None or fault.after_effect:
            response = self._answer(request, path, body, files)
            response.headers.update(refusal)
        if fault is not None and fault.hold:
            await fault.released.wait()
        if fault is not None and not (fault.hold and fault.after_effect):
            response = _spoiled(fault)
        if latency_s > before_s:
            await asyncio.sleep(latency_s - before_s)
        return response

    def _refusal(self, request: web.Request, path: str, body: Any) -> web.Response | dict[str, str]:
        """Return a 401 or 429, or the rate-limit headers for the answer."""
        by_token_in_path = path.startswith(("/interactions/", "/webhooks/"))
        if not by_token_in_path and request.headers.get("Authorization") != f"Bot {self._token}":
            return reply(401, {"message": "401: Unauthorized", "code": 0})
        now_s = self._clock.monotonic()
        taken = self._limits.take(request.method, path, now_s)
        if isinstance(taken, Refusal):
            return too_many(taken)
        renamed = self._renamed_channel(request.method, path, body)
        if renamed is not None:
            refusal = self._limits.take_rename(renamed, now_s)
            if refusal is not None:
                return too_many(refusal)
        return taken

    def _renamed_channel(self, method: str, path: str, body: Any) -> int | None:
        """Return the id of the channel whose name or topic this request changes."""
        parts = path.strip("/").split("/")
        if method != "PATCH" or len(parts) != 2 or parts[0] != "channels" or not isinstance(body, dict):
            return None
        channel = self._world.channels.get(int(parts[1]))
        if channel is None:
            return None
        changed = any(key in body and body[key] != getattr(channel, key) for key in ("name", "topic"))
        return channel.id if changed else None

    def _answer(self, request: web.Request, path: str, body: Any, files: list[Upload]) -> web.Response:
        reason = request.headers.get("X-Audit-Log-Reason")
        try:
            answer = dispatch(
                self._world,
                request.method,
                path,
                json=body,
                params=dict(request.query),
                files=list(files),
                reason=unquote(reason) if reason else None,
                message_content_access="message_content" in self._world.approved_intents,
            )
        except (RouteNotImplemented, UnsupportedField) as gap:
            return self._gap(str(gap))
        except BackendError as error:
            return (
                self._gap(error.message)
                if error.status == UNSUPPORTED
                else reply(error.status, error.to_json())
            )
        except Exception as crash:
            where = traceback.format_exc(limit=-2)
            return self._gap(f"{request.method} {path} crashed: {crash!r}\n{where}")
        if answer is None:
            return web.Response(status=204)
        return reply(getattr(answer, "status", 200), answer)

    def _gap(self, message: str) -> web.Response:
        self._world.gaps.append(message)
        return reply(UNSUPPORTED, {"message": message, "code": 0})


def reply(status: int, payload: Any, headers: dict[str, str] | None = None) -> web.Response:
    """Return JSON with the exact content type that discord.py asks for."""
    # aiohttp would add a charset to content_type, and discord.py then takes the body for text.
    return web.Response(
        body=orjson.dumps(payload),
        status=status,
        headers={"Content-Type": "application/json", **(headers or {})},
    )


def too_many(refusal: Refusal) -> web.Response:
    """Return a 429 as Discord's own servers send it (a ``Via`` header tells them from Cloudflare)."""
    headers = {"Via": "1.1 google", "Retry-After": str(refusal.retry_after_s), **refusal.headers}
    if refusal.is_global:
        headers["X-RateLimit-Global"] = "true"
    body = {
        "message": "You are being rate limited.",
        "retry_after": refusal.retry_after_s,
        "global": refusal.is_global,
    }
    return reply(429, body, headers)


def _spoiled(fault: RestFault) -> web.Response | None:
    if fault.drop_connection:
        return None
    if isinstance(fault.body, str):
        return web.Response(text=fault.body, status=fault.status, content_type="text/html")
    body = fault.body if fault.body is not None else {"message": f"{fault.status}: spoiled", "code": 0}
    headers = {"Via": "1.1 google"} if fault.status == 429 else {}
    return reply(fault.status, body, {**headers, **fault.headers})


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    """Return the JSON body and the uploaded files of a request."""
    if not request.content_type.startswith("multipart/"):
        raw = await request.read()
        return (orjson.loads(raw) if raw else None), []
    form: list[dict[str, Any]] = []
    parts: list[tuple[str, str, bytes]] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read(decode=False))
        if part.filename is None:
            form.append({"name": part.name, "value": data.decode()})
        else:
            form.append({"name": part.name, "filename": part.filename})
            parts.append((part.name or "", part.filename, data))
    body, _ = parse_form(form, [])
    described = _descriptions(body)
    return body, [Upload(io.BytesIO(data), filename, described.get(name)) for name, filename, data in parts]


def _descriptions(body: Any) -> dict[str, str | None]:
    """Return what the message says about its files, by the name of the file's form part."""
    if not isinstance(body, dict):
        return {}
    # An interaction callback carries its message one level deeper.
    message = body.get("data") or body
    return {f"files[{item['id']}]": item.get("description") for item in message.get("attachments") or []}
