"""The first message in a new server: to whom, where, and never twice."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.config import Config, DiscordConfig, LinksConfig
from bot.permissions import needed_permissions
from bot.sandbox.backend import Overwrite, OverwriteType
from bot.text.language import Language, _, speaking
from tests.discord_in_process import Place, in_process, words_of

DAY_S = 86_400
VIEW = discord.Permissions(view_channel=True).value


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with in_process(tmp_path) as place:
        yield place


async def put_out(place: Place) -> None:
    place.world.kick_bot(place.guild.id)
    await place.env.settle()


async def add(place: Place, by: simcord.MemberActor, permissions: discord.Permissions | None = None) -> None:
    """Let somebody add the bot to the server, in which it was not."""
    await put_out(place)
    place.world.add_bot_again(
        place.guild.id, by_id=by.id, bot_permissions=permissions or needed_permissions()
    )
    await place.env.settle()


def written(*channels: simcord.ChannelHandle) -> list[discord.Message]:
    return [message for channel in channels for message in channel.history()]


def said(message: discord.Message) -> str:
    """Return the texts of a message made of components."""
    return "\n".join(item.content for item in walk(message.components) if hasattr(item, "content"))


def buttons(message: discord.Message) -> list[Any]:
    return [item for item in walk(message.components) if isinstance(item, discord.Button)]


def walk(components: Any) -> Iterator[Any]:
    for component in components:
        yield component
        yield from walk(getattr(component, "children", ()))


class TestWhoIsToldWhere:
    async def test_whoever_added_the_bot_is_told_in_one_message_that_pings_nobody_else(
        self, place: Place
    ) -> None:
        await add(place, place.manager)
        [message] = written(place.channel, place.other_channel)
        assert place.manager.mention in said(message)
        pinged = place.world.get_message(place.channel.id, message.id).allowed_mentions
        assert (pinged.everyone, pinged.users, pinged.roles) == (
            False,
            frozenset({place.manager.id}),
            frozenset(),
        )

    async def test_it_says_what_can_be_turned_on_and_where_to_go_on(self, place: Place) -> None:
        await add(place, place.manager)
        [message] = written(place.channel)
        for page in place.client.parts.modules.settings_pages():
            assert f"{page.emoji} **{page.title}**: {page.about}" in said(message)
        assert f"</settings:{place.client.command_ids['settings']}>" in said(message)
        assert f"</help:{place.client.command_ids['help']}>" in said(message)

    async def test_without_the_audit_log_the_integration_tells_who_it_was(self, place: Place) -> None:
        await add(place, place.manager, without("view_audit_log"))
        [message] = written(place.channel)
        assert [user.id for user in message.mentions] == [place.manager.id]

    async def test_the_owner_is_told_where_nothing_tells_who_it_was(self, place: Place) -> None:
        await add(place, place.manager, without("view_audit_log", "manage_guild"))
        [message] = written(place.channel)
        assert [user.id for user in message.mentions] == [place.world.get_guild(place.guild.id).owner_id]

    async def test_the_owner_is_told_when_whoever_added_the_bot_has_left(self, place: Place) -> None:
        await put_out(place)
        place.world.leave(place.guild.id, place.manager.id)
        place.world.add_bot_again(place.guild.id, by_id=place.manager.id)
        await place.env.settle()
        [message] = written(place.channel)
        assert [user.id for user in message.mentions] == [place.world.get_guild(place.guild.id).owner_id]

    async def test_the_channel_of_system_messages_comes_before_the_first_one(self, place: Place) -> None:
        place.world.edit_guild(place.guild.id, {"system_channel_id": place.other_channel.id})
        await add(place, place.manager)
        assert not written(place.channel)
        assert len(written(place.other_channel)) == 1

    async def test_a_channel_that_the_bot_may_not_write_in_is_passed_over(self, place: Place) -> None:
        place.deny_bot(place.channel, send_messages=False)
        await add(place, place.manager)
        assert not written(place.channel)
        assert len(written(place.other_channel)) == 1

    async def test_a_channel_that_the_person_cannot_see_is_passed_over(self, place: Place) -> None:
        hide(place, place.channel, place.manager)
        await add(place, place.manager)
        assert not written(place.channel)
        assert len(written(place.other_channel)) == 1

    async def test_where_no_channel_will_do_the_person_gets_a_direct_message(self, place: Place) -> None:
        place.deny_bot(place.channel, send_messages=False)
        place.deny_bot(place.other_channel, view_channel=False)
        await add(place, place.manager)
        assert not written(place.channel, place.other_channel)
        [message] = written(place.manager.user.dm_channel)
        assert "no channel in which I may write" in said(message)
        [way_back] = buttons(message)
        assert way_back.url == f"https://discord.com/channels/{place.guild.id}"

    async def test_closed_direct_messages_are_left_in_peace(self, place: Place) -> None:
        place.deny_bot(place.channel, send_messages=False)
        place.deny_bot(place.other_channel, send_messages=False)
        place.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=None)
        await add(place, place.manager)
        assert not written(place.manager.user.dm_channel)


class TestWhatIsMissing:
    async def test_each_permission_that_was_not_given_is_named(self, place: Place) -> None:
        await add(place, place.manager, without("manage_roles", "attach_files"))
        [message] = written(place.channel)
        assert (
            "I was not given the permissions **Manage Roles**, **Attach Files**, so not everything will work."
        ) in said(message)

    async def test_one_is_named_in_the_singular(self, place: Place) -> None:
        await add(place, place.manager, without("attach_files"))
        [message] = written(place.channel)
        assert "the permission **Attach Files**, so" in said(message)

    async def test_nothing_is_said_where_nothing_is_missing(self, place: Place) -> None:
        await add(place, place.manager)
        [message] = written(place.channel)
        assert "I was not given" not in said(message)

    async def test_the_documentation_is_linked_where_the_operator_named_it(self, tmp_path: Path) -> None:
        config = Config(
            discord=DiscordConfig(shard_count=1), links=LinksConfig(documentation="https://docs.example")
        )
        async with in_process(tmp_path, config=config) as place:
            await add(place, place.manager)
            [message] = written(place.channel)
            assert "[documentation](https://docs.example)" in said(message)


class TestLanguage:
    async def test_it_is_written_in_the_language_of_the_server(self, place: Place) -> None:
        place.world.edit_guild(place.guild.id, {"preferred_locale": "de"})
        await add(place, place.manager)
        [message] = written(place.channel)
        with speaking(Language.GERMAN):
            expected = _("Open the settings")
        assert expected != "Open the settings"
        assert [each.label for each in buttons(message)] == [expected]


class TestOnce:
    async def test_a_server_in_which_the_bot_has_been_for_long_is_told_nothing(self, place: Place) -> None:
        """Discord's event for a new server comes for it, too."""
        assert not written(place.channel, place.other_channel)

    async def test_who_adds_the_bot_again_is_told_again(self, place: Place) -> None:
        await add(place, place.manager)
        await place.env.advance_time(DAY_S)
        await add(place, place.admin)
        assert [message.mentions[0].id for message in written(place.channel)] == [
            place.manager.id,
            place.admin.id,
        ]

    async def test_after_a_week_nobody_is_told_any_more(self, place: Place) -> None:
        """A database that was lost must not make the bot write to every server that it is in."""
        await put_out(place)
        place.clock.skip_to(place.clock.now_ms() + 8 * DAY_S * 1000)
        place.world.add_bot_again(place.guild.id, by_id=place.manager.id)
        await place.env.settle()
        assert not written(place.channel, place.other_channel)

    @pytest.mark.parametrize(("status", "tries"), [(503, 2), (403, 1)])
    async def test_what_failed_at_discord_is_tried_again_and_what_was_refused_is_not(
        self, place: Place, status: int, tries: int
    ) -> None:
        place.env.inject_error("POST", "/channels/*/messages", status=status, times=1)
        await add(place, place.manager)
        assert not written(place.channel)
        place.world.begin_outage(place.guild.id)
        await place.env.settle()
        place.world.end_outage(place.guild.id)
        await place.env.settle()
        assert len(written(place.channel)) == tries - 1


