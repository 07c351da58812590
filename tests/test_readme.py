"""The README says what the program does: its tables are those of the code."""

from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

from bot.permissions import NEEDED_PERMISSIONS, NeededPermission
from bot.sandbox.demo.paper_boats import PAPER_BOATS
from bot.sandbox.demo.story import Act
from bot.text.variables import Variable
from cogs.invite_tracker.commands import COMMAND_ACCESS, InviteTrackerCommands
from cogs.invite_tracker.messages.rendering import JOIN_VARIABLES

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def command_rows() -> list[str]:
    described = {
        f"invite_tracker {command.name}": command for command in InviteTrackerCommands.__cog_app_commands__
    }
    rows = []
    for name, access in COMMAND_ACCESS.items():
        parts = name.split()
        command = described[" ".join(parts[:2])]
        if isinstance(command, app_commands.Group):
            found = command.get_command(parts[2])
            assert isinstance(found, app_commands.Command)
            command = found
        rows.append(f"| `/{name}` | {command.description} | {access.value} |")
    return rows


@pytest.mark.parametrize("row", command_rows())
def test_every_command_is_in_the_readme_with_who_may_use_it(row: str) -> None:
    assert row in README


@pytest.mark.parametrize("permission", NEEDED_PERMISSIONS, ids=lambda permission: permission.name)
def test_every_permission_is_in_the_readme_with_what_is_lost_without_it(permission: NeededPermission) -> None:
    assert f"| {permission.title} | {permission.without} |" in README


def test_the_readme_has_no_command_that_is_not_there() -> None:
    assert README.count("\n| `/") == len(COMMAND_ACCESS)


@pytest.mark.parametrize("variable", JOIN_VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_is_in_the_readme_with_an_example(variable: Variable[Any]) -> None:
    assert f"| `<{variable.name}>` | {variable.description} | {variable.example} |" in README


@pytest.mark.parametrize("act", PAPER_BOATS.acts, ids=lambda act: act.title)
def test_the_transcript_in_the_readme_is_of_the_story_that_is_played(act: Act) -> None:
    assert act.title in README


@pytest.mark.parametrize("target", ["make demo", "make test"])
def test_the_readme_names_the_two_commands(target: str) -> None:
    assert f"\n{target} " in README
