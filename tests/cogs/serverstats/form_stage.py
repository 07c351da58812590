"""The whole bot, with the settings screen from which forms are opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import simcord

from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.starboard.service import StarboardService
from storage.counters import Counter
from storage.starboard_records import Board
from tests.discord_in_process import Place, control_of, in_process, words_of


class FormStage:
    """A server in which the module is enabled, and whose managers use the settings screen."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.guild_id = place.guild.id
        self.manager = place.manager

    def _screens(self, group_name: str) -> Any:
        group: Any = self.place.client.tree.get_command("serverstats")
        return group.get_command(group_name)._screens

    @property
    def counter_service(self) -> CountersService:
        """The use cases of counters."""
        service: CountersService = self._screens("counter").service
        return service

    @property
    def board_service(self) -> StarboardService:
        """The use cases of the starboard."""
        service: StarboardService = self._screens("starboard").service
        return service

    @property
    def module(self) -> ServerstatsService:
        """The module itself."""
        return self.board_service.module

    @property
    def counters(self) -> tuple[Counter, ...]:
        """Those of this server, the oldest first."""
        return self.counter_service.book.of(self.guild_id)

    @property
    def boards(self) -> tuple[Board, ...]:
        """Those of this server, the oldest first."""
        return self.board_service.boards_of(self.guild_id)

    async def screen(self) -> simcord.ResponseMessage:
        """Open the settings of the module."""
        result = await self.manager.slash(self.place.channel, "settings")
        message = result.response
        assert message is not None
        await self.manager.select(message, ["serverstats:0"], custom_id=control_of(message, "settings.page"))
        return message

    async def press(self, key: str) -> simcord.InteractionResult:
        """Press the button to a form on the settings screen."""
        screen = await self.screen()
        custom_id = control_of(screen, "settings.form", "serverstats", key)
        return await self.manager.click(screen, custom_id=custom_id)

    async def speak(self, language: str | None, log_channel_id: int | None = None) -> None:
        """Let the server have this language, and this log channel."""
        book = self.place.client.parts.guild_settings
        update = {"language": language, "log_channel_id": log_channel_id}
        settings = book.settings_of(self.guild_id).model_copy(update=update)
        await book.save(self.guild_id, settings, book.version_of(self.guild_id))

    async def log_to_second_channel(self) -> None:
        """Let changes be told in the second channel."""
        await self.speak(None, self.place.other_channel.id)

    def told(self) -> list[str]:
        """Return what was told in the log channel."""
        return [
            "\n".join(f"{embed['title']}\n{embed['description']}" for embed in message.embeds)
            for message in self.place.world.messages.get(self.place.other_channel.id, {}).values()
        ]

    def demote(self) -> None:
        """Take the manager's role away."""
        self.place.world.edit_member(self.guild_id, self.manager.id, {"role_ids": []})


def message_of(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """Return the message that answers."""
    assert result.response is not None
    return result.response


def said(result: simcord.InteractionResult) -> str:
    """Return an answer, which must be for that person alone."""
    # What follows a form is a message of its own where the form came from a screen.
    message = result.followups[-1] if result.followups else result.response
    assert message is not None
    assert message.ephemeral
    return words_of(message)


@asynccontextmanager
async def set_form_stage(folder: Path) -> AsyncIterator[FormStage]:
    """Run the bot with the module enabled."""
    async with in_process(folder) as place:
        stage = FormStage(place)
        await stage.module.enable(stage.guild_id)
        yield stage
