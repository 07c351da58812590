"""What tests of API keys do again and again."""

import re
from typing import Any

import simcord

from bot.settings.guild_settings import GuildSettings
from bot.web.keys import ApiKey, KeyBook
from tests.discord_in_process import Place, words_of

KEY = re.compile(r"hc_[0-9a-f]{8}_[\w-]{43}")


class Stage:
    """A server in which keys are made and deleted."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.guild_id = place.guild.id
        self.admin = place.admin

    @property
    def book(self) -> KeyBook:
        """The keys of the process that runs now."""
        return self.place.client.parts.api_keys

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """The keys of the server."""
        return self.book.keys_of(self.guild_id)

    async def use(
        self, command: str, *, who: simcord.MemberActor | None = None, **options: Any
    ) -> simcord.InteractionResult:
        """Use /api_key …, whose answer must be for that person alone."""
        result = await (who or self.admin).slash(self.place.channel, f"api_key {command}", **options)
        assert result.ephemeral
        return result

    async def say(self, command: str, *, who: simcord.MemberActor | None = None, **options: Any) -> str:
        """Return what the administrator, or somebody else, is told."""
        return words_of(await self.use(command, who=who, **options))

    async def make(self, name: str = "website", **options: Any) -> str:
        """Make a key by the command and return its text."""
        return text_in(await self.say("create", name=name, **options))

    async def set_log_channel(self) -> None:
        """Tell changes of settings in the second channel."""
        settings = GuildSettings(log_channel_id=self.place.other_channel.id)
        await self.place.client.parts.guild_settings.save(self.guild_id, settings, 0)

    def told(self) -> list[str]:
        """Return what stands in the log channel."""
        messages = self.place.world.messages.get(self.place.other_channel.id, {})
        return [
            f"{embed['title']}\n{embed['description']}"
            for message in messages.values()
            for embed in message.embeds
        ]

    def show_command_to(self, who: simcord.MemberActor) -> None:
        """Let Discord show the commands to somebody who is no administrator, as administrators may do."""
        command = self.place.client.command_ids["api_key"]
        self.place.guild.set_command_permissions(command, {who: True})


def text_in(words: str) -> str:
    """Return the one key that stands in an answer."""
    [text] = {*KEY.findall(words)}
    assert isinstance(text, str)
    return text
