"""Nothing that is starred is lost, and nothing stays that should be gone, whatever goes wrong meanwhile."""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.serverstats.later import later
from cogs.serverstats.starboard.catching_up import PROBES
from cogs.serverstats.starboard.guild_state import CHORES
from storage.starboard import fetch_posts, upsert_entry
from tests.cogs.serverstats.starboard.stage import Stage, set_stage

HOUR_SECONDS = 3_600
DAY_MS = 86_400_000


async def catch_up(stage: Stage) -> None:
    """Let Discord present the guild anew, as after a reconnect without resume."""
    stage.world.emit("GUILD_CREATE", {**stage.world.guild_payload(stage.world.guilds[stage.guild.id])})
    await stage.rest()
    await stage.rest()


async def forget_the_answer(stage: Stage) -> None:
    """Leave things as after a crash between a post and the record of it, hours ago."""
    async with stage.place.client.parts.database.write() as tx:
        await tx.execute("UPDATE starboard_entries SET state = 'posting', post_id = NULL, shown = NULL")
    state = stage.service.engine.find(stage.guild.id)
    assert state is not None
    state.posts.clear()
    await stage.env.advance_time(HOUR_SECONDS)


async def retry(stage: Stage) -> None:
    """Let the job that tries again have its run."""
    await stage.service.engine.retry_unfinished()
    await stage.looked()


