"""The documentation says what the program does: its tables are those of the code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands
from discord.ext import commands

from bot.client import INTENTS, NO_CONTENT_INTENT, NO_PRESENCE_INTENT
from bot.permissions import NEEDED_PERMISSIONS, NeededPermission
from bot.sandbox.demo.paper_boats import PAPER_BOATS
from bot.sandbox.demo.story import Act
from bot.startup import REFUSED_INTENT
from bot.text.variables import Variable
from cogs.invite_tracker.commands import COMMAND_ACCESS as TRACKER_ACCESS
from cogs.invite_tracker.commands import InviteTrackerCommands
from cogs.invite_tracker.messages.rendering import JOIN_VARIABLES
from cogs.serverstats.commands import COMMAND_ACCESS as SERVERSTATS_ACCESS
from cogs.serverstats.commands import ServerstatsCommands
from cogs.serverstats.counters.commands import CounterCommands
from cogs.serverstats.counters.counter_types import KINDS as COUNTER_KINDS
from cogs.serverstats.counters.counter_types import CounterKind
from cogs.serverstats.starboard.commands import StarboardCommands
from storage.statistics.catalogue import CATALOGUE, KINDS, Aggregate, Kind, Source

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

INTAKE_KINDS = [kind for kind in CATALOGUE if kind.source is Source.INTAKE]
"""What only a cog can report."""

COMMAND_ACCESS = {**TRACKER_ACCESS, **SERVERSTATS_ACCESS}


def commands_of(
    group: str, cog: type[commands.Cog]
) -> Iterator[tuple[str, app_commands.Command[Any, ..., Any]]]:
    for one in cog.__cog_app_commands__:
        for command in one.walk_commands() if isinstance(one, app_commands.Group) else (one,):
            if isinstance(command, app_commands.Command):
                yield f"{group} {command.qualified_name}", command


def all_commands() -> dict[str, app_commands.Command[Any, ..., Any]]:
    """Every command by its full name; the subgroups of serverstats are put below it when the bot starts."""
    found = dict(commands_of("invite_tracker", InviteTrackerCommands))
    found |= dict(commands_of("serverstats", ServerstatsCommands))
    nothing: Any = None
    for group in (CounterCommands(nothing), StarboardCommands(nothing)):
        for command in group.walk_commands():
            assert isinstance(command, app_commands.Command)
            found[f"serverstats {command.qualified_name}"] = command
    return found


def command_rows() -> list[str]:
    described = all_commands()
    return [
        f"| `/{name}` | {described[name].description} | {access.value} |"
        for name, access in COMMAND_ACCESS.items()
    ]


def test_every_command_has_a_rule_about_who_may_use_it() -> None:
    assert all_commands().keys() == COMMAND_ACCESS.keys()


@pytest.mark.parametrize("row", command_rows())
def test_every_command_is_in_the_readme_with_who_may_use_it(row: str) -> None:
    assert row in README


def test_the_readme_has_no_command_that_is_not_there() -> None:
    assert README.count("\n| `/") == len(COMMAND_ACCESS)


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_the_documents_name_only_commands_that_exist(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    for typed in re.findall(r"`/((?:invite_tracker|serverstats) [a-z_ ]+)`", text):
        assert typed in COMMAND_ACCESS or any(name.startswith(f"{typed} ") for name in COMMAND_ACCESS), typed


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


@pytest.mark.parametrize("kind", COUNTER_KINDS, ids=lambda kind: kind.title)
def test_every_type_of_counter_is_in_the_readme_with_its_need_of_presences(kind: CounterKind) -> None:
    need = "needed" if kind.needs_presences else "helps" if kind.watches_presences else "–"
    assert f"\n| {kind.title} | `{kind.default_format}` | {need} |\n" in README


@pytest.mark.parametrize("variable", JOIN_VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_is_in_the_readme_with_an_example(variable: Variable[Any]) -> None:
    assert f"| `<{variable.name}>` | {variable.description} | {variable.example} |" in README


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


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md"])
def test_every_link_leads_somewhere(path: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", (ROOT / path).read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        document = ROOT / (name or path)
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
