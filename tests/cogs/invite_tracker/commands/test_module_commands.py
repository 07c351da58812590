"""/invite_tracker enable, disable and info."""

import discord

from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import controls_of, words_of


async def test_enable_says_what_happens_now(new_stage: Stage) -> None:
    answer = await new_stage.say(new_stage.manager, "enable")

    assert "Invite tracker enabled" in answer
    assert "⚠" not in answer
    assert (await new_stage.service.fetch_settings(new_stage.guild.id)).version == 1


async def test_enable_twice_is_refused(stage: Stage) -> None:
    assert await stage.say(stage.manager, "enable") == "The invite tracker is enabled already."


async def test_enable_names_the_permissions_that_are_missing(new_stage: Stage) -> None:
    permissions = discord.Permissions.all()
    permissions.update(administrator=False, manage_guild=False)
    new_stage.place.world.set_bot_permissions(new_stage.guild.id, permissions)
    await new_stage.env.settle()

    answer = await new_stage.say(new_stage.admin, "enable")

    assert "I lack **Manage Server**" in answer
    assert "View Audit Log" not in answer


async def test_disable_asks_with_the_numbers_and_then_deletes(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, 501), stage.join(102, 501)])
    await stage.record_invites(["abc"])

    question = await stage.use(stage.manager, "disable")

    assert question.ephemeral
    assert "**2** joins, **1** known link, **0** bonus entries" in words_of(question)
    assert question.response is not None
    await stage.manager.click(question.response, label="Delete and disable")
    assert "Invite tracker disabled" in words_of(question)
    assert controls_of(question.response) == {}
    assert "not enabled in this server" in await stage.say(stage.admin, "info")


async def test_disable_cancelled_changes_nothing(stage: Stage) -> None:
    question = await stage.use(stage.manager, "disable")

    assert question.response is not None
    await stage.manager.click(question.response, label="Cancel")

    assert "Nothing was changed" in words_of(question)
    assert (await stage.service.count_stored(stage.guild.id)).joins == 0


async def test_disable_confirmed_by_who_lost_the_permission_is_refused(stage: Stage) -> None:
    question = await stage.use(stage.manager, "disable")
    stage.place.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})

    assert question.response is not None
    clicked = await stage.manager.click(question.response, label="Delete and disable")

    assert (
        words_of(clicked.followups[-1]) == "You need the permission Administrator or Manage Server for this."
    )
    assert await stage.settings()


async def test_the_question_is_answered_after_a_restart(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, 501)])
    cancelled = await stage.use(stage.manager, "disable")
    confirmed = await stage.use(stage.manager, "disable")

    await stage.place.restart()
    assert cancelled.response is not None
    await stage.manager.click(cancelled.response, label="Cancel")
    assert "Nothing was changed" in words_of(cancelled)
    assert (await stage.service.count_stored(stage.guild.id)).joins == 1
    assert confirmed.response is not None
    await stage.manager.click(confirmed.response, label="Delete and disable")

    assert "Deleted: **1** join, **0** known links, **0** bonus entries" in words_of(confirmed)
    assert "not enabled in this server" in await stage.say(stage.admin, "info")


async def test_a_question_left_open_for_a_day_deletes_nothing_by_itself(stage: Stage) -> None:
    question = await stage.use(stage.manager, "disable")

    await stage.env.advance_time(86_400)

    assert await stage.settings()
    assert question.response is not None
    await stage.manager.click(question.response, label="Delete and disable")
    assert "Invite tracker disabled" in words_of(question)


async def test_info_shows_the_state(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, 501)])

    answer = await stage.say(stage.manager, "info")

    assert "Every join is on record." in answer
    assert "Joins on record: 1" in answer
    assert "Joins are kept: 31 days" in answer
    assert "Last look at the invites: <t:" in answer
    assert "⚠" not in answer


async def test_info_names_each_missing_permission_and_what_is_lost(stage: Stage) -> None:
    permissions = discord.Permissions.all()
    permissions.update(administrator=False, manage_guild=False, view_audit_log=False, manage_channels=False)
    stage.place.world.set_bot_permissions(stage.guild.id, permissions)
    await stage.env.settle()

    answer = await stage.say(stage.manager, "info")

    assert "I lack **Manage Server**: Discord hides how often invites were used" in answer
    assert "I lack **View Audit Log**" in answer
    assert "I lack **Manage Channels**" in answer
