"""Whoever is forgotten is not brought back by an undo, and is named in no correction, reset or bonus."""

import asyncio

from bot.privacy import Person
from tests.cogs.invite_tracker.commands.stage import Stage


async def test_an_undo_brings_nobody_back_who_was_forgotten(stage: Stage) -> None:
    member, inviter = stage.member, stage.admin
    await stage.record_joins([stage.join(member.id, inviter.id)])
    await stage.say(inviter, "correct inviter", member=member, inviter=stage.manager)
    await stage.say(inviter, "bonus add", member=member, amount=1, reason="flyers")
    [module] = [one for one in stage.place.client.parts.modules if one.name == "invite_tracker"]
    assert module.privacy is not None
    person = Person(inviter.id)

    before = await module.privacy.preview_erasure(stage.guild.id, person)
    await module.privacy.erase(stage.guild.id, person)

    assert "1 correction or reset by you or about you" in [amount.words for amount in before.deleted]
    assert (await module.privacy.count_references(stage.guild.id, person)).ids == 0
    undone = await stage.say(stage.manager, "correct undo", member=member)
    assert inviter.mention not in undone
    assert inviter.mention not in await stage.say(stage.manager, "explain", member=member)
    assert "by somebody who is not named" in await stage.say(stage.manager, "bonus list")
    assert (await stage.service.fetch_counts(stage.guild.id, inviter.id)).total == 0


async def test_what_is_corrected_while_somebody_is_forgotten_does_not_keep_them(stage: Stage) -> None:
    """Their joins are taken in steps, between which admins go on."""
    inviter = stage.admin
    await stage.record_joins([stage.join(member_id, inviter.id) for member_id in range(1_001, 1_302)])
    [module] = [one for one in stage.place.client.parts.modules if one.name == "invite_tracker"]
    assert module.privacy is not None
    database = stage.place.client.parts.database

    erasing = asyncio.create_task(module.privacy.erase(stage.guild.id, Person(inviter.id)))
    names = "SELECT COUNT(*) FROM joins WHERE inviter_id = ?"
    async with asyncio.timeout(20):
        while True:
            async with database.read() as rx:
                [(named,)] = await rx.fetch_all(names, (inviter.id,))
            if named < 301:
                break
            await stage.env.advance_time(0.01)
    assert named > 0, "the test came too late to correct anything"
    await stage.service.correct_join(stage.guild.id, 1_301, inviter=None, code=None)
    while not erasing.done():
        await stage.env.advance_time(0.01)

    assert (await module.privacy.count_references(stage.guild.id, Person(inviter.id))).ids == 0
    await stage.service.undo_correction(stage.guild.id, 1_301)
    assert (await module.privacy.count_references(stage.guild.id, Person(inviter.id))).ids == 0
