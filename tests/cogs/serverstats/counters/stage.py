"""What the tests of the commands act with: a server in which the module is enabled."""

from typing import Any

import discord
import simcord

from bot.sandbox.world import Channel
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings
from storage.counters import Counter, fetch_counters
from tests.discord_in_process import Place, words_of

MINUTE_SECONDS = 60


class Stage:
    """A server with the counters' commands; `env` moves the time."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.env = place.env
        self.world = place.world
        self.guild = place.guild
        self.channel = place.channel
        self.other_channel = place.other_channel
        self.admin = place.admin
        self.manager = place.manager
        self.member = place.member

    @property
    def cog(self) -> Any:
        """The extension of these tests."""
        return self.place.client.get_cog("CounterCog")

    @property
    def service(self) -> CountersService:
        """The use cases, as the commands call them."""
        service: CountersService = self.cog.counters
        return service

    @property
    def module(self) -> ServerstatsService:
        """The module itself."""
        module: ServerstatsService = self.cog.module
        return module

    @property
    def settings(self) -> ServerstatsSettings:
        """What is set."""
        return self.module.require_settings(self.guild.id)

    @property
    def seen_guild(self) -> discord.Guild:
        """The guild as the bot has it."""
        found = self.place.client.get_guild(self.guild.id)
        assert found is not None
        return found

    async def use(self, who: simcord.MemberActor, command: str, **options: Any) -> simcord.InteractionResult:
        """Use /serverstats counter … in the first channel."""
        return await who.slash(self.channel, f"serverstats counter {command}", **options)

    async def say(self, command: str, **options: Any) -> str:
        """Let the manager use a command and return what the answer says, which must be for that person alone."""
        result = await self.use(self.manager, command, **options)
        assert result.ephemeral
        return words_of(result)

    async def counters(self) -> tuple[Counter, ...]:
        """Return what is stored."""
        async with self.place.client.parts.database.read() as rx:
            return await fetch_counters(rx, self.guild.id)

    async def make(self, counter_type: int = 6, **options: Any) -> Counter:
        """Make a counter by command and return it as it is stored."""
        before = {counter.counter_id for counter in await self.counters()}
        answer = await self.say("create", type=counter_type, **options)
        made = [counter for counter in await self.counters() if counter.counter_id not in before]
        assert len(made) == 1, answer
        return made[0]

    async def update(self, *, after_minutes: float = 0) -> None:
        """Let the time go by and bring all counters up to date."""
        if after_minutes:
            await self.env.advance_time(after_minutes * MINUTE_SECONDS)
        await self.service.update_all()
        await self.env.settle()

    def channel_of(self, counter: Counter) -> Channel:
        """Return the channel of a counter as Discord has it."""
        return self.world.channels[counter.channel_id]

    def name_of(self, counter: Counter) -> str:
        """Return the name that people see."""
        return str(self.channel_of(counter).name)

    def grow(self) -> None:
        """Let somebody new join."""
        self.place.add_member(f"newcomer{len(self.world.users)}")

    def overwrite_bot(self, channel_id: int, **permissions: bool) -> None:
        """Replace the bot's own permissions on a channel by these."""
        self.world.set_bot_overwrite(channel_id, discord.PermissionOverwrite(**permissions))

    def messages(self) -> list[str]:
        """Return what the bot said in the second channel."""
        return [message.content for message in self.world.messages.get(self.other_channel.id, {}).values()]

    def patches(self) -> list[Any]:
        """Return the bodies of all changes that the bot made to channels."""
        return [
            request.json
            for request in self.world.http_requests
            if request.method == "PATCH" and request.path.startswith("/channels/")
        ]
