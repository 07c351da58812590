"""/privacy: everybody about themselves, for nobody else to see, in every server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import simcord

from storage.joins import insert_joins
from storage.statistics.catalogue import MESSAGES_SENT, Group
from storage.statistics.changes import EventRecorded
from tests.discord_in_process import Place, controls_of, in_process, words_of
from tests.storage.rows import ORDINARY_JOIN


class Stage:
    """A server in which mia looks after her privacy."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.guild = place.guild
        self.mia = place.member

    async def use(self, who: simcord.MemberActor, command: str) -> simcord.InteractionResult:
        """Use /privacy …, whose answer must be for that person alone."""
        result = await who.slash(self.place.channel, f"privacy {command}")
        assert result.ephemeral
        return result

    async def say(self, command: str, who: simcord.MemberActor | None = None) -> str:
        """Return what mia, or somebody else, is told."""
        return words_of(await self.use(who or self.mia, command))

    async def enable(self, *modules: str) -> None:
        """Enable modules as an admin."""
        for module in modules:
            await self.place.admin.slash(self.place.channel, f"{module} enable")

    async def put_on_record(self, number: int = 3) -> None:
        """Store messages of mia's, a join of hers, and one that she brought."""
        recorder = self.place.client.parts.recorder
        now_ms = self.place.clock.now_ms()
        for _ in range(number):
            assert recorder.take(
                EventRecorded(
                    self.guild.id,
                    MESSAGES_SENT.number,
                    recorder.next_id(now_ms),
                    self.mia.id,
                    self.place.channel.id,
                )
            )
        await recorder.flush()
        joins = [
            replace(ORDINARY_JOIN, guild_id=self.guild.id, join_id=1, member_id=self.mia.id, joined_at_ms=now_ms),
            replace(
                ORDINARY_JOIN, guild_id=self.guild.id, join_id=2, member_id=5, inviter_id=self.mia.id,
                credited_inviter_id=self.mia.id, joined_at_ms=now_ms,
            ),
        ]  # fmt: skip
        async with self.place.client.parts.database.write() as tx:
            await insert_joins(tx, joins)

    async def fetch(self, sql: str) -> list[Any]:
        """Return rows of the database."""
        async with self.place.client.parts.database.read() as rx:
            return await rx.fetch_all(sql)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with in_process(tmp_path) as place:
        yield Stage(place)


