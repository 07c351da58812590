"""Edits at the same moment as other changes of a counter."""

import asyncio

from tests.cogs.serverstats.counters.stage import Stage


async def between_reading_and_writing(stage: Stage, new_format: str) -> asyncio.Task[object]:
    """Begin an edit that has read the counter and waits for its turn to write."""
    # discord.py imports an extension anew for every bot, so what was imported before is never this bot's.
    from cogs.serverstats.counters.drafts import CounterChange

    (counter,) = await stage.counters()
    change = CounterChange(format=new_format)
    return asyncio.create_task(stage.service.edit(stage.guild.id, counter.counter_id, change))


async def test_of_two_edits_at_once_none_is_lost(stage: Stage) -> None:
    await stage.make()
    database = stage.place.client.parts.database
    async with database.write() as tx:
        editing = await between_reading_and_writing(stage, "People: <value>")
        await stage.env.settle()
        await tx.execute("UPDATE counters SET goal = 100", ())
    await editing
    (now,) = await stage.counters()
    assert (now.format, now.goal) == ("People: <value>", 100)


async def test_an_edit_does_not_let_a_goal_be_announced_a_second_time(stage: Stage) -> None:
    await stage.make(goal=6, announce_channel=stage.other_channel)
    database = stage.place.client.parts.database
    async with database.write() as tx:
        editing = await between_reading_and_writing(stage, "Left: <value>")
        await stage.env.settle()
        await tx.execute("UPDATE counters SET goal_reached_at_ms = 1", ())
    await editing
    stage.grow()
    await stage.update(after_minutes=10)
    assert stage.messages() == []
    (now,) = await stage.counters()
    assert (now.format, now.goal_reached_at_ms) == ("Left: <value>", 1)
