"""A chart that is drawn while Discord waits for the answer."""

from pathlib import Path

import discord

from bot.charts.drawing import draw_chart
from bot.charts.studio import ChartStudio
from tests.bot.charts.examples import hourly
from tests.discord_in_process import in_process

CHART = hourly(5, 7, 6)


async def test_the_bot_answers_with_the_chart_it_had_drawn(tmp_path: Path) -> None:
    drawn: list[bytes] = []
    studio = ChartStudio(draw_seconds=60)

    async def draw(member: discord.Member) -> None:
        drawn.append(await studio.draw(CHART))

    async with in_process(tmp_path) as place:
        place.client.add_listener(draw, "on_member_join")
        place.add_member("first")
        await place.env.settle()
        place.add_member("second")
        await place.env.settle()
        assert drawn == [draw_chart(CHART)] * 2
        # Its wait for an idle process is none that Discord would wait for.
        await place.env.advance_time(3_600)
        await studio.close()
