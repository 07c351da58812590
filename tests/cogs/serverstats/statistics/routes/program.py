"""A program that reads and reports statistics, and what it leaves in the database."""

import asyncio
from typing import Any

import httpx

from cogs.serverstats.service import ServerstatsService
from storage.statistics.catalogue import Group, Kind
from storage.statistics.changes import Change
from tests.web.api import Api

STATS = "/modules/serverstats/stats/"


class Program:
    """A program with a key, and the server that the key belongs to."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.place = api.place
        self.guild_id = api.guild_id
        self.recorder = api.place.client.parts.recorder
        self.database = api.place.client.parts.database

    @property
    def module(self) -> ServerstatsService:
        """The module."""
        found = self.place.client.parts.modules.find_service(ServerstatsService)
        assert found is not None
        return found

    @property
    def now_ms(self) -> int:
        """The time of the bot."""
        return self.place.clock.now_ms()

    async def switch_on(self, *groups: Group) -> None:
        """Record these groups and no other."""
        await self.module.change_settings(
            self.guild_id, lambda settings: settings.model_copy(update={"enabled_groups": frozenset(groups)})
        )
        await self.place.env.settle()

    async def store(self, *changes: Change) -> None:
        """Let these be on record."""
        for change in changes:
            assert self.recorder.take(change)
        await self.recorder.flush()

    async def get(self, key: str, **query: Any) -> list[dict[str, Any]]:
        """Return the records that a GET answers with."""
        records: list[dict[str, Any]] = await self.api.data("GET", STATS + key, query=query)
        return records

    async def ask(self, key: str, **query: Any) -> httpx.Response:
        """Return the whole answer of a GET."""
        return await self.api.ask("GET", STATS + key, query=query)

    async def report(self, key: str, **body: Any) -> bool:
        """Report something and return whether it is on record."""
        return await self._send("POST", key, body)

    async def report_end(self, key: str, **body: Any) -> bool:
        """Report the end of something and return whether it is on record."""
        return await self._send("PUT", key, body)

    async def _send(self, method: str, key: str, body: dict[str, Any]) -> bool:
        data = await self.api.data(method, STATS + key, body=body)
        assert data.keys() == {"recorded"}
        return bool(data["recorded"])

    async def report_at_once(self, key: str, *bodies: dict[str, Any]) -> list[httpx.Response]:
        """Return the answers to reports that are all under way before the first is answered."""
        headers = {"Authorization": f"Bearer {self.api.key}"}
        return await asyncio.gather(
            *(
                self.api.http.post(
                    STATS + key, json={"guild_id": str(self.guild_id), **body}, headers=headers
                )
                for body in bodies
            )
        )

    async def refused(self, method: str, key: str, **fields: Any) -> str:
        """Return status and message of a request that is refused, as `422 Name! Sentence.`"""
        place = {"query": fields} if method == "GET" else {"body": fields}
        status, message = await self.api.refusal(method, STATS + key, **place)
        return f"{status} {message}"

    async def stored(self, kind: Kind, columns: str = "COUNT(*)") -> list[Any]:
        """Return what is stored of a kind."""
        async with self.database.read() as rx:
            return await rx.fetch_all(
                f"SELECT {columns} FROM statistics_events WHERE guild_id = ? AND kind = ? ORDER BY record_id",
                (self.guild_id, kind.number),
            )
