"""What the tests of the starboard act with: a server with a board, people who write, and a crowd that stars."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import simcord

from bot.client import HeadcountClient
from bot.sandbox.world import Message, World
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.starboard.board_wishes import BoardWishes
from cogs.serverstats.starboard.service import StarboardService
from storage.starboard import fetch_entries
from storage.starboard_records import Board, Entry
from tests.discord_in_process import Place, in_process, words_of

STAR = "⭐"
PACE_SECONDS = 6
"""Longer than a post rests between two edits."""


def starboard_of(client: HeadcountClient) -> StarboardService:
    """Return the use cases of a running bot, as its commands call them."""
    # Not checked with isinstance: a client that closes drops its extensions' modules, so classes come anew.
    group: Any = client.tree.get_command("serverstats")
    service: StarboardService = group.get_command("starboard").service
    return service


class Stage:
    """A server with the starboard's commands."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.env = place.env
        self.guild = place.guild
        self.channel = place.channel
        self.board_channel = place.other_channel
        self.admin = place.admin
        self.manager = place.manager
        self.member = place.member
        self.crowd = [place.add_member(f"fan{number}").id for number in range(6)]

    @property
    def world(self) -> World:
        """The Discord itself."""
        return self.place.world

    @property
    def module(self) -> ServerstatsService:
        """The module."""
        return self.service.module

    @property
    def service(self) -> StarboardService:
        """The use cases, as the commands call them."""
        return starboard_of(self.place.client)

    async def board(self, **wishes: Any) -> Board:
        """Make a board with a threshold of three stars in the second channel."""
        wishes = {"channel_id": self.board_channel.id, "threshold": 3} | wishes
        board = await self.service.create_board(self.guild.id, BoardWishes(**wishes))
        await self.looked()
        return board

    def say(self, content: str = "hello", author_id: int | None = None, **more: Any) -> Message:
        """Let the member write in the first channel."""
        return self.world.say(self.channel.id, author_id or self.member.id, content, **more)

    async def star(self, message: Message, count: int, emoji: str = STAR, **more: Any) -> None:
        """Let exactly so many of the crowd star a message."""
        for number, user_id in enumerate(self.crowd):
            if number < count:
                self.world.react(message, user_id, emoji, **more)
            else:
                self.world.unreact(message, user_id, emoji, **more)
        await self.env.settle()

    async def looked(self) -> None:
        """Wait until the bot has looked at everything that it was going to look at."""
        state = self.service.engine.find(self.guild.id)
        assert state is not None
        # What a call from outside began is not simcord's to wait for.
        async with asyncio.timeout(60):
            while not state.queue.is_idle:
                await asyncio.to_thread(int)

    async def rest(self) -> None:
        """Let so much time pass that posts can be edited again."""
        await self.env.advance_time(PACE_SECONDS)

    def posts(self, channel_id: int | None = None) -> list[Message]:
        """Return what the bot has posted on the board, as it stands there."""
        stored = self.world.messages.get(channel_id or self.board_channel.id, {}).values()
        return [message for message in stored if message.author_id == self.world.bot_user.id]

    def post(self) -> Message:
        """Return the one post that there is."""
        (post,) = self.posts()
        return post

    def shown(self) -> str:
        """Return everything that the one post says."""
        post = self.post()
        return f"{post.content}\n{post.embeds}"

    async def entries(self, message: Message) -> list[Entry]:
        """Return what is stored of a message."""
        async with self.place.client.parts.database.read() as rx:
            return list((await fetch_entries(rx, self.guild.id, message.id)).values())

    async def ask(self, sql: str) -> list[Any]:
        """Read from the database."""
        async with self.place.client.parts.database.read() as rx:
            return await rx.fetch_all(sql)

    async def use(self, who: simcord.MemberActor, command: str, **options: Any) -> simcord.InteractionResult:
        """Use /serverstats starboard … in the first channel."""
        return await who.slash(self.channel, f"serverstats starboard {command}", **options)

    async def told(self, who: simcord.MemberActor, command: str, **options: Any) -> str:
        """Use a command and return what the answer says, which must be for that person alone."""
        result = await self.use(who, command, **options)
        assert result.ephemeral
        return words_of(result)

    @property
    def seen_guild(self) -> discord.Guild:
        """The guild as the bot has it."""
        guild = self.place.client.get_guild(self.guild.id)
        assert guild is not None
        return guild


@asynccontextmanager
async def set_stage(folder: Path, *, with_board: bool = True) -> AsyncIterator[Stage]:
    """Run the bot with the module enabled, and with a board of three stars unless told otherwise."""
    async with in_process(folder) as place:
        stage = Stage(place)
        await stage.module.enable(stage.guild.id)
        await stage.looked()
        if with_board:
            await stage.board()
        yield stage
