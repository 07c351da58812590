"""The message about a doubtful join is edited once it is known, and never sent a second time."""

from pathlib import Path
from typing import Any

import discord
import pytest

from bot.sandbox.people import Person
from bot.sandbox.world import JoinSource, RestRequest, User
from storage.records import Certainty
from tests.wire.test_announcements import MESSAGES, announce, warnings
from tests.wire.test_confirming import all_asked, confirmed, confirming_config, says, tangled
from tests.wire.town import Town, eventually, town

MESSAGE = "/channels/{id}/messages/{message}"


def edits(here: Town) -> list[RestRequest]:
    """Return the requests that edited messages."""
    return here.world.requests("PATCH", MESSAGE)


def unshown(here: Town) -> list[Any]:
    """Return the joins whose messages do not tell what is on record."""
    return here.execute("SELECT join_id FROM join_messages WHERE changes <> 0")


async def told(here: Town, number: int) -> None:
    """Wait until so many messages were sent and are on record."""
    await here.world.until(lambda: here.execute("SELECT COUNT(*) FROM join_messages") == [(number,)])


async def edited(here: Town, number: int) -> None:
    """Wait until messages were edited so often, and that is on record."""
    await here.world.until(lambda: len(edits(here)) >= number and not unshown(here))


def about(here: Town, person: User) -> str:
    """Return the one message about a person."""
    (message,) = [text for text in here.messages() if text.startswith(f"<@{person.id}>")]
    return message


async def test_the_messages_of_two_ambiguous_joins_are_edited_once_each_and_ping_nobody(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        await announce(here)
        people, invites = await tangled(here)
        await told(here, 2)
        before = [about(here, person) for person in people]
        here.world.switches.search_delay_s = 0
        await confirmed(here, *people)
        await edited(here, 2)
        await all_asked(here)
        bodies = [
            request.json or {}
            for request in here.world.http_requests
            if request.method == "PATCH" and "/messages/" in request.path
        ]

        assert all("ada or ben" in text or "ben or ada" in text for text in before)
        assert [about(here, person) for person in people] == [
            f"<@{people[0].id}> came by ada, {invites[0].code}",
            f"<@{people[1].id}> came by ben, {invites[1].code}",
        ]
        assert len(edits(here)) == len(here.world.requests("POST", MESSAGES)) == 2
        assert [body["allowed_mentions"] for body in bodies] == [{"parse": []}] * 2


async def test_the_message_of_a_certain_join_that_is_confirmed_is_not_edited(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        await announce(here)
        here.join(here.invite())
        await told(here, 1)
        await all_asked(here)

        assert edits(here) == []


async def test_a_message_that_would_say_the_same_is_not_edited(tmp_path: Path) -> None:
    """Who came through Discovery was invited by nobody, before as after."""
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        await announce(here)
        found = here.join(source=JoinSource.DISCOVERY)
        await told(here, 1)
        await here.save(join_message_content="Welcome, <user_mention>")
        people, _ = await tangled(here)
        await told(here, 3)
        here.world.switches.search_delay_s = 0
        await confirmed(here, found, *people)
        await here.world.until(lambda: not unshown(here))

        assert edits(here) == []


async def test_the_message_of_a_join_that_was_corrected_is_edited(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        await announce(here)
        first, second = here.invite(), here.invite(here.ben)
        person = here.join(first)
        assert (await here.recorded(person)).certainty is Certainty.CERTAIN
        await told(here, 1)
        says(here, person, code=second.code, inviter_id=here.ben.id)
        here.world.switches.search_delay_s = 0
        await confirmed(here, person)
        await edited(here, 1)

        assert here.messages() == [f"<@{person.id}> came by ben, {second.code}"]


async def test_a_message_that_is_sent_after_the_repair_tells_it_in_the_end(tmp_path: Path) -> None:
    """Sending takes long; the join is known before the message is there."""
    async with town(tmp_path, config=confirming_config()) as here:
        await announce(here)
        here.world.switches.route_latency_ms["POST", MESSAGES] = (600, 600)
        people, invites = await tangled(here)
        await confirmed(here, *people)
        assert here.messages() == []
        await told(here, 2)
        await edited(here, 2)

        assert [about(here, person) for person in people] == [
            f"<@{people[0].id}> came by ada, {invites[0].code}",
            f"<@{people[1].id}> came by ben, {invites[1].code}",
        ]
        assert len(edits(here)) == 2


async def test_an_edit_that_failed_is_made_after_the_next_start(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        await announce(here)
        people, invites = await tangled(here)
        await told(here, 2)
        fault = here.world.switches.fail("PATCH", MESSAGE, status=503, times=None)
        here.world.switches.search_delay_s = 0
        await confirmed(here, *people)
        await here.world.until(lambda: fault.taken == 2)
        await here.stop()
        here.world.switches.faults.clear()
        assert len(unshown(here)) == 2
        await here.start()
        await here.world.until(lambda: not unshown(here))

        assert [about(here, person) for person in people] == [
            f"<@{people[0].id}> came by ada, {invites[0].code}",
            f"<@{people[1].id}> came by ben, {invites[1].code}",
        ]
        assert len(here.world.requests("POST", MESSAGES)) == 2


async def test_a_message_that_somebody_deleted_is_not_sent_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        await announce(here)
        people, _ = await tangled(here)
        await told(here, 2)
        owner = Person(here.world, here.guild.id, here.guild.owner_id)
        owner.delete_many(here.channel.id, list(here.world.messages[here.channel.id]))
        here.world.switches.search_delay_s = 0
        await confirmed(here, *people)
        await here.world.until(lambda: here.execute("SELECT COUNT(*) FROM join_messages") == [(0,)])

        assert here.messages() == []
        assert warnings(caplog) == []


async def test_without_access_to_the_channel_a_message_stays_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        await announce(here)
        people, _ = await tangled(here)
        await told(here, 2)
        before = here.messages()
        here.world.set_bot_overwrite(here.channel.id, discord.PermissionOverwrite(view_channel=False))
        here.world.switches.search_delay_s = 0
        await confirmed(here, *people)
        await here.world.until(lambda: here.execute("SELECT COUNT(*) FROM join_messages") == [(0,)])

        assert here.messages() == before
        assert warnings(caplog) == []


async def test_messages_that_an_admin_switched_off_are_not_edited(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        await announce(here)
        people, _ = await tangled(here)
        await told(here, 2)
        await here.save(join_messages_enabled=False)
        here.world.switches.search_delay_s = 0
        await confirmed(here, *people)
        await here.world.until(lambda: here.execute("SELECT COUNT(*) FROM join_messages") == [(0,)])

        assert edits(here) == []


async def test_of_somebody_who_opted_out_no_message_is_kept_on_record(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        await announce(here)
        hidden, other = here.newcomer(), here.newcomer()
        await here.client.parts.recorder.opt_out(here.guild.id, hidden.id)
        invite = here.invite()
        here.join(invite, person=hidden)
        await here.world.until(lambda: len(here.messages()) == 1)
        here.join(invite, person=other)
        await told(here, 1)

        async def are_asked() -> bool:
            return here.execute("SELECT COUNT(*) FROM unconfirmed_joins") == [(0,)]

        await eventually(are_asked, "all are asked about")
        joins = here.execute(
            "SELECT member_id FROM joins JOIN join_messages ON joins.join_id = join_messages.join_id"
        )
        assert joins == [(other.id,)]
