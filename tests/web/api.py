"""The HTTP API of a bot in the same process: the real application, called without a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from httpx._transports import asgi
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.config import Config, DiscordConfig, HttpConfig, InviteTrackerConfig
from bot.web.application import find_routers, open_application
from bot.web.callers import Right
from bot.web.context import WebContext
from tests.discord_in_process import Place, in_process

OPERATOR_KEY = "operator-key-of-the-tests-0123456789abcdef"
EVERY_RIGHT = frozenset(Right)
# For every request httpx looks through all folders for trio, which is not there.
asgi.create_event = asyncio.Event


def http_config(**fields: Any) -> Config:
    """Return the configuration of a bot with the HTTP API; `fields` are of the section `[http]`."""
    fields = {"requests_per_minute": 1_000_000, **fields}
    return Config(
        discord=DiscordConfig(shard_count=1),
        invite_tracker=InviteTrackerConfig(existing_members=False),
        http=HttpConfig(enabled=True, operator_key=SecretStr(OPERATOR_KEY), **fields),
    )


@dataclass(slots=True)
class Api:
    """A client of the API, and the place that it is about."""

    place: Place
    app: FastAPI
    http: httpx.AsyncClient
    key: str
    """Of the place's server, with every right; requests carry it unless they name another."""

    @property
    def guild_id(self) -> int:
        """The place's server."""
        return self.place.guild.id

    async def make_key(self, *rights: Right, guild_id: int | None = None) -> str:
        """Return a new key with these rights."""
        keys = self.place.client.parts.api_keys
        rights_held = frozenset(rights) or EVERY_RIGHT
        name = f"key {len(keys.keys_of(guild_id or self.guild_id)) + 1}"
        return (await keys.create(guild_id or self.guild_id, name, rights_held, None)).text

    async def ask(
        self,
        method: str,
        path: str,
        *,
        key: str | None = "",
        query: dict[str, Any] | None = None,
        body: Any = None,
        with_guild: bool = True,
    ) -> httpx.Response:
        """Send a request; `guild_id` is added to the query, or to the body when there is one, unless it is there."""
        query = dict(query or {})
        if with_guild and isinstance(body, dict):
            body = {"guild_id": str(self.guild_id), **body}
        elif with_guild:
            query = {"guild_id": str(self.guild_id), **query}
        headers = {} if key is None else {"Authorization": f"Bearer {key or self.key}"}
        response = await self.http.request(method, path, params=query, json=body, headers=headers)
        await self.place.env.settle()
        return response

    async def data(self, method: str, path: str, **request: Any) -> Any:
        """Send a request that must succeed, and return the data of its answer."""
        response = await self.ask(method, path, **request)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert answer.keys() == {"success", "data"}
        assert answer["success"] is True
        return answer["data"]

    async def refusal(self, method: str, path: str, **request: Any) -> tuple[int, str]:
        """Send a request that must not succeed, and return the status and the message."""
        response = await self.ask(method, path, **request)
        answer = response.json()
        assert answer.keys() == {"success", "data", "error"}, response.text
        assert answer["success"] is False
        assert answer["data"] == {}
        assert answer["error"].keys() == {"code", "message"}
        assert answer["error"]["code"] == response.status_code
        return response.status_code, answer["error"]["message"]


class _AsBot:
    """Answers requests in tasks that simcord knows as the bot's, so that it waits for what they begin."""

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self._app = app
        self._env = place.env

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._env._bot_scope():
            answering = asyncio.ensure_future(self._app(scope, receive, send))
        await answering


@asynccontextmanager
async def api_in_process(folder: Path, *, config: Config | None = None) -> AsyncIterator[Api]:
    """Run the whole bot with a fresh database in `folder`, and its API beside it."""
    async with in_process(folder, config=config or http_config()) as place, api_of(place) as api:
        yield api


@asynccontextmanager
async def api_of(place: Place) -> AsyncIterator[Api]:
    """Give a client to the API of this bot, whose configuration is that of `http_config`."""
    app = open_application(find_routers(), WebContext(place.client))
    transport = httpx.ASGITransport(app=_AsBot(app, place))
    async with httpx.AsyncClient(transport=transport, base_url="http://headcount") as http:
        api = Api(place, app, http, "")
        api.key = await api.make_key()
        yield api
