"""Messages and refusals are in the language of whoever reads them, to the last word."""

import json
import sqlite3
from collections.abc import Iterator
from typing import cast

import aiohttp
import discord
import pytest

from bot.command_errors import sentence_for
from bot.permissions import NEEDED_PERMISSIONS
from bot.text.embeds import parse_embeds
from bot.text.language import Language, _, speaking
from bot.text.rendering import MAX_CONTENT, MAX_TEMPLATE, check_template
from bot.text.templates import TemplateError, unknown_variables
from bot.text.variables import INVITER_VARIABLES, SERVER_VARIABLES, USER_VARIABLES, read_values
from tests.bot.text.people import BARE_SERVER, BOB, BY_ADA_OR_BOB, BY_NOBODY, MOMENT
from tests.texts.collecting import texts_of_code
from tests.texts.other_words import languages_where


@pytest.fixture(autouse=True, scope="module")
def texts_in_brackets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every language says everything in brackets."""
    folder = tmp_path_factory.mktemp("locales")
    with languages_where(folder, texts_of_code(), lambda english: f"[{english}]"):
        yield


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    """The language of the context."""
    with speaking(Language.GERMAN):
        yield


@pytest.mark.parametrize(
    "template",
    [
        "{",
        "{" * 2000 + '"a":' * 2000,
        '{"embeds": [' * 20_000,
        '{"embeds": [{"color": ' + "9" * 5000 + "}]}",
        '{"embeds": NaN}',
        "[]",
        '{"embeds": []}',
        '{"embeds": 1}',
        '{"embeds": [1]}',
        '{"embeds": [{}]}',
        '{"embeds": [{"title": 1}]}',
        json.dumps({"embeds": [{"title": "a" * 300}]}),
        '{"embeds": [{"color": -1}]}',
        '{"embeds": [{"url": "nowhere"}]}',
        '{"embeds": [{"timestamp": "soon"}]}',
        '{"embeds": [{"footer": {"icon_url": "https://a.example/"}}]}',
        '{"embeds": [{"fields": [{"name": "a", "value": "", "inline": 3}]}]}',
        json.dumps({"embeds": [{"description": "a" * 2000}] * 4}),
        json.dumps({"embeds": [{"title": "a"}] * 6}),
    ],
)
def test_what_is_wrong_with_an_embed_is_one_translated_sentence(template: str) -> None:
    with pytest.raises(TemplateError) as refused:
        parse_embeds(template)
    assert refused.value.message.startswith("[")
    assert refused.value.message.endswith(".]")


@pytest.mark.parametrize("template", ["", "a" * (MAX_CONTENT + 1), "a" * (MAX_TEMPLATE + 1)])
def test_what_is_wrong_with_a_message_is_translated(template: str) -> None:
    with pytest.raises(TemplateError) as refused:
        check_template(template, False, ())
    assert refused.value.message.startswith("[The message")


def test_a_warning_is_translated() -> None:
    near, far = unknown_variables("<user_nam> <zzz>", ("user_name",))
    assert (
        near.sentence
        == "[`<user_nam>` is not a variable and will be shown as it is; did you mean `<user_name>`?]"
    )
    assert far.sentence == "[`<zzz>` is not a variable and will be shown as it is.]"


def test_what_variables_say_where_nothing_is_set_is_translated() -> None:
    user = read_values(USER_VARIABLES, BOB, MOMENT)
    assert user["user_is_deaf"].text == "[Not deafend]"
    assert user["user_nickname"].text == "[No nickname]"
    assert user["user_communication_disabled_until"].text == "[None]"
    assert user["user_premium_since"].text == "[Not in use]"
    assert read_values(SERVER_VARIABLES, BARE_SERVER, MOMENT)["server_description"].text == "[Not in use]"
    nobody = read_values(INVITER_VARIABLES, BY_NOBODY, MOMENT)
    assert nobody["inviter_display_name"].text == "[Unknown inviter]"
    several = read_values(INVITER_VARIABLES, BY_ADA_OR_BOB, MOMENT)
    assert several["inviter_mention"].text == "[<@1001> or <@1002>]"


class _Response:
    """As much of an HTTP response as discord.py's exceptions look at."""

    status = 403
    reason = "Forbidden"


RESPONSE = cast("aiohttp.ClientResponse", _Response())


@pytest.mark.parametrize(
    "error",
    [
        discord.RateLimited(12.3),
        discord.Forbidden(RESPONSE, {"code": 50013, "message": "Missing Permissions"}),
        discord.Forbidden(RESPONSE, ""),
        discord.HTTPException(RESPONSE, "no"),
        discord.DiscordServerError(RESPONSE, "down"),
        sqlite3.OperationalError("disk full"),
    ],
)
def test_a_foreseen_error_is_translated(error: Exception) -> None:
    sentence = sentence_for(error)
    assert sentence is not None
    assert sentence.startswith("[")
    assert sentence.endswith(".]")


def test_permissions_and_what_is_lost_without_them_are_in_the_catalogue() -> None:
    for permission in NEEDED_PERMISSIONS:
        assert _(permission.title) == f"[{permission.title}]"
        assert _(permission.without) == f"[{permission.without}]"
