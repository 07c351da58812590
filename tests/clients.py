"""The client as tests start it, again and again."""

import importlib
from pathlib import Path
from typing import Any, Final

import discord
from discord import app_commands

from bot.client import HeadcountClient
from bot.parts import Parts
from bot.text import language as language_module

_payloads: Final[dict[tuple[Path, int | None, tuple[str, ...]], list[Any]]] = {}
"""What Discord is told of the commands, by where the translations are and for which server it is."""


class ReusingClient(HeadcountClient):
    """Imports the features, and translates the commands, once for all clients of this process.

    discord.py executes modules of an extension anew for every client, and asks for each text of a command in some thirty
    languages, which takes longer than most tests. How it loads and publishes them is seen where the bot runs as a process
    of its own: at the demo, at the start-up errors and at the crash tests.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.tree.sync = self._sync  # type: ignore[method-assign]

    async def load_extension(self, name: str, *, package: str | None = None) -> None:
        """Set the feature up."""
        await importlib.import_module(name, package).setup(self)

    async def _sync(self, *, guild: discord.abc.Snowflake | None = None) -> list[app_commands.AppCommand]:
        """Publish the commands as discord.py does."""
        commands = self.tree._get_all_commands(guild=guild)
        guild_id = None if guild is None else guild.id
        key = (language_module.LOCALES_FOLDER, guild_id, tuple(command.name for command in commands))
        if key not in _payloads:
            translator = self.tree.translator
            assert translator is not None
            _payloads[key] = [
                await command.get_translated_payload(self.tree, translator) for command in commands
            ]
        application_id = self.application_id
        assert application_id is not None
        if guild_id is None:
            answer = await self.http.bulk_upsert_global_commands(application_id, payload=_payloads[key])
        else:
            answer = await self.http.bulk_upsert_guild_commands(
                application_id, guild_id, payload=_payloads[key]
            )
        return [app_commands.AppCommand(data=each, state=self._connection) for each in answer]
