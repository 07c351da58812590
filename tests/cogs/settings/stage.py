"""What the tests of the settings screen act with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import simcord

from bot.settings.guild_settings import GuildSettings, GuildSettingsBook
from tests.discord_in_process import Place, controls_of, in_process, words_of


class Stage:
    """A server whose managers open the screen."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.guild_id = place.guild.id
        self.manager = place.manager

    @property
    def book(self) -> GuildSettingsBook:
        """The settings that hold everywhere in a server."""
        return self.place.client.parts.guild_settings

    @property
    def settings(self) -> GuildSettings:
        """Those of this server."""
        return self.book.settings_of(self.guild_id)

    async def open(self, who: simcord.MemberActor | None = None, **options: Any) -> simcord.ResponseMessage:
        """Open the screen, which nobody else sees."""
        result = await (who or self.manager).slash(self.place.channel, "settings", **options)
        assert result.ephemeral
        message = result.response or result.followups[0]
        assert message is not None
        return message

    async def turn(self, screen: simcord.ResponseMessage, page: str, view: int = 0) -> None:
        """Turn the screen to a page."""
        await self.manager.select(screen, [f"{page}:{view}"], custom_id=control(screen, "settings.page"))

    async def set_log_channel(self) -> None:
        """Let changes be told in the second channel."""
        settings = self.settings.model_copy(update={"log_channel_id": self.place.other_channel.id})
        await self.book.save(self.guild_id, settings, self.book.version_of(self.guild_id))

    def told(self) -> list[str]:
        """Return what was told in the log channel."""
        return [
            "\n".join(f"{embed['title']}\n{embed['description']}" for embed in message.embeds)
            for message in self.place.world.messages[self.place.other_channel.id].values()
        ]


def control(screen: simcord.ResponseMessage, action: str, field: str = "") -> str:
    """Return the custom id of the one control with this action, for this field."""
    found = [
        custom_id
        for custom_id in controls_of(screen)
        if (custom_id.split(":")[1] == action and field in custom_id.split(":"))
        or (custom_id.split(":")[1] == action and not field)
    ]
    [custom_id] = found
    return custom_id


def says(screen: simcord.ResponseMessage) -> str:
    """Return all texts of the screen."""
    return words_of(screen)


@asynccontextmanager
async def set_stage(folder: Path) -> AsyncIterator[Stage]:
    """Run the bot."""
    async with in_process(folder) as place:
        yield Stage(place)
