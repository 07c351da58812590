"""/invite_tracker reset: counts begin anew, and the last reset can be taken back."""

import pytest

from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, controls_of, words_of


async def real_invites(stage: Stage, inviter_id: int) -> int:
    return (await stage.service.fetch_counts(stage.guild.id, inviter_id)).real


async def reset(stage: Stage, command: str, **options: object) -> str:
    """Reset and confirm it."""
    question = await stage.use(stage.manager, command, **options)
    assert question.response is not None
    [yes] = [one for one in controls_of(question.response) if one.startswith("b:yes.")]
    await stage.manager.click(question.response, custom_id=yes)
    return words_of(question)


async def test_one_inviter_is_reset_after_a_question_that_names_the_amounts(stage: Stage) -> None:
    inviter = stage.member.id
    await stage.record_joins(
        [
            stage.join(101, inviter),
            stage.join(102, inviter, left_at_ms=5),
            stage.join(103, stage.admin.id),
        ]
    )
    await stage.service.grant_bonus(stage.guild.id, inviter, 3, "flyers")
    question = await stage.use(stage.manager, "reset member", member=stage.member)

    assert f"**2** joins of {stage.member.mention} will not count any more" in words_of(question)
    assert "2 joined · 1 left · 0 fake" in words_of(question)
    assert "The bonus of +3 stays" in words_of(question)
    assert await real_invites(stage, inviter) == 4
    assert question.response is not None
    await stage.manager.click(question.response, label="Reset")
    assert "2 joins do not count any more" in words_of(question)
    assert await real_invites(stage, inviter) == 3
    assert await real_invites(stage, stage.admin.id) == 1
    assert "cleared by an admin" in await stage.say(stage.member, "stats")


async def test_what_comes_after_a_reset_counts(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, stage.member.id)])
    await reset(stage, "reset member", member=stage.member)
    await stage.record_joins([stage.join(102, stage.member.id)])

    assert await real_invites(stage, stage.member.id) == 1


async def test_the_server_is_reset_at_once(stage: Stage) -> None:
    await stage.record_joins([stage.join(stage.manager.id, stage.member.id), stage.join(102, stage.admin.id)])
    await stage.record_joins([stage.join(103, None), stage.ambiguous_join(104, [stage.admin.id])])
    question = await stage.use(stage.manager, "reset server")

    assert "**3** joins of **2** inviters will not count any more" in words_of(question)
    assert question.response is not None
    await stage.manager.click(question.response, label="Reset all")
    assert "Nobody has invited anybody yet." in words_of(await stage.use(stage.member, "leaderboard"))
    explained = await stage.say(stage.manager, "explain", member=stage.manager)
    assert "cleared by a reset" in explained


async def test_resets_are_undone_one_after_the_other(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, stage.member.id), stage.join(102, stage.admin.id)])
    await reset(stage, "reset member", member=stage.member)
    await stage.record_joins([stage.join(103, stage.member.id)])
    await reset(stage, "reset server")
    counts = [await real_invites(stage, one.id) for one in (stage.member, stage.admin)]
    assert counts == [0, 0]

    last = await stage.say(stage.manager, "reset undo")
    assert "The reset of the server of" in last
    assert "2 joins count again." in last
    assert [await real_invites(stage, one.id) for one in (stage.member, stage.admin)] == [1, 1]
    first = await stage.say(stage.manager, "reset undo")
    assert f"The reset of {stage.member.mention} of" in first
    assert "1 join counts again." in first
    assert await real_invites(stage, stage.member.id) == 2
    assert (await stage.say(stage.manager, "reset undo")).startswith("There is no reset to undo")


async def test_a_reset_and_its_undo_outlive_a_restart(stage: Stage) -> None:
    await stage.record_joins([stage.join(stage.admin.id, stage.member.id)])
    question = await stage.use(stage.manager, "reset member", member=stage.member)
    message = question.response
    assert message is not None

    await stage.place.restart()
    custom_id = control_of(message, "yes.tracker.reset", stage.member.id)
    await stage.manager.click(message, custom_id=custom_id)
    assert await real_invites(stage, stage.member.id) == 0
    await stage.place.restart()
    assert await real_invites(stage, stage.member.id) == 0
    await stage.say(stage.manager, "reset undo")
    assert await real_invites(stage, stage.member.id) == 1


async def test_cancelled_nothing_is_reset(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, stage.member.id)])
    question = await stage.use(stage.manager, "reset server")
    assert question.response is not None
    await stage.manager.click(question.response, label="Cancel")

    assert await real_invites(stage, stage.member.id) == 1


@pytest.mark.parametrize("command", ["reset member", "reset server"])
async def test_confirmed_by_who_lost_the_permission_is_refused(stage: Stage, command: str) -> None:
    await stage.record_joins([stage.join(101, stage.member.id)])
    options = {"member": stage.member} if command == "reset member" else {}
    question = await stage.use(stage.manager, command, **options)
    stage.place.world.edit_member(stage.guild.id, stage.manager.id, {"role_ids": []})
    assert question.response is not None
    [yes] = [one for one in controls_of(question.response) if one.startswith("b:yes.")]

    refused = await stage.manager.click(question.response, custom_id=yes)

    assert "You need the permission" in words_of(refused)
    assert await real_invites(stage, stage.member.id) == 1


async def test_without_joins_there_is_nothing_to_reset(stage: Stage) -> None:
    one = await stage.say(stage.manager, "reset member", member=stage.member)
    everybody = await stage.say(stage.manager, "reset server")

    assert one == f"No join counts for {stage.member.mention}, so there is nothing to reset."
    assert everybody == "There are no joins that count, so there is nothing to reset."
