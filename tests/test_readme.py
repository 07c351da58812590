"""The README says what the program does: its tables are those of the code."""

from pathlib import Path

import pytest
from discord import app_commands

from bot.permissions import NEEDED_PERMISSIONS
from cogs.invite_tracker.commands import COMMAND_ACCESS, InviteTrackerCommands

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
def test_every_permission_is_in_the_readme_with_what_is_lost_without_it(permission: object) -> None:
    assert f"| {getattr(permission, 'title', '')} | {getattr(permission, 'without', '')} |" in README


@pytest.mark.parametrize("target", ["make demo", "make test"])
def test_the_readme_names_the_two_commands(target: str) -> None:
    assert f"\n{target} " in README
