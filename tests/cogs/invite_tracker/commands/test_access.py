"""Who may use which command, and what a disabled module answers."""

from typing import Any

import pytest

from bot.ui.access import Access
from cogs.invite_tracker.commands import COMMAND_ACCESS
from tests.cogs.invite_tracker.commands.stage import Stage

OPTIONS: dict[str, dict[str, object]] = {
    "delete": {"code": "abc"},
    "joins": {"code": "abc"},
    "label": {"code": "abc"},
    "bonus add": {"amount": 1, "reason": "flyers"},
    "bonus remove": {"amount": 1, "reason": "flyers"},
    "correct inviter": {"code": "abc"},
    "role add": {"code": "abc"},
    "role remove": {"code": "abc"},
}
ABOUT_SOMEBODY = {
    "explain",
    "correct inviter",
    "correct nobody",
    "correct undo",
    "bonus add",
    "bonus remove",
    "reset member",
}
"""The commands that cannot be used without the option `member`."""


def options_of(stage: Stage, command: str) -> dict[str, Any]:
    """Return the options that a command needs."""
    about = {"member": stage.member} if command in ABOUT_SOMEBODY else {}
    given = {"role": stage.guild.create_role("Guest")} if command == "role add" else {}
    return {**OPTIONS.get(command, {}), **about, **given}


def commands_with(*rules: Access) -> list[str]:
    """Return the commands that one of these rules protects, without the name of the group."""
    return [name.removeprefix("invite_tracker ") for name, rule in COMMAND_ACCESS.items() if rule in rules]


@pytest.mark.parametrize("command", commands_with(Access.MANAGE_SERVER))
async def test_settings_need_administrator_or_manage_server(stage: Stage, command: str) -> None:
    answer = await stage.say(stage.member, command, **options_of(stage, command))

    assert answer == "You need the permission Administrator or Manage Server for this."


@pytest.mark.parametrize("command", commands_with(Access.MANAGE_ROLES))
async def test_roles_of_newcomers_need_manage_roles_as_well(stage: Stage, command: str) -> None:
    for person in (stage.member, stage.manager):
        answer = await stage.say(person, command, **options_of(stage, command))
        assert answer == "You need the permission Administrator, or Manage Server and Manage Roles, for this."


@pytest.mark.parametrize("command", commands_with(Access.ADMINISTRATOR))
async def test_links_are_listed_and_deleted_by_administrators_only(stage: Stage, command: str) -> None:
    for person in (stage.member, stage.manager):
        answer = await stage.say(person, command, **options_of(stage, command))
        assert answer == "You need the permission Administrator for this."


@pytest.mark.parametrize("command", [name for name in commands_with(*Access) if name != "enable"])
async def test_every_command_says_that_the_module_is_not_enabled(new_stage: Stage, command: str) -> None:
    answer = await new_stage.say(new_stage.admin, command, **options_of(new_stage, command))

    assert answer == (
        "The invite tracker is not enabled in this server; "
        "an admin can enable it with `/invite_tracker enable` or in `/settings`."
    )
