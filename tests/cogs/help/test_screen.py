"""/help as people see it: the commands that they may use where they ask, in their language, also after a restart."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands

from bot.config import Config, DiscordConfig, LinksConfig
from bot.text.command_names import COMMAND_NAME
from bot.text.language import Language, _, pgettext, speaking
from bot.ui.access import Access
from bot.ui.mentions import command_mention
from cogs.help.screen import access_of
from tests.discord_in_process import EVERYONE, Place, in_process, words_of

ADDRESS = "https://docs.example/headcount"
TEXTS_LENGTH = 4_000
"""Discord documentation, Component Reference: all texts of a message of components together."""
COMPONENTS_MOST = 40


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    config = Config(discord=DiscordConfig(shard_count=1), links=LinksConfig(documentation=ADDRESS))
    async with in_process(tmp_path, config=config) as place:
        yield place


async def enable_all(place: Place) -> None:
    for page in place.client.parts.modules.settings_pages():
        await place.admin.slash(place.channel, f"{page.key} enable")


async def ask(place: Place, who: simcord.MemberActor) -> simcord.ResponseMessage:
    result = await who.slash(place.channel, "help")
    assert result.response is not None
    return result.response


async def turn(who: simcord.MemberActor, message: simcord.ResponseMessage, topic: str) -> str:
    """Choose a topic; return what is shown then."""
    return words_of(await who.select(message, values=[topic]))


def components_of(message: simcord.ResponseMessage) -> Iterator[dict[str, Any]]:
    def walk(components: list[Any]) -> Iterator[dict[str, Any]]:
        for component in components:
            yield component
            yield from walk(component.get("components", []))

    return walk(message.components)


def menu_of(message: simcord.ResponseMessage) -> dict[str, Any]:
    [menu] = [each for each in components_of(message) if each["type"] == discord.ComponentType.select.value]
    return menu


def topics_of(message: simcord.ResponseMessage) -> list[str]:
    return [option["value"] for option in menu_of(message)["options"] if option["value"] != "overview"]


def labels_of(message: simcord.ResponseMessage) -> list[str]:
    return [
        each["label"] for each in components_of(message) if each["type"] == discord.ComponentType.button.value
    ]


def all_commands(place: Place) -> dict[str, app_commands.Command[Any, ..., Any]]:
    return {
        command.qualified_name: command
        for command in place.client.tree.walk_commands()
        if isinstance(command, app_commands.Command)
    }


async def told(place: Place, who: simcord.MemberActor) -> set[str]:
    """Return the commands of all topics that a person can choose, as mentions."""
    message = await ask(place, who)
    pages = [await turn(who, message, topic) for topic in topics_of(message)]
    return {name for name in all_commands(place) if any(f"</{name}:" in page for page in pages)}


async def test_every_command_has_a_rule_about_who_may_use_it(place: Place) -> None:
    assert set(access_of(place.client)) == set(all_commands(place))


async def test_an_administrator_is_told_of_every_command_but_those_that_turn_on_what_is_on(
    place: Place,
) -> None:
    await enable_all(place)
    off = {f"{page.key} enable" for page in place.client.parts.modules.settings_pages()}
    assert await told(place, place.admin) == set(all_commands(place)) - off


async def test_a_member_is_told_of_what_everybody_may_use(place: Place) -> None:
    await enable_all(place)
    open_to_all = {Access.EVERYONE.value, Access.OWN_RECORDS.value, Access.CREATE_INVITE.value}
    assert await told(place, place.member) == {
        name for name, access in access_of(place.client).items() if access.value in open_to_all
    }


async def test_who_may_invite_nobody_here_is_not_told_how_to_make_an_invite(place: Place) -> None:
    await enable_all(place)
    assert "invite_tracker create" in await told(place, place.member)
    place.world.edit_role(
        place.guild.id,
        place.guild.id,
        {"permissions": (EVERYONE ^ discord.Permissions(create_instant_invite=True)).value},
    )
    assert "invite_tracker create" not in await told(place, place.member)


async def test_what_a_command_does_stands_beside_its_clickable_mention(place: Place) -> None:
    await enable_all(place)
    command = all_commands(place)["serverstats top"]
    shown = await turn(place.admin, await ask(place, place.admin), "serverstats")
    command_id = place.client.command_ids["serverstats"]
    assert f"</serverstats top:{command_id}>\n-# {command.description}" in shown


async def test_the_ids_of_mentions_are_those_that_discord_gave(place: Place) -> None:
    published = {command.name: command.id for command in await place.client.tree.fetch_commands()}
    assert place.client.command_ids == published
    assert (
        command_mention(place.client, "serverstats top") == f"</serverstats top:{published['serverstats']}>"
    )


async def test_a_command_that_was_not_published_is_named_without_a_mention(place: Place) -> None:
    place.client.command_ids.pop("serverstats")
    assert command_mention(place.client, "serverstats top") == "`/serverstats top`"


async def test_where_others_see_more_a_member_reads_that_it_is_about_themselves(place: Place) -> None:
    await enable_all(place)
    for who, is_said in ((place.member, True), (place.manager, False)):
        shown = await turn(who, await ask(place, who), "serverstats")
        assert ("(about yourself)" in shown) is is_said


async def test_what_is_off_is_told_only_to_those_who_can_turn_it_on(place: Place) -> None:
    assert "Off in this server." in words_of(await ask(place, place.manager))
    for_member = words_of(await ask(place, place.member))
    assert "Nothing is turned on in this server yet." in for_member
    assert "enable" not in for_member


async def test_the_overview_of_few_commands_has_them_to_be_clicked(place: Place) -> None:
    assert f"</privacy info:{place.client.command_ids['privacy']}>" in words_of(
        await ask(place, place.member)
    )


async def test_the_overview_of_many_commands_names_them_all(place: Place) -> None:
    await enable_all(place)
    overview = words_of(await ask(place, place.admin))
    assert "`/serverstats counter` create · list · edit · delete · switch" in overview


async def test_only_who_may_open_the_settings_has_the_button_to_them(place: Place) -> None:
    assert "Settings" in labels_of(await ask(place, place.manager))
    assert "Settings" not in labels_of(await ask(place, place.member))
    opened = await place.manager.click(await ask(place, place.manager), label="Settings")
    assert "timezone" in words_of(opened).lower()


async def test_the_link_to_the_documentation_is_the_one_that_the_operator_set(place: Place) -> None:
    message = await ask(place, place.member)
    assert [each["url"] for each in components_of(message) if "url" in each] == [ADDRESS]


async def test_without_a_link_it_says_who_has_the_documentation(tmp_path: Path) -> None:
    async with in_process(tmp_path) as place:
        message = await ask(place, place.member)
        assert not [each for each in components_of(message) if "url" in each]
        assert "whoever runs me has it" in words_of(message)


async def test_names_are_those_that_people_type_in_their_language(place: Place) -> None:
    await enable_all(place)
    place.world.locales[place.admin.id] = "de"
    with speaking(Language.GERMAN):
        counter, create = (pgettext(COMMAND_NAME, word) for word in ("counter", "create"))
    assert create != "create"
    assert f" {counter}` {create} · " in words_of(await ask(place, place.admin))


async def test_the_answer_is_for_the_person_alone(place: Place) -> None:
    assert (await ask(place, place.member)).ephemeral


async def test_the_menu_leads_back_to_the_overview(place: Place) -> None:
    message = await ask(place, place.admin)
    overview = words_of(message)
    await turn(place.admin, message, topics_of(message)[0])
    assert await turn(place.admin, message, "overview") == overview


async def test_the_menu_still_works_after_a_restart(place: Place) -> None:
    await enable_all(place)
    message = await ask(place, place.admin)
    await place.restart()
    shown = await turn(place.admin, message, "serverstats counter")
    assert f"</serverstats counter create:{place.client.command_ids['serverstats']}>" in shown


async def test_a_topic_that_the_person_lost_meanwhile_gives_way_to_the_overview(place: Place) -> None:
    await enable_all(place)
    message = await ask(place, place.manager)
    assert "serverstats counter" in topics_of(message)
    place.world.get_guild(place.guild.id).members[place.manager.id].role_ids.clear()
    shown = await turn(place.manager, message, "serverstats counter")
    assert "What I do" in shown
    assert "counter" not in shown.replace("channels that count", "")


@pytest.mark.parametrize("language", list(Language))
async def test_every_page_fits_discords_limits_in_every_language(place: Place, language: Language) -> None:
    await enable_all(place)
    place.world.locales[place.admin.id] = language.value
    # Ids of today have nineteen digits.
    place.client.command_ids = dict.fromkeys(place.client.command_ids, 10**19 - 1)
    message = await ask(place, place.admin)
    mentions = 0
    for topic in ("overview", *topics_of(message)):
        result = await place.admin.select(message, values=[topic])
        shown = result.response or message
        found = list(components_of(shown))
        texts = [each["content"] for each in found if "content" in each]
        assert sum(map(len, texts)) <= TEXTS_LENGTH, topic
        assert len(found) <= COMPONENTS_MOST
        mentions += "\n".join(texts).count("</") if topic != "overview" else 0
    modules = len(place.client.parts.modules.settings_pages())
    assert mentions == len(all_commands(place)) - modules, "a page left out commands"


async def test_each_person_reads_it_in_their_own_language(place: Place) -> None:
    place.world.locales[place.member.id] = "de"
    with speaking(Language.GERMAN):
        expected = _("## What I do")
    assert expected != "## What I do"
    assert expected in words_of(await ask(place, place.member))


async def test_the_overview_and_topics_come_however_long_reading_takes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord waits for three seconds."""
    [page, *_others] = place.client.parts.modules.settings_pages()
    is_enabled = type(page).is_enabled

    async def look_slowly(self: Any, guild_id: int) -> bool:
        await place.clock.sleep(4)
        return bool(await is_enabled(self, guild_id))

    monkeypatch.setattr(type(page), "is_enabled", look_slowly)
    asked = await place.manager.slash(place.channel, "help")
    await place.env.advance_time(5)
    assert asked.ephemeral
    assert asked.response is not None
    assert "What I do" in words_of(asked.response)

    await place.manager.select(asked.response, values=["general"])
    await place.env.advance_time(5)
    assert "Everything else" in words_of(asked.response)
