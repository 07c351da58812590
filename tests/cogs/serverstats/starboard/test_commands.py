"""/serverstats starboard …, as people use it."""

import re
from pathlib import Path

import discord
import pytest

from tests.cogs.serverstats.form_stage import message_of
from tests.cogs.serverstats.starboard.stage import Stage, set_stage
from tests.discord_in_process import control_of, controls_of, words_of


async def test_a_board_is_made_and_turned_on_in_one_step(tmp_path: Path) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        said = await stage.told(stage.admin, "add", channel=stage.board_channel, threshold=2, emoji="🌟")
        assert f"<#{stage.board_channel.id}>" in said
        assert "from 2 🌟 on" in said
        assert stage.service.is_on(stage.guild.id)
        message = stage.say("bright")
        await stage.star(message, 2, "🌟")
        assert "bright" in stage.shown()


async def test_without_a_channel_one_is_made_in_which_only_the_bot_writes(tmp_path: Path) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        await stage.told(stage.admin, "add")
        (board,) = stage.service.boards_of(stage.guild.id)
        channel = stage.seen_guild.get_channel(board.channel_id)
        assert isinstance(channel, discord.TextChannel)
        assert channel.name == "starboard"
        assert channel.permissions_for(stage.seen_guild.me).send_messages
        assert not channel.permissions_for(stage.seen_guild.default_role).send_messages
        await stage.star(stage.say("first"), 3)
        assert len(stage.posts(board.channel_id)) == 1


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"emoji": "star"}, "emoji must be one emoji"),
        ({"emoji": "<:gone:123456789012345678>"}, "emoji must be a standard emoji or one of this server"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_in_one_sentence(
    tmp_path: Path, wish: dict[str, str], sentence: str
) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        assert sentence in await stage.told(stage.admin, "add", channel=stage.board_channel, **wish)
        assert stage.service.boards_of(stage.guild.id) == ()
        assert not stage.service.is_on(stage.guild.id)


async def test_a_channel_in_which_the_bot_may_not_post_is_refused_by_the_permissions_name(
    tmp_path: Path,
) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        stage.place.deny_bot(stage.board_channel, embed_links=False, read_message_history=False)
        await stage.env.settle()
        said = await stage.told(stage.admin, "add", channel=stage.board_channel)
        assert "I need the permissions Embed Links and Read Message History" in said


async def test_two_boards_do_not_share_a_channel_or_a_name(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        said = await stage.told(stage.admin, "add", channel=stage.board_channel)
        assert "is the channel of another starboard" in said
        said = await stage.told(stage.admin, "add", channel=stage.channel, name="WELCOME")
        assert "another starboard with the name" in said


async def test_there_are_at_most_ten_boards(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        for number in range(9):
            place = stage.guild.create_text_channel(f"board{number}")
            await stage.env.settle()
            await stage.board(channel_id=place.id)
        said = await stage.told(stage.admin, "add", channel=stage.channel)
        assert "A server can have 10 starboards, no more." in said


async def test_a_lower_threshold_brings_what_has_enough_stars_already(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        await stage.star(stage.say("almost"), 2)
        assert stage.posts() == []
        said = await stage.told(stage.admin, "edit", threshold=2)
        assert "from 2" in said
        await stage.rest()
        assert "almost" in stage.shown()


async def test_a_moved_board_leaves_its_posts_where_they_are(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        old = stage.say("old")
        await stage.star(old, 3)
        place = stage.guild.create_text_channel("hall-of-fame")
        await stage.env.settle()
        await stage.told(stage.admin, "edit", channel=place)
        await stage.rest()
        await stage.star(stage.say("new"), 3)
        await stage.star(old, 5)
        await stage.rest()
        assert "**5**" in stage.shown()
        assert len(stage.posts(place.id)) == 1


async def test_an_edit_without_a_change_is_refused(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        assert "Name at least one thing to change." in await stage.told(stage.admin, "edit")


async def test_with_several_boards_one_must_be_named(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        place = stage.guild.create_text_channel("laughs")
        await stage.env.settle()
        await stage.board(channel_id=place.id, emoji="😂")
        assert "There are several starboards" in await stage.told(stage.admin, "edit", threshold=5)
        choices = await stage.admin.autocomplete(
            stage.channel, "serverstats starboard edit", "board", "lau", threshold=5
        )
        assert [choice["name"] for choice in choices] == ["laughs"]
        await stage.told(stage.admin, "edit", board=choices[0]["value"], threshold=5)
        await stage.told(stage.admin, "edit", board="welcome", threshold=7)
        assert [board.threshold for board in stage.service.boards_of(stage.guild.id)] == [7, 5]
        assert "There is no starboard nowhere." in await stage.told(
            stage.admin, "edit", board="nowhere", threshold=7
        )


async def test_the_list_shows_what_is_set_and_what_is_wrong(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        said = await stage.told(stage.manager, "list")
        assert "1 starboard" in said
        assert "from 3 ⭐ on" in said
        stage.place.deny_bot(stage.board_channel, send_messages=False)
        await stage.env.settle()
        assert "Send Messages" in await stage.told(stage.manager, "list")


async def test_ignored_channels_and_roles_are_chosen_on_a_screen(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        role = stage.guild.create_role("Staff")
        await stage.env.settle()
        shown = message_of(await stage.use(stage.admin, "ignore"))
        channels, roles = "board.ignored_channels", "board.ignored_roles"
        await stage.admin.select(shown, [stage.channel], custom_id=control_of(shown, channels))
        await stage.admin.select(shown, [role], custom_id=control_of(shown, roles))
        (board,) = stage.service.boards_of(stage.guild.id)
        assert board.ignored_channel_ids == {stage.channel.id}
        assert board.ignored_role_ids == {role.id}
        assert f"<#{stage.channel.id}>" in words_of(shown)
        chosen = controls_of(shown)[control_of(shown, channels)]["default_values"]
        assert [int(value["id"]) for value in chosen] == [stage.channel.id]
        await stage.star(stage.say(), 3)
        assert stage.posts() == []
        again = message_of(await stage.use(stage.admin, "ignore"))
        await stage.admin.select(again, [], custom_id=control_of(again, channels))
        (board,) = stage.service.boards_of(stage.guild.id)
        assert board.ignored_channel_ids == set()


async def test_the_screen_of_what_is_ignored_works_after_a_restart_for_who_may_use_it(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        shown = message_of(await stage.use(stage.manager, "ignore"))
        await stage.place.restart()
        channels = control_of(shown, "board.ignored_channels")
        await stage.manager.select(shown, [stage.channel], custom_id=channels)
        (board,) = stage.service.boards_of(stage.guild.id)
        assert board.ignored_channel_ids == {stage.channel.id}

        stage.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})
        await stage.env.settle()
        channels = control_of(shown, "board.ignored_channels")
        refused = await stage.manager.select(shown, [], custom_id=channels)
        assert "You need the permission Administrator or Manage Server" in words_of(refused)
        (board,) = stage.service.boards_of(stage.guild.id)
        assert board.ignored_channel_ids == {stage.channel.id}


async def test_a_deleted_channel_is_not_selected_any_more(tmp_path: Path) -> None:
    """Discord refuses a menu that preselects what does not exist."""
    async with set_stage(tmp_path) as stage:
        gone = stage.guild.create_text_channel("gone")
        await stage.env.settle()
        (board,) = stage.service.boards_of(stage.guild.id)
        await stage.service.change_board(
            stage.guild.id, board.board_id, ignored_channel_ids=frozenset({gone.id, stage.channel.id})
        )
        stage.world.delete_channel(gone.id)
        await stage.env.settle()
        shown = await stage.use(stage.manager, "ignore")
        control = controls_of(shown.response)[control_of(shown.response, "board.ignored_channels")]
        assert [int(value["id"]) for value in control["default_values"]] == [stage.channel.id]


async def test_the_question_before_a_board_goes_can_be_answered_after_a_restart(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        first = message_of(await stage.use(stage.admin, "remove"))
        second = message_of(await stage.use(stage.admin, "remove"))
        await stage.place.restart()
        await stage.admin.click(first, label="Cancel")
        assert "Nothing was changed." in words_of(first)
        assert len(stage.service.boards_of(stage.guild.id)) == 1
        await stage.admin.click(second, label="Remove")
        assert "Starboard removed" in words_of(second)
        assert stage.service.boards_of(stage.guild.id) == ()


async def test_a_board_that_goes_with_its_channel_is_nobodys_doing(tmp_path: Path) -> None:
    """What looks after the channel may have been woken up by somebody's command."""
    async with set_stage(tmp_path) as stage:
        book = stage.place.client.parts.guild_settings
        settings = book.settings_of(stage.guild.id).model_copy(update={"log_channel_id": stage.channel.id})
        await book.save(stage.guild.id, settings, book.version_of(stage.guild.id))
        await stage.star(stage.say(), 3)
        await stage.told(stage.manager, "recount")
        stage.world.delete_channel(stage.board_channel.id)
        await stage.rest()
        told = [str(post.embeds) for post in stage.posts(stage.channel.id)]
        removed = next(text for text in told if "→ nothing" in text)
        assert "by the bot itself" in removed


async def test_removing_a_board_says_what_goes_and_asks(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        await stage.star(stage.say(), 3)
        question = await stage.use(stage.admin, "remove")
        assert question.response is not None
        assert "**1** watched message, **3** stars" in words_of(question.response)
        assert len(stage.service.boards_of(stage.guild.id)) == 1
        done = await stage.admin.click(question.response, label="Remove")
        assert "turned off" in words_of(done) + words_of(question.response)
        assert stage.service.boards_of(stage.guild.id) == ()
        assert len(stage.posts()) == 1
        for table in ("starboards", "starboard_entries", "starboard_stars", "starboard_tombstones"):
            assert await stage.ask(f"SELECT * FROM {table}") == []


async def test_the_top_lists_messages_receivers_and_givers_for_everyone(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        other = stage.place.add_member("zoe")
        best, second = stage.say("best"), stage.say("second", author_id=other.id)
        await stage.star(best, 5)
        await stage.star(second, 3)
        await stage.star(stage.say("unseen"), 2)
        await stage.rest()
        result = await stage.use(stage.member, "top")
        said = words_of(result)
        assert not result.ephemeral
        assert re.findall(r"⭐ \*\*(\d+)\*\*", said) == ["5", "3"]
        assert f"**1.** <@{stage.member.id}> · **5** stars for 1 message" in said
        assert f"**2.** <@{other.id}> · **3** stars for 1 message" in said
        assert f"<@{stage.crowd[0]}> · **2** stars given" in said
        assert f"<@{stage.crowd[4]}> · **1** star given" in said
        assert "unseen" not in said


@pytest.mark.parametrize("command", ["top", "list", "remove", "ignore"])
async def test_without_a_board_every_command_says_how_to_make_one(tmp_path: Path, command: str) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        assert "There is no starboard here" in await stage.told(stage.admin, command)


async def test_a_recount_repairs_what_went_wrong(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        await corrupt(stage)
        assert "1 message is being counted again" in await stage.told(stage.admin, "recount")
        await stage.rest()
        assert await stage.ask("SELECT stars FROM starboard_entries") == [(3,)]
        assert len(await stage.ask("SELECT * FROM starboard_stars")) == 3


async def test_a_recount_is_refused_while_the_starboard_is_off(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        await stage.service.set_enabled(stage.guild.id, enabled=False)
        assert "turned off" in await stage.told(stage.admin, "recount")
        assert "turned off" in await stage.told(stage.admin, "list")


async def corrupt(stage: Stage) -> None:
    """Let the record tell something else than Discord."""
    async with stage.place.client.parts.database.write() as tx:
        await tx.execute("UPDATE starboard_entries SET stars = 99")
        await tx.execute("DELETE FROM starboard_stars")


@pytest.mark.parametrize("command", ["top", "list", "remove", "recount", "add"])
async def test_while_the_module_is_disabled_every_command_says_so(tmp_path: Path, command: str) -> None:
    async with set_stage(tmp_path) as stage:
        await stage.module.disable(stage.guild.id)
        assert "Serverstats is not enabled" in await stage.told(stage.admin, command)


async def test_the_starboard_is_switched_off_and_on_again_without_losing_stars(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 2)
        assert "is off" in await stage.told(stage.admin, "switch", on=False)
        await stage.star(message, 4)
        assert stage.posts() == []
        assert "is on" in await stage.told(stage.admin, "switch", on=True)
        await stage.rest()
        assert "**4**" in stage.shown()


async def test_without_a_board_the_starboard_cannot_be_switched_on(tmp_path: Path) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        assert "There is no starboard here" in await stage.told(stage.admin, "switch", on=True)
        assert not stage.service.is_on(stage.guild.id)
