"""The reference says what the program does: it is what `make reference` would write now."""

import discord
import pytest

from bot.settings.fields import FieldKind, SettingField
from tests.reference.settings import value_of
from tests.reference.writing import ROOT, render, replace_part

MARKED = "before\n<!-- list: written by make reference -->\n\nold\n\n<!-- end of list -->\nafter\n"


async def test_every_generated_file_is_what_make_reference_would_write_now() -> None:
    for path, text in (await render()).items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.relative_to(ROOT)} is stale: run `make reference`"
        )


async def test_it_has_each_thing_that_there_is_to_type_to_set_and_to_write() -> None:
    """The files could not be stale if nothing were in them."""
    [reference] = [text for path, text in (await render()).items() if path.name == "reference.md"]
    for expected in (
        "\n### /serverstats counter create\n",
        "\n| `timezone` (optional) |",
        "| `join_messages_enabled` |\n",
        "| `enabled_groups` |\n",
        "| `log_channel_id` |\n",
        "\n| `<inviter_display_name>` |",
        "\n| Members with a role |",
    ):
        assert expected in reference, expected


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
