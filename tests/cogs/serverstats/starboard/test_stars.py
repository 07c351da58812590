"""Which stars count, and what that does to the board."""

from pathlib import Path

import pytest

from tests.cogs.serverstats.starboard.stage import STAR, set_stage


async def test_a_message_appears_once_when_it_has_enough_stars(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say("look at this")
        await stage.star(message, 2)
        assert stage.posts() == []
        await stage.star(message, 3)

        assert "look at this" in stage.shown()
        assert "**3**" in stage.shown()
        assert str(message.id) in stage.shown()
        assert (
            f"https://discord.com/channels/{stage.guild.id}/{stage.channel.id}/{message.id}" in stage.shown()
        )


async def test_the_number_of_stars_is_kept_up_to_date(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        await stage.star(message, 5)
        await stage.rest()
        assert "**5**" in stage.shown()


async def test_a_burst_of_stars_costs_few_edits_and_the_last_number_is_shown(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        for count in (4, 5, 6):
            await stage.star(message, count)
        await stage.rest()
        edits = [request for request in stage.world.http_requests if request.method == "PATCH"]
        assert len(edits) == 1
        assert "**6**" in stage.shown()


async def test_below_the_threshold_the_post_goes_and_above_it_comes_back(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        first = stage.post().id
        await stage.rest()
        await stage.star(message, 2)
        await stage.rest()
        assert stage.posts() == []
        await stage.star(message, 3)
        assert stage.post().id != first


async def test_bots_and_the_author_give_no_stars(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        robot = stage.place.guild.add_member(stage.env.create_user("robot", bot=True))
        stage.world.react(message, robot.id, STAR)
        stage.world.react(message, stage.member.id, STAR)
        await stage.star(message, 2)
        assert stage.posts() == []
        await stage.star(message, 3)
        assert "**3**" in stage.shown()


async def test_authors_may_star_themselves_where_that_is_allowed(tmp_path: Path) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        await stage.board(counts_self_stars=True)
        message = stage.say()
        stage.world.react(message, stage.member.id, STAR)
        await stage.star(message, 2)
        assert "**3**" in stage.shown()


async def test_a_super_reaction_counts_and_nobody_counts_twice(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 2)
        await stage.star(message, 1, burst=True)
        assert stage.posts() == []
        stage.world.react(message, stage.crowd[5], STAR, burst=True)
        await stage.env.settle()
        assert "**3**" in stage.shown()


async def test_another_emoji_is_no_star(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 4, "🍪")
        assert stage.posts() == []
        assert await stage.entries(message) == []


async def test_a_board_can_have_a_custom_emoji_that_is_renamed_later(tmp_path: Path) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        emoji = stage.world.make_emoji(stage.guild.id, "gold")
        await stage.env.settle()
        await stage.board(emoji=f"<:{emoji}>")
        message = stage.say()
        await stage.star(message, 3, emoji)
        assert f"<:{emoji}> **3**" in stage.shown()


async def test_two_boards_with_their_own_emoji_do_not_disturb_each_other(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        laughs = stage.guild.create_text_channel("laughs")
        await stage.env.settle()
        await stage.board(channel_id=laughs.id, emoji="😂", threshold=1)
        message = stage.say()
        await stage.star(message, 2, "😂")
        assert len(stage.posts(laughs.id)) == 1
        assert stage.posts() == []
        await stage.star(message, 3)
        await stage.rest()
        assert len(stage.posts(laughs.id)) == len(stage.posts()) == 1


async def test_stars_on_the_board_itself_do_nothing(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.star(stage.post(), 5)
        assert len(stage.posts()) == 1
        assert len(await stage.ask("SELECT * FROM starboard_entries")) == 1


async def test_ignored_channels_roles_and_threads_below_them_do_not_appear(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        (board,) = stage.service.boards_of(stage.guild.id)
        role = stage.guild.create_role("Staff")
        chief = stage.place.guild.add_member(stage.env.create_user("chief"), roles=[role])
        elsewhere = stage.guild.create_text_channel("elsewhere")
        await stage.env.settle()
        await stage.service.change_board(
            stage.guild.id,
            board.board_id,
            ignored_channel_ids=frozenset({elsewhere.id}),
            ignored_role_ids=frozenset({role.id}),
        )
        thread = stage.world.start_thread(elsewhere.id, stage.member.id, "aside")
        await stage.env.settle()
        for hidden in (
            stage.world.say(elsewhere.id, stage.member.id, "in the channel"),
            stage.world.say(thread.id, stage.member.id, "in the thread"),
            stage.say("by the chief", author_id=chief.id),
        ):
            await stage.star(hidden, 3)
        assert stage.posts() == []


async def test_messages_in_threads_and_forum_posts_appear(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        thread = stage.world.start_thread(stage.channel.id, stage.member.id, "aside")
        forum = stage.world.forum_channel(stage.guild.id, "ideas")
        await stage.env.settle()
        post = stage.world.post_in_forum(forum.id, stage.member.id, "A title", "an idea")
        await stage.env.settle()
        await stage.star(stage.world.say(thread.id, stage.member.id, "in the thread"), 3)
        await stage.star(post, 3)
        shown = "\n".join(f"{one.content} {one.embeds}" for one in stage.posts())
        assert "in the thread" in shown
        assert "an idea" in shown
        assert "A title" in shown


async def test_what_is_age_restricted_is_only_linked_where_the_board_is_not(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        stage.world.set_nsfw(stage.channel.id)
        await stage.env.settle()
        await stage.star(stage.say("shocking"), 3)
        assert "shocking" not in stage.shown()


async def test_an_age_restricted_board_shows_everything(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        stage.world.set_nsfw(stage.channel.id)
        stage.world.set_nsfw(stage.board_channel.id)
        await stage.env.settle()
        await stage.star(stage.say("shocking"), 3)
        assert "shocking" in stage.shown()


@pytest.mark.parametrize("way", ["all", "emoji"])
async def test_cleared_reactions_take_the_post_away(tmp_path: Path, way: str) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        if way == "all":
            stage.world.clear_reactions(stage.channel.id, message.id)
        else:
            stage.world.clear_reaction(stage.channel.id, message.id, STAR)
        await stage.env.settle()
        assert stage.posts() == []


async def test_few_stars_cost_one_request_each_and_nobody_is_asked_for(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        before = len(stage.world.http_requests)
        stage.world.react(message, stage.crowd[0], STAR)
        await stage.env.settle()
        requests = list(stage.world.http_requests)[before:]
        assert [(request.method, request.path) for request in requests] == [
            ("GET", f"/channels/{stage.channel.id}/messages/{message.id}")
        ]


async def test_system_messages_are_not_starred(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        stage.world.start_thread(stage.channel.id, stage.member.id, "aside")
        await stage.env.settle()
        announcement = list(stage.world.messages[stage.channel.id].values())[-1]
        assert announcement.type == 18
        await stage.star(announcement, 3)
        assert stage.posts() == []


async def test_nothing_happens_while_the_starboard_is_off(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        await stage.service.set_enabled(stage.guild.id, enabled=False)
        message = stage.say()
        await stage.star(message, 3)
        assert stage.posts() == []
        assert await stage.entries(message) == []
