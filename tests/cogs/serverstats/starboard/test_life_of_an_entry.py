"""Edits and deletions, troubles, time away, and the end of monitoring."""

from pathlib import Path

import discord
import pytest

from cogs.serverstats.starboard.retention import retain
from tests.cogs.serverstats.starboard.stage import STAR, Stage, set_stage

DAY_MS = 86_400_000


async def catch_up(stage: Stage) -> None:
    """Let Discord present the guild anew, as after a reconnect without resume."""
    stage.world.emit("GUILD_CREATE", {**stage.world.guild_payload(stage.world.guilds[stage.guild.id])})
    await stage.rest()


async def test_an_edit_of_the_original_shows_on_the_board(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say("before")
        await stage.star(message, 3)
        await stage.rest()
        stage.world.edit_message(stage.channel.id, message.id, {"content": "after"})
        await stage.rest()
        assert "after" in stage.shown()
        assert "before" not in stage.shown()


async def test_an_update_that_changes_nothing_visible_costs_no_edit(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        stage.world.start_thread(stage.channel.id, stage.member.id, "aside", message=message)
        await stage.rest()
        assert [request for request in stage.world.http_requests if request.method == "PATCH"] == []


async def test_a_deleted_original_takes_its_post_along(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        stage.world.delete_message(stage.channel.id, message.id)
        await stage.env.settle()
        assert stage.posts() == []
        assert await stage.ask("SELECT * FROM starboard_entries") == []
        assert await stage.ask("SELECT * FROM starboard_stars") == []


async def test_bulk_deleted_originals_take_their_posts_along(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        messages = [stage.say(f"message {number}") for number in range(3)]
        for message in messages:
            await stage.star(message, 3)
        await stage.rest()
        stage.world.bulk_delete_messages(stage.channel.id, [message.id for message in messages[:2]])
        await stage.env.settle()
        assert "message 2" in stage.shown()


async def test_originals_of_a_deleted_channel_take_their_posts_along(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        elsewhere = stage.guild.create_text_channel("elsewhere")
        await stage.env.settle()
        await stage.star(stage.world.say(elsewhere.id, stage.member.id, "hello"), 3)
        await stage.rest()
        assert stage.posts()
        stage.world.delete_channel(elsewhere.id)
        await stage.env.settle()
        assert stage.posts() == []


async def test_a_post_that_a_moderator_deletes_does_not_come_back(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        stage.world.delete_message(stage.board_channel.id, stage.post().id)
        await stage.env.settle()
        assert await stage.entries(message) == []
        await stage.star(message, 5)
        await stage.rest()
        assert stage.posts() == []
        assert await stage.ask("SELECT message_id FROM starboard_tombstones") == [(message.id,)]


async def test_a_deleted_board_channel_removes_the_board_and_turns_the_starboard_off(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        await stage.star(stage.say(), 3)
        stage.world.delete_channel(stage.board_channel.id)
        await stage.env.settle()
        assert stage.service.boards_of(stage.guild.id) == ()
        assert not stage.service.is_on(stage.guild.id)
        stored = await stage.service.count_stored(stage.guild.id)
        assert stored == ("**0** starboards", "**0** starred messages")


async def test_with_another_board_left_the_starboard_stays_on(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        laughs = stage.guild.create_text_channel("laughs")
        await stage.env.settle()
        kept = await stage.board(channel_id=laughs.id, emoji="😂")
        stage.world.delete_channel(stage.board_channel.id)
        await stage.env.settle()
        assert stage.service.boards_of(stage.guild.id) == (kept,)
        assert stage.service.is_on(stage.guild.id)


async def test_stars_missed_while_away_are_counted_when_the_guild_comes_back(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message, other = stage.say("risen"), stage.say("fallen")
        await stage.star(message, 1)
        await stage.star(other, 3)
        await stage.rest()
        stage.world._muted = True
        await stage.star(message, 3)
        await stage.star(other, 0)
        stage.world._muted = False
        await catch_up(stage)
        assert "risen" in stage.shown()


@pytest.mark.parametrize("permission", ["send_messages", "embed_links", "read_message_history"])
async def test_without_a_permission_posts_wait_and_the_trouble_is_shown(
    tmp_path: Path, permission: str
) -> None:
    titles = {
        "send_messages": "Send Messages",
        "embed_links": "Embed Links",
        "read_message_history": "Read Message History",
    }
    async with set_stage(tmp_path) as stage:
        stage.place.deny_bot(stage.board_channel, **{permission: False})
        await stage.env.settle()
        message = stage.say()
        await stage.star(message, 3)
        assert stage.posts() == []
        assert titles[permission] in "\n".join(stage.service.troubles(stage.seen_guild))
        stage.world.set_bot_overwrite(stage.board_channel.id, discord.PermissionOverwrite())
        await stage.env.settle()
        await stage.service.engine.retry_unfinished()
        await stage.looked()
        assert len(stage.posts()) == 1
        assert stage.service.troubles(stage.seen_guild) == ()


async def test_after_31_days_later_stars_do_nothing(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        parts = stage.place.client.parts
        message = stage.say()
        await stage.star(message, 3)
        stage.place.clock.skip_to(stage.place.clock.now_ms() + 30 * DAY_MS)
        await retain(parts.database, parts.clock)
        assert len(await stage.entries(message)) == 1
        stage.place.clock.skip_to(stage.place.clock.now_ms() + 2 * DAY_MS)
        await retain(parts.database, parts.clock)
        assert await stage.entries(message) == []
        await stage.star(message, 5)
        await stage.rest()
        assert "**3**" in stage.shown()
        assert await stage.entries(message) == []


async def test_who_opted_out_counts_but_is_not_stored(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        recorder = stage.place.client.parts.recorder
        await recorder.opt_out(stage.guild.id, stage.crowd[0])
        await recorder.opt_out(stage.guild.id, stage.member.id)
        message = stage.say()
        await stage.star(message, 3)
        assert "**3**" in stage.shown()
        assert {user_id for (user_id,) in await stage.ask("SELECT user_id FROM starboard_stars")} == {
            stage.crowd[1],
            stage.crowd[2],
        }
        assert await stage.ask("SELECT author_id FROM starboard_entries") == [(None,)]


async def test_an_original_that_cannot_be_seen_any_more_keeps_its_post(tmp_path: Path) -> None:
    """A permission that an admin takes from the bot by mistake must not empty the board."""
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        stage.place.deny_bot(stage.channel, view_channel=False)
        await stage.env.settle()
        assert "1 message is" in await stage.told(stage.admin, "recount")
        await stage.rest()
        assert len(stage.posts()) == 1


async def test_the_use_cases_of_the_published_api(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        stage.world._muted = True
        await stage.star(message, 3)
        (outcome,) = await stage.service.add(stage.guild.id, stage.channel.id, message.id)
        assert (outcome.stars, outcome.post_id) == (3, stage.post().id)
        await stage.star(message, 2)
        (outcome,) = await stage.service.remove(stage.guild.id, stage.channel.id, message.id)
        assert (outcome.stars, outcome.post_id) == (2, None)
        assert stage.posts() == []
        await stage.star(message, 3)
        await stage.service.add(stage.guild.id, stage.channel.id, message.id)
        post_id = stage.post().id
        stage.world.delete_message(stage.board_channel.id, post_id)
        assert await stage.service.check_deleted_message(stage.guild.id, post_id)
        assert not await stage.service.check_deleted_message(stage.guild.id, post_id)
        assert not await stage.service.check_deleted_channel(stage.guild.id, stage.channel.id)
        stage.world.delete_channel(stage.board_channel.id)
        assert await stage.service.check_deleted_channel(stage.guild.id, stage.board_channel.id)
        assert not stage.service.is_on(stage.guild.id)


async def test_disabling_the_module_deletes_everything_and_stops_the_work(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.module.disable(stage.guild.id)
        for table in ("starboards", "starboard_entries", "starboard_stars"):
            assert await stage.ask(f"SELECT * FROM {table}") == []
        stage.world.react(message, stage.crowd[4], STAR)
        await stage.env.settle()
        assert await stage.ask("SELECT * FROM starboard_entries") == []


async def test_what_discord_says_during_an_outage_takes_no_post_away(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        stage.seen_guild.unavailable = True
        stage.world.messages[stage.channel.id].pop(message.id)
        await stage.service.add(stage.guild.id, stage.channel.id, message.id)
        assert len(stage.posts()) == 1


async def test_a_star_that_comes_before_the_guild_is_there_is_counted_when_it_is(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        stage.seen_guild.unavailable = True
        await stage.star(stage.say(), 3)
        assert stage.posts() == []
        await catch_up(stage)
        assert len(stage.posts()) == 1


async def test_originals_in_threads_of_a_deleted_channel_take_their_posts_along(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        elsewhere = stage.guild.create_text_channel("elsewhere")
        await stage.env.settle()
        thread = stage.world.start_thread(elsewhere.id, stage.member.id, "aside")
        await stage.env.settle()
        await stage.star(stage.world.say(thread.id, stage.member.id, "hello"), 3)
        await stage.rest()
        assert stage.posts()
        stage.world.delete_channel(elsewhere.id)
        await stage.env.settle()
        assert stage.posts() == []
