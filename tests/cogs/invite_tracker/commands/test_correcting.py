"""/invite_tracker correct: what an admin knows better stands until it is undone."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import discord

from storage.joins import fetch_joins_by_id
from storage.records import Certainty, Join, Method, Reason, Source
from tests.cogs.invite_tracker.commands.stage import Stage


async def stored(stage: Stage, join: Join) -> Join:
    """Return the join as it is on record now."""
    async with stage.place.client.parts.database.read() as rx:
        return (await fetch_joins_by_id(rx, stage.guild.id, [join.join_id]))[join.join_id]


async def real_invites(stage: Stage, inviter_id: int) -> int:
    return (await stage.service.fetch_counts(stage.guild.id, inviter_id)).real


async def test_a_correction_names_the_inviter_for_certain_and_moves_the_count(stage: Stage) -> None:
    join = stage.ambiguous_join(
        stage.member.id, [stage.admin.id, stage.manager.id], reason=Reason.SEVERAL_FIT
    )
    await stage.record_joins([join])

    answer = await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=stage.manager)

    assert f"Invited by {stage.manager.mention} with `code2`." in answer
    assert (
        f"Before: Invited by {stage.admin.mention} (`code1`) or {stage.manager.mention} (`code2`)." in answer
    )
    now = await stored(stage, join)
    assert (now.method, now.certainty, now.code) == (Method.MANUAL, Certainty.CERTAIN, "code2")
    assert (now.candidates, now.reason) == ((), None)
    assert await real_invites(stage, stage.admin.id) == 0
    assert await real_invites(stage, stage.manager.id) == 1
    assert "**certain**: an admin corrected it" in await stage.say(
        stage.manager, "inviter", member=stage.member
    )


async def test_undo_brings_back_what_was_believed_before_step_by_step(stage: Stage) -> None:
    join = stage.ambiguous_join(stage.member.id, [stage.admin.id, 501], reason=Reason.SEVERAL_FIT)
    await stage.record_joins([join])
    await stage.record_invites(["abc"])
    await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=stage.admin)
    first = await stored(stage, join)
    await stage.say(stage.manager, "correct nobody", member=stage.member)
    assert await real_invites(stage, stage.admin.id) == 0

    assert "Correction undone" in await stage.say(stage.manager, "correct undo", member=stage.member)
    assert await stored(stage, join) == first
    assert "Correction undone" in await stage.say(stage.admin, "correct undo", member=stage.member)
    assert await stored(stage, join) == join
    refused = await stage.say(stage.manager, "correct undo", member=stage.member)
    assert refused == "No admin has corrected this join."
    explained = await stage.say(stage.manager, "explain", member=stage.member)
    assert f"{stage.manager.mention} put **{stage.admin.mention} · `code1`** on record" in explained
    assert "before: several that fitted" in explained
    assert f"undone by {stage.admin.mention}" in explained


async def test_with_a_code_alone_its_owner_is_the_inviter(stage: Stage) -> None:
    join = stage.join(stage.member.id, stage.admin.id)
    await stage.record_joins([join])
    await stage.record_invites(["flyer"], inviter_id=stage.manager.id, deleted_at_ms=5)

    await stage.say(stage.manager, "correct inviter", member=stage.member, code="https://discord.gg/flyer")

    now = await stored(stage, join)
    assert (now.code, now.inviter_id, now.credited_inviter_id) == (
        "flyer",
        stage.manager.id,
        stage.manager.id,
    )


async def test_a_code_that_was_never_seen_is_refused(stage: Stage) -> None:
    join = stage.join(stage.member.id, stage.admin.id)
    await stage.record_joins([join])

    answer = await stage.say(stage.manager, "correct inviter", member=stage.member, code="nope")

    assert answer == "I have never seen an invite with the code `nope` in this server."
    assert await stored(stage, join) == join


async def test_nobody_counts_for_nobody(stage: Stage) -> None:
    join = stage.join(stage.member.id, stage.admin.id)
    await stage.record_joins([join])

    await stage.say(stage.manager, "correct nobody", member=stage.member)

    now = await stored(stage, join)
    assert (now.source, now.code, now.inviter_id, now.credited_inviter_id) == (
        Source.UNKNOWN,
        None,
        None,
        None,
    )
    again = await stage.say(stage.manager, "correct nobody", member=stage.member)
    assert again == "An admin has put this on record already."


async def test_an_earlier_join_is_corrected_by_its_number(stage: Stage) -> None:
    now_ms = stage.place.clock.now_ms()
    first = stage.join(stage.member.id, 501, code=None, joined_at_ms=now_ms - 86_400_000)
    latest = stage.join(stage.member.id, 501, code=None, is_rejoin=True)
    await stage.record_joins([first, latest])

    of_latest = await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=stage.admin)
    assert "It counts for nobody: an earlier join of theirs is on record" in of_latest
    assert await real_invites(stage, stage.admin.id) == 0
    of_first = await stage.say(
        stage.manager, "correct inviter", member=stage.member, inviter=stage.admin, join=2
    )
    assert "counts for nobody" not in of_first
    assert await real_invites(stage, stage.admin.id) == 1
    beyond = await stage.say(stage.manager, "correct nobody", member=stage.member, join=3)
    assert beyond == f"Only 2 joins of {stage.member.mention} are on record."


async def test_a_member_as_their_own_inviter_is_a_link_of_their_own(stage: Stage) -> None:
    join = stage.join(stage.member.id, stage.admin.id)
    await stage.record_joins([join])

    answer = await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=stage.member)

    assert "a link of their own, which a rule may count as fake" in answer
    assert (await stored(stage, join)).is_own_invite
    await stage.save(prevent_own_invite_code=True)
    assert await real_invites(stage, stage.member.id) == 0


async def test_a_bot_as_inviter_is_refused(stage: Stage) -> None:
    await stage.record_joins([stage.join(stage.member.id, stage.admin.id)])
    robot = stage.guild.add_member(stage.env.create_user("robot", bot=True))
    await stage.env.advance_time(60)

    answer = await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=robot)

    assert answer == "A bot invites nobody: name the person who gave the link away."


async def test_of_a_bot_it_is_corrected_who_added_it(stage: Stage) -> None:
    join = stage.join(
        stage.member.id,
        None,
        source=Source.BOT,
        code=None,
        credited_code=None,
        method=Method.NONE,
        certainty=Certainty.UNKNOWN,
    )
    await stage.record_joins([join])
    await stage.record_invites(["abc"])

    by_code = await stage.say(stage.manager, "correct inviter", member=stage.member, code="abc")
    answer = await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=stage.admin)

    assert by_code == "A bot does not come through an invite link."
    assert f"Added by {stage.admin.mention}." in answer
    assert (await stored(stage, join)).credited_inviter_id is None


async def test_whoever_opted_out_is_not_put_on_record(stage: Stage) -> None:
    join = stage.join(stage.member.id, stage.admin.id)
    await stage.record_joins([join])
    await stage.place.client.parts.recorder.opt_out(stage.guild.id, stage.manager.id)

    answer = await stage.say(stage.admin, "correct inviter", member=stage.member, inviter=stage.manager)
    await stage.say(stage.manager, "correct nobody", member=stage.member)

    assert answer == f"{stage.manager.mention} opted out of being recorded in this server."
    explained = await stage.say(stage.admin, "explain", member=stage.member)
    assert "somebody who is not named put **nobody known** on record" in explained


async def test_a_link_of_somebody_who_opted_out_names_nobody(stage: Stage) -> None:
    join = stage.join(stage.member.id, stage.manager.id)
    await stage.record_joins([join])
    await stage.record_invites(["theirs"], inviter_id=stage.admin.id)
    await stage.place.client.parts.recorder.opt_out(stage.guild.id, stage.admin.id)

    answer = await stage.say(stage.manager, "correct inviter", member=stage.member, code="theirs")

    assert stage.admin.mention not in answer
    now = await stored(stage, join)
    assert (now.code, now.inviter_id, now.credited_inviter_id) == ("theirs", None, None)


async def test_without_a_join_on_record_there_is_nothing_to_correct(stage: Stage) -> None:
    for command in ("correct nobody", "correct undo"):
        answer = await stage.say(stage.manager, command, member=stage.member)
        assert f"No join of {stage.member.mention} is on record" in answer


async def test_without_inviter_and_code_nothing_happens(stage: Stage) -> None:
    join = stage.join(stage.member.id, stage.admin.id)
    await stage.record_joins([join])

    answer = await stage.say(stage.manager, "correct inviter", member=stage.member)

    assert answer.startswith("Name the inviter or the code")
    assert await stored(stage, join) == join


async def test_the_join_message_tells_what_was_corrected(stage: Stage) -> None:
    await stage.save(
        join_messages_channel=stage.other_channel.id,
        join_messages_enabled=True,
        join_message_content="<user_mention> by <inviter_mention>",
    )
    await stage.use(stage.manager, "create")
    [invite] = stage.place.world.live_invites(stage.guild.id)
    newcomer = stage.env.create_user("newcomer")
    stage.place.world.join(stage.guild.id, newcomer.id, code=invite.code)
    await stage.env.advance_time(60)

    async def message() -> str:
        await stage.env.advance_time(60)
        [one] = stage.place.world.messages[stage.other_channel.id].values()
        return str(one.content)

    assert stage.manager.mention in await message()
    await stage.say(stage.manager, "correct inviter", member=newcomer, inviter=stage.admin)
    assert stage.admin.mention in await message()
    await stage.say(stage.manager, "correct undo", member=newcomer)
    assert stage.manager.mention in await message()


async def test_a_join_message_is_edited_after_an_outage_in_which_the_channels_are_not_known(
    stage: Stage,
) -> None:
    await stage.save(
        join_messages_channel=stage.other_channel.id,
        join_messages_enabled=True,
        join_message_content="<user_mention> by <inviter_mention>",
    )
    await stage.use(stage.manager, "create")
    [invite] = stage.place.world.live_invites(stage.guild.id)
    newcomer = stage.env.create_user("newcomer")
    stage.place.world.join(stage.guild.id, newcomer.id, code=invite.code)
    await stage.env.advance_time(60)
    guild = stage.place.client.get_guild(stage.guild.id)
    assert guild is not None
    channels = dict(guild._channels)

    # As Discord's first word of a server in an outage leaves it.
    guild.unavailable = True
    guild._channels.clear()
    inviter = cast("discord.User", SimpleNamespace(id=stage.admin.id, bot=False))
    await stage.service.correct_join(stage.guild.id, newcomer.id, inviter=inviter, code=None)
    await stage.env.advance_time(60)
    guild._channels.update(channels)
    guild.unavailable = False
    # It is seen an hour later at the latest, when there is something else to do.
    await stage.env.advance_time(3_600)
    another = stage.env.create_user("another")
    stage.place.world.join(stage.guild.id, another.id, code=invite.code)
    await stage.env.advance_time(120)

    first, _second = stage.place.world.messages[stage.other_channel.id].values()
    assert stage.admin.mention in str(first.content)


async def test_after_an_undo_a_doubtful_join_waits_to_be_confirmed_again(stage: Stage) -> None:
    join = stage.ambiguous_join(stage.member.id, [stage.admin.id, 501])
    await stage.record_joins([join])
    await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=stage.admin)
    assert await waiting(stage) == []

    await stage.say(stage.manager, "correct undo", member=stage.member)

    assert await waiting(stage) == [join.join_id]


async def waiting(stage: Stage) -> list[int]:
    async with stage.place.client.parts.database.read() as rx:
        return [join_id for (join_id,) in await rx.fetch_all("SELECT join_id FROM unconfirmed_joins")]


async def test_a_correction_leaves_each_use_of_a_link_with_one_join_and_so_does_its_undo(
    stage: Stage,
) -> None:
    """Two came, and each of two links was used once: if the first came by the second link, the other did by the first."""
    inviters = [stage.admin.id, stage.manager.id]
    first = stage.ambiguous_join(stage.member.id, inviters, reason=Reason.SEVERAL_FIT)
    second = replace(
        stage.ambiguous_join(502, inviters, reason=Reason.SEVERAL_FIT),
        credited_code="code2",
        credited_inviter_id=stage.manager.id,
    )
    await stage.record_joins([first, second])

    await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=stage.manager)
    assert [await real_invites(stage, inviter_id) for inviter_id in inviters] == [1, 1]
    assert (await stored(stage, second)).certainty is Certainty.AMBIGUOUS
    await stage.say(stage.manager, "correct undo", member=stage.member)
    assert await stored(stage, first) == first
    assert await stored(stage, second) == second


async def test_who_was_here_before_counts_as_such_whoever_invited_them(stage: Stage) -> None:
    """They joined longer ago than statistics look back, and count from when they were put on record."""
    await stage.save(count_existing=True)
    here = stage.join(stage.member.id, stage.admin.id, source=Source.EXISTING, joined_at_ms=1_000)
    await stage.record_joins([here])
    assert await real_invites(stage, stage.admin.id) == 1

    answer = await stage.say(stage.manager, "correct inviter", member=stage.member, inviter=stage.manager)
    assert f"Was here before I began to track, invited by {stage.manager.mention}" in answer
    assert (await stored(stage, here)).source is Source.EXISTING
    assert await real_invites(stage, stage.admin.id) == 0
    assert await real_invites(stage, stage.manager.id) == 1
