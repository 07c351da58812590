"""The leaderboard of a week is posted in its channel, exactly once, whatever happens in between."""

from datetime import datetime
from email.utils import formatdate
from itertools import count as count_from
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cogs.invite_tracker.leaderboard.schedule import Schedule
from storage.database import Database
from storage.guilds import upsert_guild_timezone
from storage.leaderboards import Outcome, fetch_leaderboard_record
from tests.cogs.invite_tracker.commands.stage import Stage

JOB = "invite leaderboard"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NEWCOMERS = count_from(5000)
ZONE = ZoneInfo("Europe/Amsterdam")


def ms(text: str) -> int:
    """Return a time of the server's clock."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


MONDAY = ms("2026-01-12 09:00")
LAST_WEEK = ms("2026-01-07 15:00")


@pytest.fixture
async def weekly(stage: Stage) -> Stage:
    """A server in Amsterdam with a leaderboard every Monday at nine, without pictures."""
    async with stage.place.client.parts.database.write() as tx:
        await upsert_guild_timezone(tx, stage.guild.id, "Europe/Amsterdam")
    await stage.save(leaderboard_schedule=Schedule.MONDAY, leaderboard_channel=stage.other_channel.id)
    stage.place.deny_bot(stage.other_channel, attach_files=False)
    return stage


async def look(stage: Stage, at_ms: int) -> None:
    """Let it be that time, and the job come around."""
    stage.place.clock.skip_to(at_ms)
    await stage.place.client.parts.scheduler.run_now(JOB)
    await stage.env.settle()
    [job] = [job for job in stage.place.client.parts.scheduler.jobs if job.name == JOB]
    assert job.last_error is None


def posts(stage: Stage) -> list[dict[str, Any]]:
    """Return the embeds in the channel of the leaderboard, the oldest first."""
    messages = stage.place.world.messages.get(stage.other_channel.id, {})
    return [embed for message in messages.values() for embed in message.embeds]


async def outcome(stage: Stage) -> Outcome | None:
    database: Database = stage.place.client.parts.database
    async with database.read() as rx:
        record = await fetch_leaderboard_record(rx, stage.guild.id)
    assert record is not None
    assert record.posting is None
    return record.outcome


def came(stage: Stage, inviter_id: int, count: int, **facts: Any) -> list[Any]:
    """Return joins of last week."""
    return [
        stage.join(next(NEWCOMERS), inviter_id, **{"joined_at_ms": LAST_WEEK} | facts) for _ in range(count)
    ]


async def test_the_week_is_posted_once_when_it_is_due(weekly: Stage) -> None:
    await weekly.record_joins([*came(weekly, weekly.member.id, 2), *came(weekly, weekly.admin.id, 3)])
    before = weekly.join(901, weekly.manager.id, joined_at_ms=ms("2026-01-04 23:59"))
    after = weekly.join(902, weekly.manager.id, joined_at_ms=ms("2026-01-12 00:00"))
    await weekly.record_joins([before, after])

    await look(weekly, MONDAY - 60_000)
    assert posts(weekly) == []
    for minutes in (0, 1, 2):
        await look(weekly, MONDAY + minutes * 60_000)
    await weekly.place.restart()
    await look(weekly, MONDAY + 5 * HOUR_MS)

    [post] = posts(weekly)
    assert post["title"] == "Invite leaderboard"
    lines = post["description"].splitlines()
    assert lines[0] == "-# 05-01-2026 – 11-01-2026"
    assert lines[1:] == [f"**1.** {weekly.admin.mention} · **3**", f"**2.** {weekly.member.mention} · **2**"]
    assert await outcome(weekly) is Outcome.POSTED
    await look(weekly, MONDAY + 7 * DAY_MS)
    assert len(posts(weekly)) == 2


async def test_who_left_is_left_out_and_opted_out_is_not_on_it(weekly: Stage) -> None:
    gone = weekly.place.add_member("gone")
    shy = weekly.place.add_member("shy")
    role = weekly.guild.create_role("Staff")
    staff = weekly.place.add_member("staff")
    weekly.place.world.add_member_role(weekly.guild.id, staff.id, role.id)
    left_out = weekly.place.add_member("leo")
    await weekly.env.advance_time(60)
    await weekly.save(
        leaderboard_hidden_members=frozenset({left_out.id}), leaderboard_hidden_roles=frozenset({role.id})
    )
    hidden = (gone, shy, staff, left_out)
    for number, person in enumerate(hidden):
        await weekly.record_joins(came(weekly, person.id, 5 + number))
    await weekly.record_joins(came(weekly, weekly.member.id, 1))
    weekly.place.world.leave(weekly.guild.id, gone.id)
    # The leave is put on record; a leaderboard waits for everything that is under way.
    await weekly.env.advance_time(60)
    await weekly.place.client.parts.recorder.opt_out(weekly.guild.id, shy.id)

    await look(weekly, MONDAY)

    [post] = posts(weekly)
    assert f"**1.** {weekly.member.mention} · **1**" in post["description"]
    for person in hidden:
        assert person.mention not in post["description"]


async def test_who_came_and_left_or_is_fake_is_told_but_does_not_count(weekly: Stage) -> None:
    await weekly.save(fake_without_avatar=True)
    await weekly.record_joins(
        [
            *came(weekly, weekly.member.id, 3),
            *came(weekly, weekly.member.id, 2, left_at_ms=LAST_WEEK + 1),
            *came(weekly, weekly.member.id, 1, had_avatar=False),
            *came(weekly, weekly.admin.id, 4, left_at_ms=LAST_WEEK + 1),
        ]
    )

    await look(weekly, MONDAY)

    [post] = posts(weekly)
    assert f"**1.** {weekly.member.mention} · **3** · 2 left · 1 fake" in post["description"]
    assert weekly.admin.mention not in post["description"]


async def test_a_week_in_which_nobody_came_is_told_shortly(weekly: Stage) -> None:
    await look(weekly, MONDAY)

    [post] = posts(weekly)
    assert "Nobody came by an invitation of somebody who is here." in post["description"]


async def test_a_leaderboard_has_a_picture_where_files_may_be_attached(weekly: Stage) -> None:
    weekly.place.deny_bot(weekly.other_channel)
    await weekly.record_joins([*came(weekly, weekly.member.id, 2), *came(weekly, weekly.admin.id, 3)])

    await look(weekly, MONDAY)

    [message] = weekly.place.world.messages[weekly.other_channel.id].values()
    [attachment] = message.attachments
    assert attachment["filename"] == "leaderboard.png"


async def test_what_was_missed_for_hours_comes_late_and_for_a_day_not_at_all(weekly: Stage) -> None:
    await look(weekly, MONDAY + 23 * HOUR_MS)
    assert len(posts(weekly)) == 1

    await look(weekly, MONDAY + 8 * DAY_MS + HOUR_MS)

    assert len(posts(weekly)) == 1
    assert await outcome(weekly) is Outcome.TOO_LATE
    assert "it could not be posted within a day" in await weekly.say(weekly.admin, "info")


async def test_a_schedule_that_is_set_on_the_day_begins_with_the_next(weekly: Stage) -> None:
    weekly.place.clock.skip_to(MONDAY + HOUR_MS)
    await weekly.save(leaderboard_hour=8)

    await look(weekly, MONDAY + 2 * HOUR_MS)

    assert posts(weekly) == []
    await weekly.save(leaderboard_schedule=Schedule.OFF)
    await look(weekly, MONDAY + 7 * DAY_MS)
    assert posts(weekly) == []


async def test_an_hour_that_is_changed_after_the_post_brings_no_second_one(weekly: Stage) -> None:
    await look(weekly, MONDAY)
    await weekly.save(leaderboard_hour=11)

    await look(weekly, MONDAY + 2 * HOUR_MS)

    assert len(posts(weekly)) == 1


async def test_another_timezone_brings_no_second_post_of_the_day(weekly: Stage) -> None:
    await look(weekly, MONDAY)
    async with weekly.place.client.parts.database.write() as tx:
        await upsert_guild_timezone(tx, weekly.guild.id, "America/New_York")

    await look(weekly, MONDAY + 6 * HOUR_MS)

    assert len(posts(weekly)) == 1


async def test_without_the_permission_nothing_is_asked_and_it_comes_once_it_is_there(weekly: Stage) -> None:
    weekly.place.deny_bot(weekly.other_channel, send_messages=False, attach_files=False)
    asked = len(weekly.place.world.http_requests)
    for minutes in range(5):
        await look(weekly, MONDAY + minutes * 60_000)

    assert len(weekly.place.world.http_requests) == asked
    trouble = f"I need the permissions Send Messages and Embed Links in {weekly.other_channel.mention} for the leaderboard."
    assert trouble in await weekly.say(weekly.admin, "info")
    weekly.place.deny_bot(weekly.other_channel, attach_files=False)
    await look(weekly, MONDAY + HOUR_MS)
    assert len(posts(weekly)) == 1


async def test_a_deleted_channel_is_told_and_another_one_gets_it(weekly: Stage) -> None:
    weekly.place.world.delete_channel(weekly.other_channel.id)
    await weekly.env.settle()
    await look(weekly, MONDAY)

    assert "The channel of the leaderboard does not exist" in await weekly.say(weekly.admin, "info")
    await weekly.save(leaderboard_channel=weekly.channel.id)
    await look(weekly, MONDAY + 60_000)
    messages = weekly.place.world.messages[weekly.channel.id].values()
    assert [embed["title"] for message in messages for embed in message.embeds if embed.get("timestamp")] == [
        "Invite leaderboard"
    ]


async def test_what_discord_refuses_is_not_tried_again(weekly: Stage) -> None:
    weekly.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, message="Missing")
    await look(weekly, MONDAY)
    await look(weekly, MONDAY + HOUR_MS)

    assert posts(weekly) == []
    assert await outcome(weekly) is Outcome.REFUSED
    assert "Discord refused it" in await weekly.say(weekly.admin, "info")


async def lose_answer(stage: Stage, *, arrives: bool) -> None:
    """Let the leaderboard be sent, and the process end before the answer is noted."""
    channel = stage.place.client.get_channel(stage.other_channel.id)
    http: Any = stage.place.client.http
    request = http.request

    async def cut(route: Any, **arguments: Any) -> Any:
        if route.method != "POST":
            return await request(route, **arguments)
        if arrives:
            await request(route, **arguments)
        raise ConnectionResetError

    assert channel is not None
    http.request = cut
    await look(stage, MONDAY)
    http.request = request


async def test_a_post_whose_answer_was_lost_is_found_and_not_sent_again(weekly: Stage) -> None:
    await lose_answer(weekly, arrives=True)
    assert len(posts(weekly)) == 1

    await weekly.place.restart()
    # Long after Discord has forgotten the nonce. Its clock, which was not set, is behind the bot's by days.
    weekly.place.world.nonces.clear()
    weekly.place.clock.skip_to(MONDAY + 5 * HOUR_MS)
    weekly.place.client.discord_time.note_date(formatdate(weekly.place.world.now_ms() / 1000, usegmt=True))
    await look(weekly, MONDAY + 5 * HOUR_MS)

    assert len(posts(weekly)) == 1
    assert await outcome(weekly) is Outcome.POSTED


async def test_a_post_that_never_arrived_is_sent_again(weekly: Stage) -> None:
    await lose_answer(weekly, arrives=False)
    assert posts(weekly) == []

    await weekly.place.restart()
    await look(weekly, MONDAY + 1_000)
    assert posts(weekly) == []
    for minutes in (2, 10, 60):
        await look(weekly, MONDAY + minutes * 60_000)

    assert len(posts(weekly)) == 1
    assert await outcome(weekly) is Outcome.POSTED


async def test_a_post_that_never_arrived_waits_for_the_permission_without_asking_again(weekly: Stage) -> None:
    await lose_answer(weekly, arrives=False)
    weekly.place.deny_bot(weekly.other_channel, attach_files=False, send_messages=False)
    await look(weekly, MONDAY + 2 * 60_000)
    asked = len(weekly.place.world.http_requests)
    for minutes in range(3, 9):
        await look(weekly, MONDAY + minutes * 60_000)
    assert len(weekly.place.world.http_requests) == asked

    weekly.place.deny_bot(weekly.other_channel, attach_files=False)
    await look(weekly, MONDAY + HOUR_MS)

    assert len(posts(weekly)) == 1
    assert await outcome(weekly) is Outcome.POSTED


async def test_where_nobody_can_look_a_doubtful_post_is_not_sent_again(weekly: Stage) -> None:
    await lose_answer(weekly, arrives=True)
    weekly.place.deny_bot(weekly.other_channel, attach_files=False, read_message_history=False)

    await look(weekly, MONDAY + HOUR_MS)

    assert len(posts(weekly)) == 1
    assert await outcome(weekly) is Outcome.UNCLEAR


async def test_right_after_a_lost_answer_the_nonce_keeps_a_second_post_away(weekly: Stage) -> None:
    await lose_answer(weekly, arrives=True)
    weekly.place.deny_bot(weekly.other_channel, attach_files=False, read_message_history=False)

    await look(weekly, MONDAY + 61_000)

    assert len(posts(weekly)) == 1
    assert await outcome(weekly) is Outcome.POSTED


async def test_a_schedule_that_is_changed_while_a_post_is_doubtful_brings_no_second_one(
    weekly: Stage,
) -> None:
    await lose_answer(weekly, arrives=True)
    await weekly.save(leaderboard_hour=10)

    await look(weekly, MONDAY + 2 * HOUR_MS)

    assert len(posts(weekly)) == 1


async def test_a_month_says_from_when_on_it_counts(weekly: Stage) -> None:
    await weekly.save(leaderboard_schedule=Schedule.MONTHLY)
    early = weekly.join(901, weekly.member.id, joined_at_ms=ms("2026-01-01 08:00"))
    later = weekly.join(902, weekly.admin.id, joined_at_ms=ms("2026-01-01 10:00"))
    await weekly.record_joins([early, later])

    await look(weekly, ms("2026-02-01 09:00"))

    [post] = posts(weekly)
    assert "-# 01-01-2026 – 31-01-2026" in post["description"]
    assert "Counted from 01-01-2026 09:00:00 on: joins are kept for 31 days." in post["description"]
    assert weekly.admin.mention in post["description"]
    assert weekly.member.mention not in post["description"]


async def test_disabling_the_module_ends_it(weekly: Stage) -> None:
    question = await weekly.use(weekly.admin, "disable")
    assert question.response is not None
    await weekly.admin.click(question.response, label="Delete and disable")

    await look(weekly, MONDAY)

    assert posts(weekly) == []
