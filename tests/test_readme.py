"""The documentation says what the program does: its tables are those of the code."""

import re
from pathlib import Path

import pytest

from bot.client import INTENTS, NO_CONTENT_INTENT, NO_PRESENCE_INTENT
from bot.permissions import NEEDED_PERMISSIONS, NeededPermission
from bot.sandbox.demo.paper_boats import PAPER_BOATS
from bot.sandbox.demo.story import Act
from bot.startup import REFUSED_INTENT
from storage.statistics.catalogue import CATALOGUE, KINDS, Aggregate, Kind, Source

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

COMMANDS = re.findall(
    r"^### /(.+)$", (ROOT / "docs" / "reference.md").read_text(encoding="utf-8"), re.MULTILINE
)
"""Tests of the reference hold it to what the program has."""

INTAKE_KINDS = [kind for kind in CATALOGUE if kind.source is Source.INTAKE]
"""What only a cog can report."""


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_the_documents_name_only_commands_that_exist(path: str) -> None:
    assert COMMANDS
    for typed in re.findall(r"`/([a-z_]+(?: [a-z_]+)*)`", (ROOT / path).read_text(encoding="utf-8")):
        assert typed in COMMANDS or any(name.startswith(f"{typed} ") for name in COMMANDS), typed


@pytest.mark.parametrize("permission", NEEDED_PERMISSIONS, ids=lambda permission: permission.name)
def test_every_permission_is_in_the_readme_with_what_is_lost_without_it(permission: NeededPermission) -> None:
    assert f"\n| {permission.title} | {permission.without} |\n" in README


def test_the_readme_asks_for_no_other_permission() -> None:
    _before, _, rest = README.partition("| permission | what is lost without it |\n|---|---|\n")
    table = rest.partition("\n\n")[0]
    assert table.count("\n") + 1 == len(NEEDED_PERMISSIONS)


@pytest.mark.parametrize(
    ("is_asked_for", "title", "sentence"),
    [
        (INTENTS.members, "Server Members Intent", REFUSED_INTENT),
        (INTENTS.presences, "Presence Intent", NO_PRESENCE_INTENT),
        (INTENTS.message_content, "Message Content Intent", NO_CONTENT_INTENT),
    ],
)
def test_every_privileged_intent_is_in_the_readme_by_the_name_that_the_bot_uses(
    is_asked_for: bool, title: str, sentence: str
) -> None:
    assert is_asked_for
    assert title in sentence
    assert f"\n| {title} | " in README


@pytest.mark.parametrize("act", PAPER_BOATS.acts, ids=lambda act: act.title)
def test_the_transcript_in_the_readme_is_of_the_story_that_is_played(act: Act) -> None:
    assert act.title in README


@pytest.mark.parametrize("target", ["make demo", "make test"])
def test_the_readme_names_the_two_commands(target: str) -> None:
    assert f"\n{target} " in README


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md"])
def test_every_target_that_the_documents_name_is_in_the_makefile(path: str) -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    assert named
    assert set(named) <= set(targets)


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "docs/reference.md"])
def test_every_link_leads_somewhere(path: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", (ROOT / path).read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        document = (ROOT / path).parent / name if name else ROOT / path
        assert document.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, (
                target
            )


def kind_row(kind: Kind) -> str:
    arguments = [
        name
        for name, is_taken in (
            ("user_id", kind.has_user),
            ("channel_id", kind.has_channel),
            ("text", kind.has_text),
            ("duration_seconds", kind.aggregate is Aggregate.MEAN),
        )
        if is_taken
    ]
    taken = ", ".join(f"`{name}`" for name in arguments)
    return f"| `{kind.key}` | {kind.title} | {kind.group.label} | {taken} |"


@pytest.mark.parametrize("kind", INTAKE_KINDS, ids=lambda kind: kind.key)
def test_every_kind_that_a_cog_can_report_is_documented_with_what_it_takes(kind: Kind) -> None:
    assert f"\n{kind_row(kind)}\n" in CONTRIBUTING


def test_no_other_kind_is_said_to_be_one_that_a_cog_can_report() -> None:
    rows = re.findall(r"^\| `((?:functions|modules)/[^`]+)` \|", CONTRIBUTING, re.MULTILINE)
    assert sorted(rows) == sorted(kind.key for kind in INTAKE_KINDS)


def test_the_map_names_only_places_that_exist() -> None:
    places = re.findall(r"^\| `((?:bot|cogs|storage|tests)/[^`]*)` \|", CONTRIBUTING, re.MULTILINE)
    assert places
    assert all((ROOT / place).exists() for place in places)


def test_the_example_of_recording_is_of_a_kind_that_exists() -> None:
    keys = re.findall(r'record\(\s*"([^"]+)"', CONTRIBUTING)
    assert keys
    assert all(KINDS[key].source is Source.INTAKE for key in keys)
