"""What is collected once for all tests of the texts."""

import asyncio
from typing import Any

import pytest

from bot.text.command_names import CommandTranslator
from tests.texts.collecting import Text, collect_texts, loaded_client


@pytest.fixture(scope="session")
def texts() -> tuple[Text, ...]:
    """Everything that people read."""
    return asyncio.run(collect_texts())


@pytest.fixture(scope="session")
def published() -> list[dict[str, Any]]:
    """The commands as Discord is told of them, with their names in all languages."""

    async def translate() -> list[dict[str, Any]]:
        async with loaded_client() as client:
            translator = CommandTranslator()
            return [
                await command.get_translated_payload(client.tree, translator)
                for command in client.tree.get_commands()
            ]

    return asyncio.run(translate())
