"""The reference says what the program does: it is what `make reference` would write now."""

import re

import discord
import pytest

from bot.errors import HeadcountError
from bot.settings.fields import FieldKind, SettingField
from bot.web.application import find_routers, make_application
from bot.web.callers import Right
from storage.statistics.catalogue import KINDS, Source
from tests.reference.endpoints import NO_KEY, heard_paths
from tests.reference.settings import value_of
from tests.reference.writing import API, REFERENCE, ROOT, render, replace_part
from tests.web.contract.facts import STATUS_OF

MARKED = "before\n<!-- list: written by make reference -->\n\nold\n\n<!-- end of list -->\nafter\n"


async def test_every_generated_file_is_what_make_reference_would_write_now() -> None:
    for path, text in (await render()).items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.relative_to(ROOT)} is stale: run `make reference`"
        )


async def test_it_has_each_thing_that_there_is_to_type_to_set_and_to_write() -> None:
    """The files could not be stale if nothing were in them."""
    reference = (await render())[REFERENCE]
    for expected in (
        "\n### /serverstats counter create\n",
        "\n| `timezone` (optional) |",
        "| `join_messages_enabled` |\n",
        "| `enabled_groups` |\n",
        "| `log_channel_id` |\n",
        "\n| `<inviter_display_name>` |",
        "\n| Members with a role |",
        "\n| `credited_inviter_id` |",
        "\n| `granted_by` |",
        "\n| `requests_per_minute` |",
        "\n| `api_key_created` |",
    ):
        assert expected in reference, expected


async def test_it_has_each_endpoint_that_there_is_with_what_its_key_needs() -> None:
    api = (await render())[API]
    rows = re.findall(r"^\| ([A-Z]+) \| `([^`]+)` \| ([a-z]+) \| ([^|]+) \|$", api, re.MULTILINE)
    described = {
        (method.upper(), path): operation.get("x-right", NO_KEY)
        for path, operations in make_application(find_routers()).openapi()["paths"].items()
        for method, operation in operations.items()
    }
    assert len(rows) == len(described)
    assert {(method, path): right for method, path, right, _about in rows} == described
    assert ("GET", "/modules/serverstats/stats/message/view", "read", "Messages sent (deprecated)") in rows


@pytest.mark.parametrize("right", [*Right, "operator", "any"])
def test_each_right_is_explained(right: str) -> None:
    assert f"\n| `{right}` | " in API.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STATUS_OF)
def test_each_error_is_explained_with_its_status(name: str) -> None:
    assert f"\n| {STATUS_OF[name]} | `{name}` | " in API.read_text(encoding="utf-8")


def test_no_other_error_is_explained() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `([^`]+)` \| ", API.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: int(status) for status, name in rows} == STATUS_OF


def test_the_errors_of_the_code_are_those_that_clients_know() -> None:
    in_code = {error.name: error.status for error in HeadcountError.__subclasses__()}
    assert in_code.items() <= STATUS_OF.items()


def test_reports_of_what_discord_tells_are_listed() -> None:
    listed = re.findall(r"^- `…/stats/([^`]+)`$", heard_paths(), re.MULTILINE)
    assert "voice" in listed
    assert all(KINDS[key].source is Source.GATEWAY for key in listed)


def test_only_the_marked_part_of_a_document_is_written() -> None:
    assert replace_part(MARKED, "list", "new") == MARKED.replace("old", "new")


@pytest.mark.parametrize("text", ["nothing is marked", MARKED + MARKED])
def test_a_document_without_its_marks_is_not_written(text: str) -> None:
    with pytest.raises(ValueError, match="not marked"):
        replace_part(text, "list", "new")


@pytest.mark.parametrize("kind", list(FieldKind))
def test_each_kind_of_setting_has_words_for_what_it_can_be(kind: FieldKind) -> None:
    field = SettingField(
        name="name",
        label="Label",
        about="About.",
        kind=kind,
        choices={1: "One", 2: "Two"},
        channel_types=(discord.ChannelType.news,),
        least=3,
        most=7,
    )
    expected = {
        FieldKind.NUMBER: "a number, 3 to 7",
        FieldKind.CHOICE: "One, Two",
        FieldKind.CHOICES: "any of One, Two",
        FieldKind.CHANNEL: "a channel: announcements",
        FieldKind.CHANNELS: "channels, 7 at most: announcements",
        FieldKind.ROLES: "roles, 7 at most",
    }
    assert value_of(field) == expected.get(kind, kind.value)
