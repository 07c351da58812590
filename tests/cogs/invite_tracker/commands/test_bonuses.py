"""/invite_tracker bonus: entries that add or take, with who, when and why."""

import asyncio

import pytest

from storage.guild_modules import delete_module
from storage.invites import delete_invite_tracker_data
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, words_of


async def test_entries_add_up_and_show_in_the_counts(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, stage.member.id)])

    added = await stage.say(stage.manager, "bonus add", member=stage.member, amount=5, reason="flyers")
    taken = await stage.say(stage.manager, "bonus remove", member=stage.member, amount=2, reason="too many")

    assert f"**+5** for {stage.member.mention}" in added
    assert "6 invites now · 1 joined · 0 left · 0 fake · +5 bonus" in added
    assert "4 invites now" in taken
    assert "4 invites" in await stage.say(stage.member, "stats")
    assert "+3 bonus" in await stage.say(stage.member, "stats")


async def test_the_list_says_who_gave_how_much_and_why(stage: Stage) -> None:
    await stage.say(stage.manager, "bonus add", member=stage.member, amount=5, reason="**flyers** @everyone")
    await stage.say(stage.admin, "bonus remove", member=stage.manager, amount=2, reason="spam")

    everybody = await stage.say(stage.manager, "bonus list")
    one = await stage.say(stage.manager, "bonus list", member=stage.member)

    first, second = everybody.split("**+5**")
    assert f"**−2** {stage.manager.mention} · spam" in first
    assert f"by {stage.admin.mention}" in first
    assert "\\*\\*flyers" in second
    assert "@everyone" not in second
    assert "2 entries in all, the latest first" in everybody
    assert "spam" not in one
    assert "1 entry" in one


async def test_a_long_list_is_read_page_by_page_also_after_a_restart(stage: Stage) -> None:
    for number in range(11):
        await stage.service.grant_bonus(stage.guild.id, stage.member.id, 1, f"reason {number}.")
    shown = await stage.use(stage.manager, "bonus list")
    message = shown.response
    assert message is not None
    assert "reason 0." not in words_of(message)

    await stage.place.restart()
    await stage.manager.click(message, custom_id=control_of(message, "list.tracker.bonuses", "next", 2))

    assert "reason 0." in words_of(message)


async def test_without_entries_it_says_so(stage: Stage) -> None:
    assert "There are none." in await stage.say(stage.manager, "bonus list")


@pytest.mark.parametrize(
    ("amount", "reason", "sentence"),
    [
        (0, "why", "The amount must be a number from 1 to 1000000."),
        (2_000_000, "why", "The amount must be a number from 1 to 1000000."),
        (1, "  ", "The reason must have 1 to 200 characters."),
        (1, "x" * 201, "The reason must have 1 to 200 characters."),
    ],
    ids=["nothing", "too much", "no reason", "too long a reason"],
)
async def test_what_no_entry_can_be_is_refused(stage: Stage, amount: int, reason: str, sentence: str) -> None:
    with pytest.raises(Exception, match=sentence):
        await stage.service.grant_bonus(stage.guild.id, stage.member.id, amount, reason)
    assert "There are none." in await stage.say(stage.manager, "bonus list")


async def test_whoever_opted_out_gets_no_entry_and_is_not_named_in_one(stage: Stage) -> None:
    await stage.place.client.parts.recorder.opt_out(stage.guild.id, stage.manager.id)

    refused = await stage.say(stage.admin, "bonus add", member=stage.manager, amount=1, reason="x")
    await stage.say(stage.manager, "bonus add", member=stage.member, amount=1, reason="x")

    assert refused == f"{stage.manager.mention} opted out of being recorded in this server."
    assert "by somebody who is not named" in await stage.say(stage.admin, "bonus list")


@pytest.mark.parametrize("what", ["bonus", "reset"])
async def test_nothing_is_noted_for_a_module_that_was_disabled_a_moment_before(
    stage: Stage, what: str
) -> None:
    """It would come back with the next enabling, although all data was deleted."""
    guild_id, inviter_id = stage.guild.id, stage.member.id
    await stage.record_joins([stage.join(101, inviter_id)])
    database = stage.place.client.parts.database
    async with database.write() as tx:
        noting = asyncio.create_task(
            stage.service.grant_bonus(guild_id, inviter_id, 1, "x")
            if what == "bonus"
            else stage.service.reset(guild_id, inviter_id)
        )
        # It has found the module enabled, and waits for the writer.
        async with asyncio.timeout(10):
            while not database._writer_lock._waiters:  # noqa: ASYNC110 # nobody tells
                await asyncio.sleep(0)
        await delete_invite_tracker_data(tx, guild_id)
        await delete_module(tx, guild_id, "invite_tracker")

    with pytest.raises(Exception, match="is not enabled in this server"):
        await noting
    async with database.read() as rx:
        assert await rx.fetch_all("SELECT guild_id FROM bonuses UNION SELECT guild_id FROM resets") == []
