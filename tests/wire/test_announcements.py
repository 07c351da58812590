"""Join and leave messages as they stand in the channel."""

import logging
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.sandbox.switches import path_matches
from bot.sandbox.world import RouteLimit
from storage.records import Certainty
from storage.statistics.catalogue import WELCOME_CHECK_TIME, Group
from tests.wire.town import Town, town

MESSAGES = "/channels/{id}/messages"
MEMBER = "/guilds/{id}/members/{user}"


async def announce(here: Town, **changes: Any) -> None:
    """Turn on join and leave messages in the first channel."""
    await here.save(
        join_messages_enabled=True,
        join_messages_channel=here.channel.id,
        join_message_content="<user_mention> came by <inviter_display_name>, <invite_code>",
        leave_messages_enabled=True,
        leave_messages_channel=here.channel.id,
        leave_message_content="<user_display_name> of <inviter_display_name> went",
        **changes,
    )


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the bot warned of."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith(("bot.", "cogs."))
    ]


async def test_a_join_and_a_leave_are_announced_once_and_ping_only_who_joined(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        invite = here.invite()
        person = here.join(invite)
        here.world.repeat_member_add(here.guild.id, person.id)
        await here.world.until(lambda: len(here.messages()) == 1)
        here.leave(person)
        await here.world.until(lambda: len(here.messages()) == 2)
        # A second round shows that nothing more was on its way.
        other = here.join(invite)
        await here.world.until(lambda: len(here.messages()) == 3)
        allowed = [
            (request.json or {})["allowed_mentions"]
            for request in here.world.http_requests
            if request.method == "POST" and path_matches(MESSAGES, request.path)
        ]

        assert here.messages() == [
            f"<@{person.id}> came by ada, {invite.code}",
            f"{person.name} of ada went",
            f"<@{other.id}> came by ada, {invite.code}",
        ]
        assert [mentions.get("users", []) for mentions in allowed] == [[person.id], [], [other.id]]
        assert not any(mentions["parse"] for mentions in allowed)


async def test_an_ambiguous_join_is_announced_with_all_who_may_have_invited(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        first, second = here.invite(), here.invite(here.ben)
        people = [here.join(first), here.join(second)]
        await here.world.until(lambda: len(here.messages()) == 2)

        for person in people:
            assert (await here.recorded(person)).certainty is Certainty.AMBIGUOUS
        for message in here.messages():
            assert "ada or ben" in message or "ben or ada" in message
            assert first.code in message
            assert second.code in message


async def test_who_joins_and_leaves_at_once_is_announced_in_that_order(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        invite = here.invite()
        person = here.join(invite)
        here.leave(person)
        await here.world.until(lambda: len(here.messages()) == 2)

        assert here.messages() == [f"<@{person.id}> came by ada, {invite.code}", f"{person.name} of ada went"]


async def test_what_happened_while_the_bot_was_down_is_announced_but_not_twice(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        invite = here.invite()
        before = here.join(invite)
        await here.world.until(lambda: len(here.messages()) == 1)
        await here.stop()
        during = here.join(invite)
        await here.start()
        await here.world.until(lambda: len(here.messages()) == 2)
        after = here.join(invite)
        await here.world.until(lambda: len(here.messages()) == 3)

        assert [message.split()[0] for message in here.messages()] == [
            f"<@{person.id}>" for person in (before, during, after)
        ]


async def test_nothing_is_announced_unless_it_is_turned_on(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        person = here.join(here.invite())
        await here.recorded(person)
        here.leave(person)
        await here.left(person)
        await announce(here)
        await here.recorded(here.join(here.invite()))
        await here.world.until(here.messages)

        assert len(here.messages()) == 1


async def test_a_deleted_channel_is_told_once_and_costs_no_join(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path) as here:
        place = here.world.text_channel(here.guild.id, "welcome")
        await here.world.until(lambda: here.client.get_channel(place.id))
        invite = here.invite()
        await announce(here)
        await here.save(join_messages_channel=place.id)
        here.world.delete_channel(place.id)
        await here.world.until(lambda: here.client.get_channel(place.id) is None)
        joins = [await here.recorded(here.join(invite)) for _ in range(2)]
        await here.world.until(lambda: warnings(caplog))
        here.leave(here.world.users[joins[0].member_id or 0])
        await here.world.until(here.messages)

        assert [(join.certainty, join.code) for join in joins] == [(Certainty.CERTAIN, invite.code)] * 2
        assert len(warnings(caplog)) == 1
        assert "channel" in warnings(caplog)[0]


async def test_a_missing_permission_to_send_is_told_once_and_costs_no_join(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        await announce(here)
        here.world.set_bot_overwrite(here.channel.id, discord.PermissionOverwrite(send_messages=False))
        joins = [await here.recorded(here.join(invite)) for _ in range(2)]
        await here.world.until(lambda: len(here.world.requests("POST", MESSAGES)) == len(joins))
        await here.world.until(lambda: warnings(caplog))
        here.world.set_bot_overwrite(here.channel.id, discord.PermissionOverwrite(send_messages=True))
        last = here.join(invite)
        await here.world.until(here.messages)

        assert [(join.certainty, join.code) for join in joins] == [(Certainty.CERTAIN, invite.code)] * 2
        assert here.messages() == [f"<@{last.id}> came by ada, {invite.code}"]
        assert len(warnings(caplog)) == 1
        assert "Send Messages" in warnings(caplog)[0]


async def test_a_rate_limited_channel_gets_every_message_in_the_end(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        here.world.switches.route_limits.append(RouteLimit("POST", MESSAGES, 2, 0.5))
        invite = here.invite()
        people = [here.join(invite) for _ in range(6)]
        await here.world.until(lambda: len(here.messages()) == 6, timeout_s=20)

        assert sorted(message.split()[0] for message in here.messages()) == sorted(
            f"<@{person.id}>" for person in people
        )


async def test_two_broken_channels_can_be_put_right_one_after_the_other(tmp_path: Path) -> None:
    """What is not touched is not judged again, or neither could be saved because of the other."""
    async with town(tmp_path) as here:
        place = here.world.text_channel(here.guild.id, "welcome")
        await here.world.until(lambda: here.client.get_channel(place.id))
        await announce(here)
        await here.save(join_messages_channel=place.id, leave_messages_channel=place.id)
        here.world.delete_channel(place.id)
        await here.world.until(lambda: here.client.get_channel(place.id) is None)
        await here.save(fake_rejoins=True)
        await here.save(join_messages_channel=here.channel.id)
        await here.save(leave_messages_enabled=False)
        settings = (await here.service.fetch_settings(here.guild.id)).values

        assert settings.fake_rejoins
        assert settings.join_messages_channel == here.channel.id
        assert not settings.leave_messages_enabled


async def test_a_message_goes_out_although_discord_says_nothing_about_the_inviter(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        here.world.switches.fail("GET", MEMBER, drop_connection=True, times=None)
        here.world.switches.fail("GET", "/users/{id}", drop_connection=True, times=None)
        invite = here.invite()
        person = here.join(invite)
        await here.world.until(here.messages)

        assert here.messages()[0].startswith(f"<@{person.id}> came by ")
        assert invite.code in here.messages()[0]


async def test_in_a_burst_each_inviter_is_asked_for_once_and_not_for_every_message(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        invites = [here.invite(here.old_member(f"inviter{number}")) for number in range(8)]
        await here.looked()
        for number in range(24):
            here.join(invites[number % 8])
        await here.world.until(lambda: len(here.messages()) == 24, timeout_s=20)

        assert len(here.world.requests("GET", MEMBER)) == len(invites)


async def test_the_time_from_a_join_to_its_message_is_a_statistic(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        recorder = here.client.parts.recorder
        recorder.want(here.guild.id, frozenset({Group.WELCOMING}))
        await announce(here)
        here.join(here.invite())
        await here.world.until(lambda: recorder.status.waiting > 0)
        await recorder.flush()
        rows = here.execute("SELECT kind, duration_us FROM statistics_events")
    ((kind, duration_us),) = rows
    assert kind == WELCOME_CHECK_TIME.number
    assert duration_us > 0


async def test_who_opted_out_and_comes_back_is_said_goodbye_to_again(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        invite = here.invite()
        person = here.join(invite)
        await here.recorded(person)
        await here.client.parts.recorder.opt_out(here.guild.id, person.id)
        here.leave(person)
        await here.world.until(lambda: len(here.messages()) == 2)
        here.join(invite, person=person)
        await here.world.until(lambda: len(here.messages()) == 3)
        here.leave(person)
        await here.world.until(lambda: len(here.messages()) == 4)

        assert here.messages()[3] == f"{person.name} of Unknown inviter went"
