"""/serverstats top."""

import discord
import pytest

from bot.charts.specs import RankingChart
from cogs.serverstats.commands.top_command import RANKED_KEYS
from storage.statistics.catalogue import KINDS, VOICE, Aggregate
from tests.cogs.serverstats.commands.stage import DAY_MS, HOUR_MS, Stage
from tests.discord_in_process import words_of


def drawn_names(stage: Stage) -> list[str]:
    """Return the names in the last picture."""
    chart = stage.charts.drawn[-1]
    assert isinstance(chart, RankingChart)
    return [row.name for row in chart.rows]


async def test_the_members_with_the_most_messages_are_mentioned_without_a_ping(stage: Stage) -> None:
    joker = stage.place.add_member("joker", nick="@everyone")
    at_ms = stage.now_ms - DAY_MS
    await stage.put_on_record(
        *stage.events("messages/sent", 5, at_ms, user_id=joker.id),
        *stage.events("messages/sent", 3, at_ms, user_id=stage.member.id),
        *stage.events("messages/sent", 9, at_ms),
    )

    result = await stage.use(stage.member, "top")

    assert f"**1.** <@{joker.id}> · **5**\n**2.** <@{stage.member.id}> · **3**" in words_of(result)
    assert "2 members in all" in words_of(result)
    assert drawn_names(stage) == ["@everyone", "mia"]
    # In an embed a mention pings nobody; in the content it might.
    assert result.response is not None
    assert result.response.content == ""


async def test_who_left_is_not_named(stage: Stage) -> None:
    await stage.put_on_record(*stage.events("messages/sent", 5, stage.now_ms, user_id=4242))

    answer = await stage.announce(stage.member, "top")

    assert "**1.** somebody who left · **5**" in answer
    assert drawn_names(stage) == ["somebody who left"]


async def test_time_in_voice_by_channel(stage: Stage) -> None:
    began_ms = stage.now_ms - 3 * HOUR_MS
    await stage.put_on_record(
        *stage.session(VOICE, began_ms, began_ms + HOUR_MS, channel_id=stage.channel.id),
        *stage.session(VOICE, began_ms, began_ms + 2 * HOUR_MS, channel_id=77),
    )

    answer = await stage.announce(stage.member, "top", what="voice", of="channels")

    assert f"**1.** <#77> · **2 h**\n**2.** <#{stage.channel.id}> · **1 h**" in answer
    assert drawn_names(stage) == ["an archived or deleted channel", "#general"]


async def test_the_picture_does_not_name_a_channel_that_not_all_readers_see(stage: Stage) -> None:
    staff = stage.hidden_channel("staff")
    stage.place.world.set_bot_overwrite(staff.id, discord.PermissionOverwrite(view_channel=True))
    await stage.env.settle()
    at_ms = stage.now_ms - DAY_MS
    await stage.put_on_record(*stage.events("messages/sent", 5, at_ms, channel_id=staff.id))

    await stage.use(stage.admin, "top", of="channels")
    assert drawn_names(stage) == ["a private channel"]

    await stage.admin.slash(staff, "serverstats top", of="channels")
    assert drawn_names(stage) == ["#staff"]


async def test_own_channels_and_the_members_of_a_channel(stage: Stage) -> None:
    at_ms = stage.now_ms - DAY_MS
    await stage.put_on_record(
        *stage.events("messages/sent", 5, at_ms, user_id=stage.member.id, channel_id=stage.channel.id),
        *stage.events("messages/sent", 2, at_ms, user_id=stage.member.id, channel_id=stage.other_channel.id),
        *stage.events("messages/sent", 4, at_ms, user_id=stage.admin.id, channel_id=stage.other_channel.id),
    )

    own = await stage.announce(stage.member, "top", of="channels", user=stage.member)
    there = await stage.announce(stage.member, "top", channel=stage.other_channel)

    assert f"**1.** <#{stage.channel.id}> · **5**\n**2.** <#{stage.other_channel.id}> · **2**" in own
    assert f"**1.** <@{stage.admin.id}> · **4**\n**2.** <@{stage.member.id}> · **2**" in there


async def test_everything_that_is_offered_can_be_ranked_by_members(stage: Stage) -> None:
    for what in RANKED_KEYS:
        kind, user_id = KINDS[what], stage.member.id
        if kind.aggregate is Aggregate.SECONDS:
            began_ms = stage.now_ms - HOUR_MS
            await stage.put_on_record(*stage.session(kind, began_ms, stage.now_ms, user_id=user_id))
        else:
            await stage.put_on_record(stage.event(what, stage.now_ms, user_id=user_id))

        answer = await stage.announce(stage.member, "top", what=what)

        assert f"**1.** <@{user_id}> · **" in answer, what


@pytest.mark.parametrize(
    ("what", "of", "sentence"),
    [
        ("voice", "names", "of: Time in voice cannot be ranked by names; choose members or channels."),
        (
            "commands/used",
            "channels",
            "of: Commands used cannot be ranked by channels; choose members or names.",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_with_what_does(
    stage: Stage, what: str, of: str, sentence: str
) -> None:
    assert await stage.say(stage.member, "top", what=what, of=of) == sentence


async def test_a_filter_that_the_kind_does_not_have_is_refused(stage: Stage) -> None:
    answer = await stage.say(stage.member, "top", what="commands/used", channel=stage.channel)

    assert answer == "channel: Commands used cannot be filtered by a channel."
