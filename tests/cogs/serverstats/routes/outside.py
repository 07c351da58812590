"""What a program outside of Discord sees of serverstats, and what it leaves in the server."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import discord

from bot.sandbox.world import Channel, World
from bot.settings.guild_settings import GuildSettings
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.starboard.service import StarboardService
from storage.counters import Counter, fetch_counters
from storage.statistics.catalogue import Group
from tests.web.api import Api

ROOT = "/modules/serverstats"

NOTHING: dict[str, Any] = {
    "counters_enabled": False,
    "counters_category_id": None,
    "starboard_enabled": False,
    "starboard_channel": None,
    "starboard_count": 3,
    **{group.switch: False for group in Group if group is not Group.POLLS},
}
"""A body of the present generation with all that it must have, and everything off."""

OLDER_NOTHING: dict[str, Any] = {
    "counter_panel_enabled": False,
    "counter_panel_custom_panels_create": [],
    "counter_panel_custom_panels_delete": [],
    "starboard_enabled": False,
    "stats_command_usage": False,
    "stats_message_statistics": False,
    "stats_track_bot_messages": True,
    "stats_functions_reminders_statistics_enabled": False,
    "stats_functions_giveaways_statistics_enabled": False,
    "stats_modules_tempchannels_statistics_enabled": False,
    "stats_modules_autoresponder_statistics_enabled": False,
    "stats_modules_reactionroles_statistics_enabled": False,
    "stats_modules_tags_statistics_enabled": False,
}
"""A body of the older generation with all that it must have but the category, and everything off."""


class Outside:
    """A program with a key, and the server that the key belongs to."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.place = api.place
        self.guild_id = api.guild_id
        self.world: World = api.place.world
        self.category = self.world.category(self.guild_id, "Numbers")

    def _service(self, service_type: type[Any]) -> Any:
        found = self.place.client.parts.modules.find_service(service_type)
        assert found is not None
        return found

    @property
    def module(self) -> ServerstatsService:
        """The module itself."""
        service: ServerstatsService = self._service(ServerstatsService)
        return service

    @property
    def counters(self) -> CountersService:
        """The use cases of counters."""
        service: CountersService = self._service(CountersService)
        return service

    @property
    def starboard(self) -> StarboardService:
        """The use cases of the starboard."""
        service: StarboardService = self._service(StarboardService)
        return service

    async def get(self, path: str, **query: Any) -> Any:
        """Return the data of a GET that succeeds."""
        return await self.api.data("GET", ROOT + path, query=query)

    async def send(self, method: str, path: str, **body: Any) -> Any:
        """Return the data of a request with a body that succeeds."""
        return await self.api.data(method, ROOT + path, body=body)

    async def at_once(self, method: str, path: str, *bodies: dict[str, Any], key: str = "") -> list[Any]:
        """Return the data of requests that are all under way before the first is answered."""
        headers = {"Authorization": f"Bearer {key or self.api.key}"}
        answers = await asyncio.gather(
            *(
                self.api.http.request(
                    method, ROOT + path, json={"guild_id": self.guild_id, **body}, headers=headers
                )
                for body in bodies
            )
        )
        await self.place.env.settle()
        assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
        return [answer.json()["data"] for answer in answers]

    async def refused(self, method: str, path: str, **fields: Any) -> str:
        """Return status and message of a request that is refused, as `422 Name! Sentence.`"""
        in_query = method == "GET" or path.startswith("/counter/")
        place = {"query": fields} if in_query else {"body": fields}
        status, message = await self.api.refusal(method, ROOT + path, **place)
        return f"{status} {message}"

    async def put(self, **changes: Any) -> None:
        """Change settings, in the words of the present generation."""
        assert await self.send("PUT", "/settings", **{**NOTHING, **changes}) == {}

    async def put_older(self, **changes: Any) -> None:
        """Change settings, in the words of the older generation."""
        body = {"counter_panel_category_channel": self.category.id, **OLDER_NOTHING, **changes}
        assert await self.send("PUT", "/settings", **body) == {}

    async def put_refused(self, **changes: Any) -> str:
        """Return the refusal of a change; nothing may have changed, here or at Discord."""
        return await self._put_refused({**NOTHING, **changes})

    async def put_older_refused(self, **changes: Any) -> str:
        """Return the refusal of a change in the words of the older generation, after which nothing may have changed."""
        return await self._put_refused(
            {"counter_panel_category_channel": self.category.id, **OLDER_NOTHING, **changes}
        )

    async def _put_refused(self, body: dict[str, Any]) -> str:
        before = await self._everything()
        refusal = await self.refused("PUT", "/settings", **body)
        assert await self._everything() == before
        return refusal

    async def _everything(self) -> tuple[Any, ...]:
        return (
            await self.get("/settings"),
            self.starboard.boards_of(self.guild_id),
            await self.stored_counters(),
            {channel.id: channel.name for channel in self.world.channels.values()},
        )

    async def stored_counters(self) -> tuple[Counter, ...]:
        """Return the counters as they are stored."""
        async with self.place.client.parts.database.read() as rx:
            return await fetch_counters(rx, self.guild_id)

    async def choose_log_channel(self) -> None:
        """Make the second channel the log channel."""
        settings = GuildSettings(log_channel_id=self.place.other_channel.id)
        await self.place.client.parts.guild_settings.save(self.guild_id, settings, 0)

    async def told(self) -> list[str]:
        """Return what stands in the log channel."""
        await self.place.env.settle()
        messages = self.world.messages.get(self.place.other_channel.id, {})
        return [
            f"{embed['title']}\n{embed['description']}"
            for message in messages.values()
            for embed in message.embeds
        ]

    def channel(self, channel_id: int | str) -> Channel:
        """Return a channel as Discord has it."""
        return self.world.channels[int(channel_id)]

    def voice_channel(self, name: str) -> Channel:
        """Make a voice channel, as an admin would."""
        return self.world.voice_channel(self.guild_id, name)

    @contextmanager
    def silently(self) -> Iterator[None]:
        """Let things happen of which the bot hears nothing."""
        self.world._muted = True
        try:
            yield
        finally:
            self.world._muted = False

    def deny_bot(self, channel_id: int, **permissions: bool) -> None:
        """Deny the bot something on a channel, e.g. `manage_channels=False`."""
        self.world.set_bot_overwrite(channel_id, discord.PermissionOverwrite(**permissions))

    def take_bot_permission(self, **permissions: bool) -> None:
        """Let the bot have everything in the server but this, e.g. `manage_channels=False`."""
        held = discord.Permissions.all()
        held.update(administrator=False, **permissions)
        self.world.set_bot_permissions(self.guild_id, held)
