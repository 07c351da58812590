"""The use cases that commands do not show: adopted channels, the category, pages, the end of the module."""

import pytest

from bot.errors import DiscordRefusedError, UnprocessableEntityError
from tests.cogs.serverstats.counters.stage import Stage


async def test_an_adopted_channel_becomes_a_counter_and_keeps_its_permissions(stage: Stage) -> None:
    channel = stage.guild.create_voice_channel("how many?")
    await stage.make(8)
    before = stage.seen_guild.get_channel(channel.id)
    assert before is not None
    overwrites = dict(before.overwrites)

    await stage.service.adopt(stage.guild.id, channel.id, 6)
    await stage.env.settle()

    assert stage.world.channels[channel.id].name == "Members: 5"
    assert before.overwrites == overwrites


async def test_a_text_channel_that_shows_its_name_in_another_form_is_renamed_only_for_a_new_number(
    stage: Stage,
) -> None:
    await stage.make(8)
    await stage.service.adopt(stage.guild.id, stage.other_channel.id, 6)
    assert stage.world.channels[stage.other_channel.id].name == "members-5"
    await stage.update(after_minutes=10)
    await stage.update(after_minutes=10)
    assert len(stage.patches()) == 1
    stage.grow()
    await stage.update(after_minutes=10)
    assert stage.world.channels[stage.other_channel.id].name == "members-6"


async def test_a_released_channel_stays_and_is_renamed_no_more(stage: Stage) -> None:
    channel = stage.guild.create_voice_channel("how many?")
    await stage.make(8)
    await stage.service.adopt(stage.guild.id, channel.id, 6)

    assert await stage.service.release(stage.guild.id, channel.id)
    assert not await stage.service.release(stage.guild.id, channel.id)
    stage.grow()
    await stage.update(after_minutes=10)

    assert stage.world.channels[channel.id].name == "Members: 5"
    assert len(await stage.counters()) == 1


async def test_deleting_an_adopted_counter_leaves_its_channel(stage: Stage) -> None:
    channel = stage.guild.create_voice_channel("how many?")
    view = await stage.service.adopt(stage.guild.id, channel.id, 6)
    await stage.service.delete(stage.guild.id, view.counter.counter_id)
    assert await stage.counters() == ()
    assert channel.id in stage.world.channels


async def test_adopting_again_replaces_the_counter_of_the_channel(stage: Stage) -> None:
    channel = stage.guild.create_voice_channel("how many?")
    await stage.service.adopt(stage.guild.id, channel.id, 6)
    await stage.service.adopt(stage.guild.id, channel.id, 8)
    (counter,) = await stage.counters()
    assert (counter.counter_type, counter.is_adopted) == (8, True)


async def test_a_category_cannot_be_adopted(stage: Stage) -> None:
    category = stage.guild.create_category("Numbers")
    with pytest.raises(UnprocessableEntityError, match="Only voice, stage, text and forum channels"):
        await stage.service.adopt(stage.guild.id, category.id, 6)


async def test_a_channel_that_the_bot_may_not_rename_cannot_be_adopted(stage: Stage) -> None:
    channel = stage.guild.create_voice_channel("how many?")
    stage.place.deny_bot(channel, manage_channels=False)
    await stage.env.settle()
    with pytest.raises(DiscordRefusedError, match="Manage Channels"):
        await stage.service.adopt(stage.guild.id, channel.id, 6)


async def test_disabling_the_module_deletes_the_channels_that_were_made_and_leaves_the_others(
    stage: Stage,
) -> None:
    made = await stage.make()
    channel = stage.guild.create_voice_channel("how many?")
    await stage.service.adopt(stage.guild.id, channel.id, 8)
    assert await stage.module.count_stored(stage.guild.id) == ("**2** counters",)

    await stage.module.disable(stage.guild.id)
    await stage.env.settle()

    assert await stage.counters() == ()
    assert made.channel_id not in stage.world.channels
    assert channel.id in stage.world.channels
    await stage.update(after_minutes=10)


async def test_a_type_that_does_not_exist_is_refused(stage: Stage) -> None:
    with pytest.raises(UnprocessableEntityError, match="counter_type must be between 1 and 10, not 11"):
        await stage.service.create(stage.guild.id, 11)


@pytest.mark.parametrize("goal", [0, -1, 1_000_000_001])
async def test_a_goal_out_of_range_is_refused(stage: Stage, goal: int) -> None:
    with pytest.raises(UnprocessableEntityError, match=f"between 1 and 1000000000, not {goal}"):
        await stage.service.create(stage.guild.id, 6, goal=goal)


async def test_the_category_can_be_chosen_made_and_unset(stage: Stage) -> None:
    category = stage.guild.create_category("Numbers")
    await stage.service.set_category(stage.guild.id, category.id)
    assert stage.settings.counters_category_id == category.id
    made = await stage.service.set_category(stage.guild.id, "create")
    assert made is not None
    assert stage.settings.counters_category_id == made.id != category.id
    assert await stage.service.set_category(stage.guild.id, None) is None
    settings = stage.module.require_settings(stage.guild.id)
    assert settings.counters_category_id is None
    with pytest.raises(UnprocessableEntityError, match="no such category"):
        await stage.service.set_category(stage.guild.id, stage.other_channel.id)


async def test_pages_go_from_the_oldest_to_the_newest(stage: Stage) -> None:
    made = [await stage.make() for _ in range(5)]
    page = await stage.service.fetch_page(stage.guild.id, 2, 2)
    assert (page.counters, page.page, page.pages, page.total) == (tuple(made[2:4]), 2, 3, 5)
    assert (await stage.service.fetch_page(stage.guild.id, 9, 2)).counters == (made[4],)
