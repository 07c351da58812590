"""Whoever is forgotten is not brought back by an undo, and is named in no correction, reset or bonus."""

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
