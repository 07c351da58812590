"""Which commands a person is told of: those that they may use, in the topics of their groups."""

from typing import Any

import discord
import pytest
from discord import app_commands

from bot.ui.access import Access
from cogs.help.topics import GENERAL, Entry, Topic, for_person, may_use, read_topics

NOBODY = discord.Permissions.none()
MANAGER = discord.Permissions(manage_guild=True)
ADMINISTRATOR = discord.Permissions(administrator=True)
INVITER = discord.Permissions(create_instant_invite=True)
KEEPER = discord.Permissions(manage_guild=True, manage_roles=True)


@pytest.mark.parametrize(
    ("access", "allowed"),
    [
        (Access.EVERYONE, {"nobody", "inviter", "manager", "keeper", "administrator"}),
        (Access.OWN_RECORDS, {"nobody", "inviter", "manager", "keeper", "administrator"}),
        (Access.CREATE_INVITE, {"inviter", "administrator"}),
        (Access.MANAGE_SERVER, {"manager", "keeper", "administrator"}),
        (Access.MANAGE_ROLES, {"keeper", "administrator"}),
        (Access.ADMINISTRATOR, {"administrator"}),
    ],
)
def test_each_rule_lets_through_whom_it_names(access: Access, allowed: set[str]) -> None:
    people = {
        "nobody": NOBODY,
        "inviter": INVITER,
        "manager": MANAGER,
        "keeper": KEEPER,
        "administrator": ADMINISTRATOR,
    }
    assert {name for name, permissions in people.items() if may_use(access, permissions)} == allowed


def test_every_rule_is_one_of_those_that_the_test_above_knows() -> None:
    assert len(Access) == 6


def shop(access: Access = Access.EVERYONE) -> tuple[Topic, ...]:
    return (
        Topic("shop", "Shop", (entry("shop enable", Access.MANAGE_SERVER), entry("shop list", access))),
        Topic("shop shelf", "Shelves", (entry("shop shelf add", access),)),
        Topic(GENERAL, "Everything else", (entry("help", Access.EVERYONE),)),
    )


def entry(name: str, access: Access) -> Entry:
    return Entry(name, f"About {name}", access)


def names(topics: tuple[Topic, ...]) -> list[str]:
    return [each.name for topic in topics for each in topic.entries]


def test_of_a_module_that_is_on_everything_is_told_but_how_to_turn_it_on() -> None:
    assert names(for_person(shop(), MANAGER, {"shop": True})) == ["shop list", "shop shelf add", "help"]


def test_of_a_module_that_is_off_only_who_can_turn_it_on_is_told_and_only_how() -> None:
    assert names(for_person(shop(), MANAGER, {"shop": False})) == ["shop enable", "help"]
    assert names(for_person(shop(), NOBODY, {"shop": False})) == ["help"]


def test_a_topic_without_any_command_for_the_person_is_left_out() -> None:
    found = for_person(shop(Access.ADMINISTRATOR), NOBODY, {"shop": True})
    assert [topic.key for topic in found] == [GENERAL]


def command(name: str) -> app_commands.Command[Any, ..., Any]:
    async def act(_interaction: discord.Interaction) -> None: ...

    return app_commands.Command(name=name, description=f"About {name}", callback=act)


def test_commands_are_read_by_group_in_the_order_of_the_rules_and_what_stands_alone_comes_last() -> None:
    group = app_commands.Group(name="shop", description="Shop")
    shelf = app_commands.Group(name="shelf", description="Shelves", parent=group)
    for parent, name in ((shelf, "add"), (group, "list"), (group, "buy")):
        parent.add_command(command(name))
    access = {
        "shop buy": Access.EVERYONE,
        "shop list": Access.ADMINISTRATOR,
        "shop shelf add": Access.EVERYONE,
        "help": Access.EVERYONE,
    }
    topics = read_topics([command("help"), group], access, ())
    assert [(topic.key, topic.title) for topic in topics] == [
        ("shop", "Shop"),
        ("shop shelf", "Shelves"),
        (GENERAL, "Everything else"),
    ]
    assert topics[0].entries == (
        Entry("shop buy", "About buy", Access.EVERYONE),
        Entry("shop list", "About list", Access.ADMINISTRATOR),
    )
