"""What the tests of the doctor share: an installation at a local Discord, which can be made ill and healed."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import discord

from bot.clock import SystemClock
from bot.doctor.examination import examine
from bot.doctor.findings import Finding, Report
from bot.sandbox.connect import pointed_at
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import Channel
from cogs.invite_tracker.settings import InviteTrackerSettings
from cogs.serverstats.counters.counter_types import CounterType
from cogs.serverstats.settings import ServerstatsSettings
from storage.counters import Counter, insert_counter
from storage.database import Database
from storage.guild_modules import insert_module
from storage.guilds import upsert_guild_present
from storage.starboard import upsert_board
from storage.starboard_records import Board


class Patient:
    """An installation: a configuration, a database, and a server at a local Discord in which everything is in order."""

    def __init__(self, folder: Path, server: SandboxServer) -> None:
        self.folder = folder
        self.server = server
        self.world = server.world
        self.guild = self.world.make_guild("Harbour", text_channels=("general", "welcome"))
        self.general, self.welcome = (self.world.channels[one] for one in self.guild.channel_ids[:2])
        self.path = folder / "headcount.sqlite3"
        self.token_file = folder / "token"
        self.write_token(server.token)
        self.configure()

    # The installation

    def write_token(self, token: str) -> None:
        self.token_file.write_text(token, encoding="utf-8")
        self.token_file.chmod(0o600)

    def configure(self, **discord_fields: Any) -> None:
        fields = {"token_file": str(self.token_file), **discord_fields}
        lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
        self.config_path.write_text(
            "\n".join(["[discord]", *lines, "[storage]", f"path = {json.dumps(str(self.path))}"]),
            encoding="utf-8",
        )

    @property
    def config_path(self) -> Path:
        return self.folder / "config.toml"

    async def store(self, *steps: Any) -> None:
        """Write to the database what each of `step(tx)` does."""
        database = await Database.open(self.path, now_ms=SystemClock().now_ms())
        try:
            async with database.write() as tx:
                await upsert_guild_present(tx, [self.guild.id])
                for step in steps:
                    await step(tx)
        finally:
            await database.close()

    async def enable_invites(self, **settings: Any) -> None:
        document = InviteTrackerSettings(**settings).model_dump_json()
        await self.store(lambda tx: insert_module(tx, self.guild.id, "invite_tracker", 0, document))

    async def enable_statistics(self, *steps: Any, **settings: Any) -> None:
        document = ServerstatsSettings(**settings).model_dump_json()
        await self.store(lambda tx: insert_module(tx, self.guild.id, "serverstats", 0, document), *steps)

    def counter(self, channel: Channel, counter_type: CounterType = CounterType.MEMBERS, **more: Any) -> Any:
        values: dict[str, Any] = {
            "role_id": None,
            "goal": None,
            "announce_channel_id": None,
            "is_adopted": False,
            "created_at_ms": 0,
            "goal_reached_at_ms": None,
            "renamed_at_ms": None,
            "blocked_until_ms": None,
        }
        made = Counter(
            guild_id=self.guild.id,
            counter_id=channel.id,
            channel_id=channel.id,
            counter_type=counter_type,
            format="<value>",
            **values | more,
        )
        return lambda tx: insert_counter(tx, made)

    def board(self, channel: Channel, board_id: int = 1, ignored_channel_ids: Iterable[int] = ()) -> Any:
        ignored = frozenset(ignored_channel_ids)
        made = Board(self.guild.id, board_id, f"board {board_id}", channel.id, "⭐", 3, False, ignored)
        return lambda tx: upsert_board(tx, made)

    # The server

    def deny(self, channel: Channel, **permissions: bool | None) -> None:
        self.world.set_bot_overwrite(channel.id, discord.PermissionOverwrite(**permissions))

    def heal(self, channel: Channel) -> None:
        self.world.set_bot_overwrite(channel.id, discord.PermissionOverwrite())

    # The examination

    async def examine(self, **options: Any) -> Report:
        with pointed_at(self.server):
            report = await examine(self.config_path, options.pop("clock", SystemClock()), **options)
        assert self.world.gaps == []
        assert self.server.token not in str(report)
        return report

    async def find(self, check: str, **options: Any) -> list[Finding]:
        """Return what the doctor has to say under this name."""
        return [one for one in (await self.examine(**options)).findings if one.check == check]

    async def only(self, check: str, **options: Any) -> Finding:
        (found,) = await self.find(check, **options)
        return found