def message_of(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """Return the answer, which may have taken a while."""
    message = result.response if result.response is not None else result.followups[0]
    assert message is not None
    return message


async def test_the_counts_are_zero_where_no_module_is_enabled(stage: Stage) -> None:
    answer = await stage.say("get_data")
    assert "no row holds your id" in answer
    assert "Invite tracker: Id: **0**" in answer
    assert "Serverstats: Id: **0**" in answer


async def test_the_five_counts_are_shown_per_module(stage: Stage) -> None:
    await stage.enable("invite_tracker", "serverstats")
    await stage.put_on_record()
    async with stage.place.client.parts.database.write() as tx:
        await tx.execute(
            "INSERT INTO known_invites (guild_id, code, uses, accounted_uses, max_uses, is_temporary, label) "
            "VALUES (?, 'abc', 0, 0, 0, 0, 'Link of MIA')",
            (stage.guild.id,),
        )
    result = await stage.use(stage.mia, "get_data")
    fields = {field.name: field.value for field in message_of(result).embeds[0].fields}
    tracker = (fields["Invite tracker"] or "").splitlines()
    assert tracker[0] == "Id: **2**"
    assert tracker[1] == "Username: **1**"
    assert tracker[4] == "Nickname: **0**"
    # Three messages and the sum of their day.
    assert (fields["Serverstats"] or "").startswith("Id: **4**")


async def test_deletion_is_previewed_confirmed_and_reported(stage: Stage) -> None:
    await stage.enable("invite_tracker", "serverstats")
    await stage.put_on_record()
    result = await stage.use(stage.mia, "delete_data")
    question = words_of(result)
    assert "Delete your data in this server?" in question
    assert "1 join of yours" in question
    assert "3 records of what you did" in question
    assert await stage.fetch(f"SELECT 1 FROM statistics_events WHERE user_id = {stage.mia.id}")

    await stage.mia.click(message_of(result), label="Delete my data")

    report = words_of(message_of(result))
    assert "Your data was deleted" in report
    assert "6 references to you were deleted or made anonymous" in report
    assert "The joins stay and count as before, without you" in report
    assert "Messages that I have sent here" in report
    assert "the log of the operator of this bot tells who changed settings" in report
    assert "Backups that the operator of this bot has made are not changed" in report
    assert controls_of(message_of(result)) == {}
    assert await stage.fetch(f"SELECT 1 FROM statistics_events WHERE user_id = {stage.mia.id}") == []
    assert await stage.fetch("SELECT COUNT(*) FROM statistics_events WHERE kind = 1 AND user_id IS NULL")
    assert "no row holds your id" in await stage.say("get_data")


async def test_deletion_cancelled_deletes_nothing(stage: Stage) -> None:
    await stage.enable("invite_tracker")
    await stage.put_on_record()
    result = await stage.use(stage.mia, "delete_data")
    await stage.mia.click(message_of(result), label="Cancel")
    assert "Nothing was changed" in words_of(message_of(result))
    assert await stage.fetch(f"SELECT 1 FROM joins WHERE member_id = {stage.mia.id}")


async def test_a_question_of_before_a_restart_still_works(stage: Stage) -> None:
    await stage.enable("serverstats")
    await stage.put_on_record()
    result = await stage.use(stage.mia, "delete_data")
    await stage.place.restart()
    await stage.mia.click(message_of(result), label="Delete my data")
    assert "Your data was deleted" in words_of(message_of(result))
    assert await stage.fetch(f"SELECT 1 FROM statistics_events WHERE user_id = {stage.mia.id}") == []


async def test_opting_out_and_in_work_by_the_buttons_also_after_a_restart(stage: Stage) -> None:
    result = await stage.use(stage.mia, "info")
    assert "I record what you do by your id" in words_of(result)
    await stage.place.restart()
    await stage.mia.click(message_of(result), label="Opt out")
    assert "You opted out" in words_of(message_of(result))
    assert stage.place.client.parts.recorder.is_opted_out(stage.guild.id, stage.mia.id)
    assert await stage.fetch("SELECT guild_id, user_id FROM opt_outs") == [(stage.guild.id, stage.mia.id)]
    await stage.place.restart()
    await stage.mia.click(message_of(result), label="Opt in")
    assert "I record what you do by your id" in words_of(message_of(result))
    assert not stage.place.client.parts.recorder.is_opted_out(stage.guild.id, stage.mia.id)
    assert await stage.fetch("SELECT 1 FROM opt_outs") == []


async def test_the_opt_out_outlives_an_erasure_and_this_is_said(stage: Stage) -> None:
    await stage.mia.click(message_of(await stage.use(stage.mia, "info")), label="Opt out")
    result = await stage.use(stage.mia, "delete_data")
    assert "That you opted out is kept" in words_of(result)
    await stage.mia.click(message_of(result), label="Delete my data")
    assert "There was nothing of you" in words_of(message_of(result))
    assert await stage.fetch("SELECT user_id FROM opt_outs") == [(stage.mia.id,)]


async def test_nobody_can_press_the_buttons_of_somebody_else(stage: Stage) -> None:
    """What an admin presses belongs to mia, whatever the message."""
    result = await stage.use(stage.mia, "info")
    with pytest.raises(simcord.SetupError):
        await stage.place.admin.click(message_of(result), label="Opt out")
    assert not stage.place.client.parts.recorder.is_opted_out(stage.guild.id, stage.mia.id)


async def test_admins_see_who_opted_out_and_members_do_not(stage: Stage) -> None:
    assert "Nobody has opted out" in await stage.say("opted_out", stage.place.admin)
    await stage.mia.click(message_of(await stage.use(stage.mia, "info")), label="Opt out")
    result = await stage.use(stage.place.manager, "opted_out")
    assert f"<@{stage.mia.id}>" in words_of(result)
    assert "1 person" in words_of(result)
    assert controls_of(message_of(result)) == {}
    assert "You need the permission" in await stage.say("opted_out")


async def test_the_list_of_those_who_opted_out_has_pages(stage: Stage) -> None:
    recorder = stage.place.client.parts.recorder
    for number in range(45):
        await recorder.opt_out(stage.guild.id, 1_000 + number)
    result = await stage.use(stage.place.admin, "opted_out")
    assert "45 people" in words_of(result)
    assert words_of(result).count("<@") == 20


async def test_the_servers_that_are_shared_are_named(stage: Stage) -> None:
    env = stage.place.env
    both = env.create_guild("Lighthouse *")
    both.add_member(env.create_user("zoe"))
    user = stage.place.world.get_user(stage.mia.id)
    stage.place.world.add_member(both.id, user.id)
    env.create_guild("Elsewhere")
    await env.settle()
    answer = await stage.say("shared_servers")
    assert "You and I are both in 2 servers" in answer
    assert "• Harbour" in answer
    assert "• Lighthouse \\*" in answer
    assert "Elsewhere" not in answer


async def test_use_of_privacy_is_not_on_record(stage: Stage) -> None:
    await stage.enable("serverstats")
    cog: Any = stage.place.client.get_cog("ServerstatsCommands")
    await cog.module.change_settings(
        stage.guild.id, lambda now: now.model_copy(update={"enabled_groups": frozenset({Group.COMMANDS})})
    )
    await stage.say("get_data")
    result = await stage.use(stage.mia, "info")
    await stage.mia.click(message_of(result), label="Opt out")
    await stage.place.admin.slash(stage.place.channel, "serverstats info")
    await stage.place.client.parts.recorder.flush()
    assert await stage.fetch("SELECT text FROM statistics_texts") == [("serverstats info",)]


async def test_what_goes_on_at_an_opt_out_goes_on_without_the_id_and_with_it_after_an_opt_in(
    stage: Stage,
) -> None:
    await stage.enable("serverstats")
    cog: Any = stage.place.client.get_cog("ServerstatsCommands")
    await cog.module.change_settings(
        stage.guild.id, lambda now: now.model_copy(update={"enabled_groups": frozenset({Group.VOICE})})
    )
    voice = stage.guild.create_voice_channel("Lounge")
    await stage.place.env.settle()
    stage.place.world.enter_voice(stage.guild.id, stage.mia.id, voice.id)
    await stage.place.env.settle()
    result = await stage.use(stage.mia, "info")
    await stage.mia.click(message_of(result), label="Opt out")
    await stage.place.env.advance_time(60)
    await stage.mia.click(message_of(result), label="Opt in")
    stage.place.world.leave_voice(stage.guild.id, stage.mia.id)
    await stage.place.env.settle()
    await stage.place.client.parts.recorder.flush()
    sessions = await stage.fetch(
        "SELECT user_id FROM statistics_sessions ORDER BY record_id >> 22, ended_at_ms"
    )
    assert sessions == [(stage.mia.id,), (None,), (stage.mia.id,)]


async def test_somebody_who_is_being_erased_is_not_erased_twice_at_once(stage: Stage) -> None:
    cog: Any = stage.place.client.get_cog("PrivacyCommands")
    cog.service._erasing.add((stage.guild.id, stage.mia.id))
    result = await stage.use(stage.mia, "delete_data")
    clicked = await stage.mia.click(message_of(result), label="Delete my data")
    assert "is being deleted already" in words_of(clicked)


async def test_the_owner_is_told_that_the_ownership_stays(stage: Stage) -> None:
    guild = stage.place.client.get_guild(stage.guild.id)
    assert guild is not None
    guild.owner_id = stage.mia.id
    assert "That you own this server is not mine to delete" in await stage.say("delete_data")


async def test_opting_out_and_in_is_acknowledged_before_the_database_is_written(stage: Stage) -> None:
    message = message_of(await stage.use(stage.mia, "info"))
    clicked = await stage.mia.click(message, label="Opt out")
    assert clicked.deferred
    clicked = await stage.mia.click(message, label="Opt in")
    assert clicked.deferred
    assert "I record what you do by your id" in words_of(message)


async def test_opting_in_and_out_at_the_same_moment_ends_alike_in_memory_and_on_record(stage: Stage) -> None:
    parts = stage.place.client.parts
    recorder, guild_id, mia_id = parts.recorder, stage.guild.id, stage.mia.id
    await recorder.opt_out(guild_id, mia_id)
    async with parts.database.write():
        both = asyncio.gather(recorder.opt_in(guild_id, mia_id), recorder.opt_out(guild_id, mia_id))
        await asyncio.sleep(0)
    await both
    assert await stage.fetch("SELECT user_id FROM opt_outs") == [(mia_id,)]
    assert recorder.is_opted_out(guild_id, mia_id)