def withhold_history(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Discord answer without Read Message History as its documentation says: no messages, and no error."""
    real: Callable[..., Awaitable[Any]] = stage.place.client.http.logs_from

    async def logs_from(channel_id: int, *args: Any, **more: Any) -> Any:
        if channel_id == stage.board_channel.id:
            return []
        return await real(channel_id, *args, **more)

    monkeypatch.setattr(stage.place.client.http, "logs_from", logs_from)


@pytest.mark.parametrize("is_known_to_be_denied", [True, False])
async def test_a_post_is_not_taken_for_missing_where_the_history_is_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_known_to_be_denied: bool
) -> None:
    async with set_stage(tmp_path) as stage:
        await stage.star(stage.say(), 3)
        await forget_the_answer(stage)
        stage.place.deny_bot(stage.board_channel, read_message_history=False)
        if is_known_to_be_denied:
            await stage.env.settle()
        else:
            monkeypatch.setattr(stage.place.client, "get_channel", lambda _: None)
        withhold_history(stage, monkeypatch)
        await retry(stage)
        assert len(stage.posts()) == 1
        assert "Read Message History" in "\n".join(stage.service.troubles(stage.seen_guild))


async def test_a_post_that_cannot_be_looked_for_is_not_forgotten_with_its_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await forget_the_answer(stage)
        with monkeypatch.context() as patch:
            stage.place.deny_bot(stage.board_channel, read_message_history=False)
            await stage.env.settle()
            withhold_history(stage, patch)
            stage.world.delete_message(stage.channel.id, message.id)
            await stage.env.settle()
            await retry(stage)
            assert await stage.entries(message)
        stage.world.set_bot_overwrite(stage.board_channel.id, discord.PermissionOverwrite())
        await stage.rest()
        await retry(stage)
        assert stage.posts() == []
        assert await stage.entries(message) == []


@pytest.mark.parametrize("what", ["deleted", "edited", "cleared"])
async def test_what_happens_to_a_message_during_its_first_look_is_not_overlooked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say("a secret")
        http = stage.place.client.http
        real: Callable[..., Awaitable[Any]] = http.get_message

        async def get_message(*args: Any) -> Any:
            answer = await real(*args)
            monkeypatch.undo()
            if what == "deleted":
                stage.world.delete_message(stage.channel.id, message.id)
            elif what == "edited":
                stage.world.edit_message(stage.channel.id, message.id, {"content": "harmless"})
            else:
                stage.world.clear_reactions(stage.channel.id, message.id)
            return answer

        stage.world.react(message, stage.crowd[0], "⭐")
        stage.world.react(message, stage.crowd[1], "⭐")
        await stage.env.settle()
        async with stage.place.client.parts.database.write() as tx:
            await tx.execute("DELETE FROM starboard_entries")
        async with stage.place.client.parts.database.read() as rx:
            state = stage.service.engine.find(stage.guild.id)
            assert state is not None
            await state.load(rx)
        monkeypatch.setattr(http, "get_message", get_message)
        stage.world.react(message, stage.crowd[2], "⭐")
        await stage.env.settle()
        await stage.rest()
        await stage.rest()
        assert "a secret" not in "".join(f"{post.embeds}" for post in stage.posts())
        assert len(stage.posts()) == (what == "edited")


@pytest.mark.parametrize("error", [TimeoutError(), sqlite3.OperationalError("database is locked")])
async def test_a_message_whose_looks_fail_for_long_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async with set_stage(tmp_path) as stage:
        looks = 0

        async def fail(*_: Any) -> Any:
            nonlocal looks
            looks += 1
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(stage.place.client.http, "get_message", fail)
            await stage.star(stage.say(), 3)
            for _ in range(40):
                await stage.env.advance_time(10)
            assert 3 <= looks <= 6
            await retry(stage)
        assert stage.posts() == []
        await stage.rest()
        await retry(stage)
        assert len(stage.posts()) == 1


@pytest.mark.parametrize("where", ["channel", "thread", "board"])
async def test_an_age_restriction_that_comes_later_reaches_what_is_posted(tmp_path: Path, where: str) -> None:
    async with set_stage(tmp_path) as stage:
        place = stage.channel.id
        if where == "thread":
            place = stage.world.start_thread(place, stage.member.id, "aside").id
        if where == "board":
            stage.world.set_nsfw(stage.channel.id)
            stage.world.set_nsfw(stage.board_channel.id)
        await stage.env.settle()
        await stage.star(stage.world.say(place, stage.member.id, "shocking"), 3)
        await stage.rest()
        assert "shocking" in stage.shown()
        if where == "board":
            stage.world.set_nsfw(stage.board_channel.id, False)
        else:
            stage.world.set_nsfw(stage.channel.id)
        await stage.rest()
        assert "shocking" not in stage.shown()


async def test_messages_on_a_board_are_counted_again_before_hundreds_that_are_not(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        first, second = stage.say(), stage.say()
        await stage.star(first, 3)
        stage.world.react(second, stage.crowd[0], "⭐")
        await stage.rest()
        (entry,) = await stage.entries(second)
        async with stage.place.client.parts.database.write() as tx:
            for number in range(1, 202):
                await upsert_entry(tx, replace(entry, message_id=second.id + number))
        stage.world._muted = True
        stage.world.delete_message(stage.channel.id, first.id)
        await stage.star(second, 2)
        stage.world._muted = False
        await catch_up(stage)
        assert stage.posts() == []
        # The rest comes page by page.
        await stage.env.advance_time(30)
        ((stars,),) = await stage.ask(f"SELECT stars FROM starboard_entries WHERE message_id = {second.id}")
        assert stars == 2


async def test_messages_starred_while_nobody_watched_are_found(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        await stage.rest()
        thread = stage.world.start_thread(stage.channel.id, stage.member.id, "aside")
        await stage.env.settle()
        stage.world._muted = True
        await stage.star(stage.say("missed"), 3)
        await stage.star(stage.world.say(thread.id, stage.member.id, "missed in a thread"), 3)
        await stage.star(stage.say("too few"), 2)
        stage.world._muted = False
        await catch_up(stage)
        shown = "".join(f"{post.embeds}" for post in stage.posts())
        assert len(stage.posts()) == 2
        assert "missed in a thread" in shown


async def test_old_favourites_do_not_flood_a_new_board(tmp_path: Path) -> None:
    async with set_stage(tmp_path, with_board=False) as stage:
        await stage.star(stage.say("of old"), 5)
        await stage.rest()
        await stage.board()
        await stage.rest()
        await catch_up(stage)
        assert stage.posts() == []


async def test_an_admin_can_have_one_message_counted(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        stage.world._muted = True
        await stage.star(message, 3)
        stage.world._muted = False
        link = f"https://discord.com/channels/{stage.guild.id}/{stage.channel.id}/{message.id}"
        assert "**3**" in await stage.told(stage.admin, "recount", message=link)
        assert len(stage.posts()) == 1
        elsewhere = f"https://discord.com/channels/5/{stage.channel.id}/{message.id}"
        assert "of this server" in await stage.told(stage.admin, "recount", message=elsewhere)
        unstarred = stage.say()
        link = f"<https://canary.discord.com/channels/{stage.guild.id}/{stage.channel.id}/{unstarred.id}>"
        assert "no stars" in await stage.told(stage.admin, "recount", message=link)


async def test_posts_that_went_with_the_old_channel_of_a_board_are_made_again(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        message = stage.say()
        await stage.star(message, 3)
        await stage.rest()
        moved = stage.guild.create_text_channel("moved")
        await stage.env.settle()
        (board,) = stage.service.boards_of(stage.guild.id)
        await stage.service.change_board(stage.guild.id, board.board_id, channel_id=moved.id)
        await stage.looked()
        stage.world.delete_channel(stage.board_channel.id)
        await stage.env.settle()
        await stage.star(message, 4)
        await stage.rest()
        assert len(stage.posts(moved.id)) == 1
        assert await stage.ask("SELECT * FROM starboard_tombstones") == []


async def test_originals_in_archived_threads_of_a_deleted_channel_take_their_posts_along(
    tmp_path: Path,
) -> None:
    async with set_stage(tmp_path) as stage:
        elsewhere = stage.guild.create_text_channel("elsewhere")
        await stage.env.settle()
        thread = stage.world.start_thread(elsewhere.id, stage.member.id, "aside")
        await stage.env.settle()
        await stage.star(stage.world.say(thread.id, stage.member.id, "hello"), 3)
        await stage.rest()
        assert stage.posts()
        # The library drops a thread when it is archived.
        stage.seen_guild._threads.pop(thread.id)
        stage.world.delete_channel(elsewhere.id)
        await stage.rest()
        assert stage.posts() == []


async def test_a_channel_whose_stars_cannot_be_counted_is_told_and_not_asked_about(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        stage.place.deny_bot(stage.channel, read_message_history=False)
        await stage.env.settle()
        before = len(stage.world.http_requests)
        await stage.star(stage.say(), 3)
        assert len(stage.world.http_requests) == before
        (sentence,) = stage.service.troubles(stage.seen_guild)
        assert "Read Message History" in sentence
        assert f"<#{stage.channel.id}>" in sentence
        stage.world.set_bot_overwrite(stage.channel.id, discord.PermissionOverwrite())
        await stage.env.settle()
        assert stage.service.troubles(stage.seen_guild) == ()


async def test_memory_ends_with_monitoring(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        for number in range(3):
            await stage.star(stage.say(f"message {number}"), 3)
        state = stage.service.engine.find(stage.guild.id)
        assert state is not None
        assert len(state.watched) == len(state.posts) == 3
        stage.place.clock.skip_to(stage.place.clock.now_ms() + 40 * DAY_MS)
        (job,) = [job for job in stage.service.jobs if job.name == "starboard retention"]
        await job.run()
        async with stage.place.client.parts.database.read() as rx:
            assert await fetch_posts(rx, stage.guild.id) == {}
        assert not state.watched
        assert not state.posts
        assert len(state.boards) == 1


async def test_what_cannot_be_posted_costs_no_requests_again_and_again(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        stage.place.deny_bot(stage.board_channel, send_messages=False)
        await stage.env.settle()
        for number in range(10):
            await stage.star(stage.say(f"message {number}"), 3)
        before = len(stage.world.http_requests)
        await retry(stage)
        assert len(stage.world.http_requests) == before


async def test_a_board_that_discord_refuses_is_tried_with_a_few_messages_at_a_time(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        stage.place.deny_bot(stage.board_channel, send_messages=False)
        await stage.env.settle()
        for number in range(12):
            await stage.star(stage.say(f"message {number}"), 3)
        stage.world.set_bot_overwrite(stage.board_channel.id, discord.PermissionOverwrite())
        await stage.env.settle()
        state = stage.service.engine.find(stage.guild.id)
        assert state is not None
        state.refusals[stage.service.boards_of(stage.guild.id)[0].board_id] = later("Discord refused.")
        await stage.rest()
        await retry(stage)
        await stage.star(stage.say("goes on"), 1)
        await stage.rest()
        assert len(stage.posts()) == PROBES
        # They were taken, so the others are tried, too.
        await retry(stage)
        await stage.star(stage.say("goes on"), 1)
        await stage.rest()
        assert len(stage.posts()) == 12


async def test_a_session_that_begins_during_a_catch_up_has_one_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with set_stage(tmp_path) as stage:
        engine = stage.service.engine
        state = engine.find(stage.guild.id)
        assert state is not None
        real = engine.catch_up
        times = 0

        async def count(caught_up: Any) -> int:
            nonlocal times
            times += 1
            if times == 1:
                # As when Discord presents the guild now.
                state.must_catch_up = True
                state.queue.mark(CHORES, 0)
            return await real(caught_up)

        monkeypatch.setattr(engine, "catch_up", count)
        await catch_up(stage)
        assert times == 2