class TestTheButton:
    async def test_it_opens_the_settings_for_whoever_may_see_them(self, place: Place) -> None:
        await add(place, place.manager)
        [message] = written(place.channel)
        assert [each.label for each in buttons(message)] == ["Open the settings"]
        opened = await place.admin.click(message, label="Open the settings")
        assert opened.response is not None
        assert opened.response.ephemeral
        assert "timezone" in words_of(opened).lower()

    async def test_others_are_told_which_permission_it_takes(self, place: Place) -> None:
        await add(place, place.manager)
        [message] = written(place.channel)
        refused = await place.member.click(message, label="Open the settings")
        assert words_of(refused) == "You need the permission Administrator or Manage Server for this."

    async def test_it_still_opens_them_after_a_restart(self, place: Place) -> None:
        await add(place, place.manager)
        [message] = written(place.channel)
        await place.restart()
        opened = await place.manager.click(message, label="Open the settings")
        assert "timezone" in words_of(opened).lower()


def hide(place: Place, channel: simcord.ChannelHandle, person: simcord.MemberActor) -> None:
    """Deny this person to see the channel."""
    place.world.set_overwrite(channel.id, Overwrite(person.id, OverwriteType.MEMBER, 0, VIEW))


def without(*names: str) -> discord.Permissions:
    """Return what the bot asks for, but for these."""
    permissions = needed_permissions()
    permissions.update(**dict.fromkeys(names, False))
    return permissions
