"""Channels and categories that are deleted."""

from tests.cogs.serverstats.counters.stage import Stage


async def test_a_deleted_channel_takes_its_counter_along(stage: Stage) -> None:
    counter, other = await stage.make(), await stage.make(8)
    stage.world.delete_channel(counter.channel_id)
    await stage.env.settle()
    assert await stage.counters() == (other,)
    assert stage.settings.counters_enabled


async def test_a_deleted_category_takes_all_counters_along_and_turns_them_off(stage: Stage) -> None:
    counters = [await stage.make(), await stage.make(8)]
    adopted = stage.guild.create_voice_channel("Boosts")
    await stage.service.adopt(stage.guild.id, adopted.id, 8)
    category_id = stage.settings.counters_category_id or 0

    stage.world.delete_channel(category_id)
    await stage.env.settle()

    assert await stage.counters() == ()
    assert not stage.settings.counters_enabled
    assert stage.settings.counters_category_id is None
    assert not {counter.channel_id for counter in counters} & set(stage.world.channels)
    assert adopted.id in stage.world.channels


async def test_after_a_deleted_category_a_new_counter_makes_a_new_one(stage: Stage) -> None:
    await stage.make()
    stage.world.delete_channel(stage.settings.counters_category_id or 0)
    await stage.env.settle()
    counter = await stage.make()
    assert stage.channel_of(counter).parent_id == stage.settings.counters_category_id
    assert stage.settings.counters_enabled


async def test_other_deleted_channels_change_nothing(stage: Stage) -> None:
    counter = await stage.make()
    stage.world.delete_channel(stage.other_channel.id)
    await stage.env.settle()
    assert await stage.counters() == (counter,)


async def test_during_an_outage_nothing_is_forgotten(stage: Stage) -> None:
    counter = await stage.make()
    stage.world.begin_outage(stage.guild.id)
    await stage.env.settle()
    await stage.update(after_minutes=10)
    assert await stage.counters() == (counter,)
    stage.world.end_outage(stage.guild.id)
    await stage.env.settle()
    stage.grow()
    await stage.update(after_minutes=10)
    assert stage.name_of(counter) == "Members: 6"


async def test_a_report_of_a_deletion_is_believed_only_when_discord_agrees(stage: Stage) -> None:
    counter = await stage.make()
    assert not await stage.service.check_deleted(stage.guild.id, counter.channel_id)
    assert not await stage.service.check_deleted(stage.guild.id, stage.other_channel.id)
    assert await stage.counters() == (counter,)
