"""What a program outside of Discord sees of the invite tracker, and what it leaves in the server."""

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.settings.guild_settings import GuildSettings
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.web.api import Api

ROOT = "/modules/invite-tracker"


class Outside:
    """A program with a key, and the server that the key belongs to."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.stage = Stage(api.place)
        self.world = api.place.world

    async def get(self, path: str, **query: Any) -> Any:
        """Return the data of a GET that succeeds."""
        return await self.api.data("GET", ROOT + path, query=query)

    async def send(self, method: str, path: str, **body: Any) -> Any:
        """Return the data of a request with a body that succeeds."""
        return await self.api.data(method, ROOT + path, body=body)

    async def refused(self, method: str, path: str, **fields: Any) -> str:
        """Return status and message of a request that is refused, as `422 Name! Sentence.`"""
        place = {"query": fields} if method == "GET" or path == "/stats/uses" else {"body": fields}
        status, message = await self.api.refusal(method, ROOT + path, **place)
        return f"{status} {message}"

    async def send_together(self, method: str, path: str, bodies: Sequence[dict[str, Any]]) -> None:
        """Send requests at the same time; all of them must succeed."""
        api, env = self.api, self.stage.env
        headers = {"Authorization": f"Bearer {api.key}"}
        with env._bot_scope():
            requests = [
                asyncio.create_task(
                    api.http.request(
                        method, ROOT + path, json={"guild_id": api.guild_id, **body}, headers=headers
                    )
                )
                for body in bodies
            ]
        responses = await asyncio.gather(*requests)
        await env.settle()
        assert [response.status_code for response in responses] == [200] * len(bodies)

    async def choose_log_channel(self) -> None:
        """Make the second channel the log channel."""
        settings = GuildSettings(log_channel_id=self.stage.other_channel.id)
        await self.stage.place.client.parts.guild_settings.save(self.stage.guild.id, settings, 0)

    async def told(self) -> list[str]:
        """Return what stands in the log channel."""
        await self.stage.env.settle()
        messages = self.world.messages.get(self.stage.other_channel.id, {})
        return [embed["description"] for message in messages.values() for embed in message.embeds]
