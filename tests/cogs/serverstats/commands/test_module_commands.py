"""/serverstats enable, disable and info."""

import sqlite3

import pytest

from bot.heartbeat_claims import PROOF_SECONDS
from bot.settings.guild_settings import GuildSettings
from storage.statistics.catalogue import Group
from storage.statistics.downtimes import Downtime, Reason, insert_downtimes
from tests.cogs.serverstats.commands.stage import DAY_MS, HOUR_MS, Stage
from tests.discord_in_process import words_of


async def test_enable_says_what_to_do_next(new_stage: Stage) -> None:
    answer = await new_stage.say(new_stage.manager, "enable")

    assert "Serverstats enabled" in answer
    assert "`/serverstats settings`" in answer
    assert new_stage.module.settings_of(new_stage.guild.id) is not None


async def test_enable_twice_is_refused(stage: Stage) -> None:
    assert await stage.say(stage.manager, "enable") == "Serverstats is enabled already."


async def test_disable_asks_with_the_numbers_and_then_deletes(bare_stage: Stage) -> None:
    stage = bare_stage
    await stage.put_on_record(*stage.events("messages/sent", 3, stage.now_ms))

    question = await stage.use(stage.manager, "disable")

    assert question.ephemeral
    assert "**3** statistics records" in words_of(question)
    assert "cannot be undone" in words_of(question)
    assert question.response is not None
    await stage.manager.click(question.response, label="Delete and disable")
    assert "Serverstats disabled" in words_of(question)
    assert stage.module.settings_of(stage.guild.id) is None


async def test_disable_cancelled_changes_nothing(stage: Stage) -> None:
    question = await stage.use(stage.manager, "disable")

    assert question.response is not None
    await stage.manager.click(question.response, label="Cancel")

    assert "Nothing was changed" in words_of(question)
    assert stage.module.settings_of(stage.guild.id) is not None


async def test_disable_confirmed_by_who_lost_the_permission_is_refused(stage: Stage) -> None:
    question = await stage.use(stage.manager, "disable")
    stage.place.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})

    assert question.response is not None
    clicked = await stage.manager.click(question.response, label="Delete and disable")

    refusal = "You need the permission Administrator or Manage Server for this."
    assert words_of(clicked.followups[-1]) == refusal
    assert stage.module.settings_of(stage.guild.id) is not None


async def test_info_shows_the_state(bare_stage: Stage) -> None:
    stage = bare_stage
    await stage.switch_on(Group.MESSAGES, Group.POLLS)
    await stage.place.client.parts.guild_settings.save(
        stage.guild.id, GuildSettings(timezone="Europe/Amsterdam"), 0
    )
    await stage.put_on_record(*stage.events("messages/sent", 3, stage.now_ms))

    for _beat in range(2):
        await stage.place.client.parts.scheduler.run_now("heartbeat")
        await stage.env.advance_time(PROOF_SECONDS)

    answer = await stage.say(stage.manager, "info")

    assert "Recording is going well." in answer
    assert "Recorded: Messages, Polls" in answer
    assert "Timezone: Europe/Amsterdam" in answer
    assert "**3** statistics records" in answer
    assert "Enabled: <t:" in answer
    assert "Times without data: none on record" in answer
    assert "Health: Waiting to be stored: 0 of at most 200,000" in answer
    assert "Last stored: <t:" in answer


async def test_info_does_not_say_that_all_is_well_while_it_is_not(stage: Stage) -> None:
    """No heartbeat is on record here, as nothing runs by itself."""
    answer = await stage.say(stage.manager, "info")

    assert "⚠ Shard 0 has not caught up yet with what happened before it began." in answer
    assert "Recording is going well." not in answer


async def test_info_says_that_nothing_is_recorded(bare_stage: Stage) -> None:
    answer = await bare_stage.say(bare_stage.manager, "info")

    assert "Nothing is being recorded: choose what is with `/serverstats settings`." in answer


async def test_info_shows_the_latest_downtimes(stage: Stage) -> None:
    now_ms = stage.now_ms
    downtimes = [
        Downtime(now_ms - ago * DAY_MS, now_ms - ago * DAY_MS + ago * HOUR_MS, Reason.AWAY)
        for ago in range(2, 6)
    ]
    overflow = Downtime(now_ms - DAY_MS, now_ms - DAY_MS + HOUR_MS, Reason.OVERFLOW, 12)
    async with stage.place.client.parts.database.write() as tx:
        await insert_downtimes(tx, [(stage.guild.id, one) for one in (*downtimes, overflow)])

    answer = await stage.say(stage.manager, "info")

    assert f"<t:{overflow.began_at_ms // 1000}:f> · 1 h · 12 records lost" in answer
    assert f"<t:{downtimes[0].began_at_ms // 1000}:f> · 2 h" in answer
    assert "… and 2 before" in answer


async def test_info_warns_while_the_database_cannot_be_written(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise sqlite3.OperationalError("disk I/O error at /secret/path")

    with monkeypatch.context() as broken:
        broken.setattr(stage.place.client.parts.database, "write", refuse)
        assert stage.recorder.take(stage.event("messages/sent", stage.now_ms))
        await stage.env.advance_time(1)

        answer = await stage.say(stage.manager, "info")

    assert "⚠ The database could not be written since <t:" in answer
    assert "records wait, and there is room for 200,000" in answer
    assert "/secret/path" not in answer


async def test_a_question_is_answered_after_a_restart(stage: Stage) -> None:
    question = await stage.use(stage.manager, "disable")

    await stage.place.restart()
    assert question.response is not None
    await stage.manager.click(question.response, label="Delete and disable")

    assert "Serverstats disabled" in words_of(question)
    assert stage.module.settings_of(stage.guild.id) is None
