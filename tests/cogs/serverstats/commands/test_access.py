"""Who may use which command, and what a disabled module answers."""

from typing import Any

from bot.ui.access import Access
from cogs.serverstats.commands import COMMAND_ACCESS
from tests.cogs.serverstats.commands.stage import Stage

OPTIONS: dict[str, dict[str, Any]] = {
    "modules": {"group": "modules_tickets"},
    "counter create": {"type": 6},
    "counter edit": {"counter": "1"},
    "counter delete": {"counter": "1"},
    "counter switch": {"on": True},
}


def commands_with(*rules: Access) -> list[str]:
    """Return the commands that one of these rules protects, without the name of the group."""
    return [name.removeprefix("serverstats ") for name, rule in COMMAND_ACCESS.items() if rule in rules]


async def test_settings_need_administrator_or_manage_server_in_the_subgroups_too(stage: Stage) -> None:
    commands = [name for name in commands_with(Access.MANAGE_SERVER) if not name.startswith("starboard")]
    assert {"settings", "disable", "counter create"} <= set(commands)
    for command in commands:
        answer = await stage.say(stage.member, command, **OPTIONS.get(command, {}))

        assert answer == "You need the permission Administrator or Manage Server for this.", command


async def test_the_boards_are_listed_only_to_who_manages_the_server(stage: Stage) -> None:
    answer = await stage.say(stage.member, "starboard list")

    assert answer == "You need the permission Administrator or Manage Server for this."


async def test_every_own_command_says_that_the_module_is_not_enabled(new_stage: Stage) -> None:
    # Where it is not, the settings offer to enable it.
    others = {"enable", "settings"}
    commands = [name for name in commands_with(*Access) if " " not in name and name not in others]
    assert len(commands) == 10
    for command in commands:
        answer = await new_stage.say(new_stage.admin, command, **OPTIONS.get(command, {}))

        assert "Serverstats is not enabled in this server" in answer, command
