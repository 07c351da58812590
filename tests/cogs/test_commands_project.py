"""What holds for every slash command of the project, whatever module it is of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

from bot.client import HeadcountClient
from tests.discord_in_process import in_process

NO_DESCRIPTION = "…"

AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.Group


def walk(client: HeadcountClient) -> Iterator[AnyCommand]:
    """Yield every slash command and every group."""
    for command in client.tree.walk_commands():
        assert isinstance(command, app_commands.Command | app_commands.Group)
        yield command


@pytest.fixture
async def commands(tmp_path: Path) -> list[AnyCommand]:
    """All commands and groups of the bot."""
    async with in_process(tmp_path) as place:
        return list(walk(place.client))


async def test_every_command_and_group_has_a_description(commands: list[AnyCommand]) -> None:
    assert commands
    assert [
        command.qualified_name for command in commands if command.description in {"", NO_DESCRIPTION}
    ] == []


async def test_every_option_has_a_description(commands: list[AnyCommand]) -> None:
    bare = [
        f"{command.qualified_name} {option.display_name}"
        for command in commands
        if isinstance(command, app_commands.Command)
        for option in command.parameters
        if str(option.description) in {"", NO_DESCRIPTION}
    ]
    assert bare == []


async def test_no_description_is_longer_than_discord_allows(commands: list[AnyCommand]) -> None:
    """Discord documentation, Application Commands: 1 to 100 characters."""
    texts = [command.description for command in commands]
    for command in commands:
        if isinstance(command, app_commands.Command):
            texts += [str(option.description) for option in command.parameters]
    assert [text for text in texts if len(text) > 100] == []


async def test_every_command_has_a_rule_about_who_may_use_it(tmp_path: Path) -> None:
    async with in_process(tmp_path) as place:
        commands = [each for each in walk(place.client) if isinstance(each, app_commands.Command)]
        tables = [getattr(cog, "command_access", {}) for cog in place.client.cogs.values()]
    assert sorted(name for table in tables for name in table) == sorted(
        command.qualified_name for command in commands
    )


async def test_no_group_is_full(commands: list[AnyCommand]) -> None:
    """Discord allows 25 children; what comes next must find room."""
    sizes = [len(command.commands) for command in commands if isinstance(command, app_commands.Group)]
    assert max(sizes) <= 25
