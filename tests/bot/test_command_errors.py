"""What people read when a command fails."""

import sqlite3
from typing import cast

import aiohttp
import discord
import pytest
from discord import app_commands

from bot.command_errors import answer_error, sentence_for
from bot.errors import ModuleDisabledError


class _Response:
    """As much of an HTTP response as discord.py's exceptions look at."""

    status = 403
    reason = "Forbidden"


RESPONSE = cast("aiohttp.ClientResponse", _Response())


@app_commands.command(name="list", description="Anything")
async def a_command(interaction: discord.Interaction) -> None:
    """Do nothing."""


def test_a_refusal_is_its_own_sentence_however_deep_it_is_wrapped() -> None:
    refusal = ModuleDisabledError("The invite tracker is not enabled here.")
    wrapped = app_commands.CommandInvokeError(a_command, refusal)
    wrapped.__cause__ = refusal
    assert sentence_for(wrapped) == "The invite tracker is not enabled here."


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (discord.RateLimited(12.3), "13 seconds"),
        (sqlite3.OperationalError("disk full: /secret/path"), "database"),
    ],
)
def test_a_foreseen_error_is_one_sentence_that_names_what_to_do(error: Exception, words: str) -> None:
    sentence = sentence_for(error)
    assert sentence is not None
    assert words in sentence
    assert sentence.endswith(".")
    assert "secret" not in sentence


def test_discords_refusal_is_quoted() -> None:
    error = discord.Forbidden(RESPONSE, {"code": 50013, "message": "Missing Permissions"})
    assert sentence_for(error) == "Discord refused: Missing Permissions."


def test_an_unforeseen_error_has_no_sentence_of_its_own() -> None:
    assert sentence_for(ValueError("internals")) is None


@pytest.mark.parametrize("fault", [aiohttp.ClientError(), TimeoutError(), discord.RateLimited(60)])
async def test_an_answer_that_cannot_be_delivered_is_logged_in_one_line(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    class Response:
        def is_done(self) -> bool:
            return False

        async def send_message(self, _text: str, *, ephemeral: bool) -> None:
            raise fault

    class Unreachable:
        command = None
        response = Response()

    await answer_error(cast("discord.Interaction", Unreachable()), ModuleDisabledError("Off."))

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.records[0].exc_info is None
