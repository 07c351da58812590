"""/serverstats overview, messages, voice, members, activities, commands and modules."""

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.charts.specs import RankingChart, TimeChart
from bot.charts.studio import ChartError
from bot.errors import HeadcountError
from bot.settings.guild_settings import GuildSettings
from bot.text.amounts import counted
from bot.text.language import Language, ngettext, speaking
from bot.ui.look import Interaction
from cogs.serverstats.commands.showing import check_channel
from storage.statistics.catalogue import (
    KINDS,
    MEMBERS_TOTAL,
    PRESENCE,
    STATUSES,
    VOICE,
    Group,
    kinds_of,
)
from storage.statistics.downtimes import Downtime, Reason, insert_downtimes
from tests.cogs.serverstats.commands.stage import DAY_MS, HOUR_MS, Stage
from tests.discord_in_process import words_of

COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("overview", {}),
    ("messages", {}),
    ("voice", {}),
    ("members", {}),
    ("activities", {}),
    ("commands", {}),
    ("modules", {"group": "modules_tickets"}),
    ("top", {}),
]
PNG = b"\x89PNG"


async def test_messages_shows_figures_and_a_chart_to_everybody(stage: Stage) -> None:
    now_ms = stage.now_ms
    await stage.put_on_record(
        *stage.events(
            "messages/sent", 6, now_ms - DAY_MS, user_id=stage.member.id, channel_id=stage.channel.id
        ),
        *stage.events("messages/sent", 3, now_ms - 8 * DAY_MS, user_id=stage.admin.id),
        *stage.events("messages/sent", 1, now_ms - 20 * DAY_MS, user_id=stage.admin.id),
        stage.event("messages/deleted", now_ms - DAY_MS),
    )

    result = await stage.use(stage.member, "messages")

    answer = words_of(result)
    assert not result.ephemeral
    assert "**6 messages** in the last 7 days" in answer
    assert "▲ +100% against the 7 days before" in answer
    assert "Deleted: **1**" in answer
    assert "Members who wrote: 1" in answer
    [chart] = stage.charts.drawn
    assert isinstance(chart, TimeChart)
    assert [series.name for series in chart.series] == ["sent", "deleted"]
    assert result.response is not None
    [attachment] = result.response.attachments
    assert attachment.filename == "messages.png"
    assert result.response.embeds[0].image.url is not None
    assert (await attachment.read()).startswith(PNG)


async def test_the_chart_comes_from_the_studio_that_draws_in_a_process_of_its_own(stage: Stage) -> None:
    stage.cog.charts = stage.studio
    await stage.put_on_record(*stage.events("messages/sent", 6, stage.now_ms))

    result = await stage.use(stage.member, "messages")

    assert result.response is not None
    [attachment] = result.response.attachments
    assert (await attachment.read()).startswith(PNG)


async def test_the_days_of_the_option_are_asked_about(stage: Stage) -> None:
    await stage.put_on_record(*stage.events("messages/sent", 4, stage.now_ms - 2 * DAY_MS))

    assert "**0 messages** today" in await stage.announce(stage.member, "messages", days=1)
    assert "**4 messages** in the last 30 days" in await stage.announce(stage.member, "messages", days=30)


async def test_messages_of_a_channel(stage: Stage) -> None:
    at_ms = stage.now_ms - DAY_MS
    await stage.put_on_record(
        *stage.events("messages/sent", 4, at_ms, channel_id=stage.channel.id),
        *stage.events("messages/sent", 7, at_ms, channel_id=stage.other_channel.id),
    )

    answer = await stage.announce(stage.member, "messages", channel=stage.other_channel)

    assert "**7 messages**" in answer
    assert "welcome" in answer


async def test_a_channel_that_the_person_cannot_see_is_refused(stage: Stage) -> None:
    """Discord offers no such channel, but a client can send what it likes."""
    secret = stage.hidden_channel("secret")
    await stage.env.settle()
    guild = stage.place.client.get_guild(stage.guild.id)
    assert guild is not None
    channel: Any = guild.get_channel(secret.id)
    member = await guild.fetch_member(stage.member.id)
    admin = await guild.fetch_member(stage.admin.id)

    with pytest.raises(HeadcountError, match="You cannot see that channel"):
        check_channel(cast("Interaction", SimpleNamespace(user=member)), channel)
    check_channel(cast("Interaction", SimpleNamespace(user=admin)), channel)


async def test_own_figures_are_for_everyone_to_show(stage: Stage) -> None:
    at_ms = stage.now_ms - DAY_MS
    await stage.put_on_record(*stage.events("messages/sent", 4, at_ms, user_id=stage.member.id))

    answer = await stage.announce(stage.member, "messages", user=stage.member)

    assert "**4 messages**" in answer
    assert "mia" in answer


@pytest.mark.parametrize("command", ["messages", "voice", "activities", "commands", "modules", "top"])
async def test_figures_of_somebody_else_need_manage_server_and_are_shown_to_that_person_alone(
    stage: Stage, command: str
) -> None:
    options = {"group": "modules_tickets"} if command == "modules" else {}

    refusal = await stage.say(stage.member, command, user=stage.admin, **options)
    result = await stage.use(stage.manager, command, user=stage.admin, **options)

    assert refusal == "You need the permission Administrator or Manage Server for this."
    assert result.ephemeral
    assert "ada" in words_of(result)


async def test_voice_shows_the_time_of_sessions(stage: Stage) -> None:
    began_ms = stage.now_ms - 3 * HOUR_MS
    await stage.put_on_record(
        *stage.session(VOICE, began_ms, began_ms + 90 * 60_000, user_id=stage.member.id, channel_id=9),
        *stage.session(VOICE, began_ms, began_ms + 30 * 60_000, user_id=stage.admin.id, channel_id=9),
    )

    answer = await stage.announce(stage.member, "voice", days=1)

    assert "**2 h** today" in answer
    assert "Busiest hour: 1 h 30 min" in answer
    assert "Sessions: 2" in answer
    assert "Members in voice: 2" in answer


async def test_members_shows_the_number_and_who_came_and_went(stage: Stage) -> None:
    now_ms = stage.now_ms
    await stage.put_on_record(
        stage.sample(MEMBERS_TOTAL, now_ms - 2 * DAY_MS, 120),
        stage.sample(MEMBERS_TOTAL, now_ms - HOUR_MS, 131),
        *[stage.event("members/joined", now_ms - DAY_MS) for _ in range(12)],
        stage.event("members/left", now_ms - DAY_MS),
    )

    answer = await stage.announce(stage.member, "members")

    assert "**131 members** now\n+11 in the last 7 days" in answer
    assert "**12** joined and **1** left" in answer
    assert len(stage.charts.drawn) == 2


async def test_activities_shows_statuses_and_what_is_played(stage: Stage) -> None:
    began_ms = stage.now_ms - 3 * HOUR_MS
    games = {"user_id": stage.member.id, "text": "**Chess**", "activity_type": 0}
    await stage.put_on_record(
        stage.sample(STATUSES, began_ms, 30, 60, 10),
        *stage.session(PRESENCE, began_ms, began_ms + HOUR_MS, **games),
    )

    answer = await stage.announce(stage.member, "activities")

    assert "Most online: 30" in answer
    assert r"**1.** \*\*Chess\*\* · **1 h**" in answer
    statuses, games_chart = stage.charts.drawn
    assert isinstance(statuses, TimeChart)
    assert [series.name for series in statuses.series] == ["online", "do not disturb", "offline"]
    assert isinstance(games_chart, RankingChart)
    assert games_chart.rows[0].name == "**Chess**"


async def test_activities_of_a_member_leave_out_the_statuses_of_the_server(stage: Stage) -> None:
    began_ms = stage.now_ms - 3 * HOUR_MS
    await stage.put_on_record(
        stage.sample(STATUSES, began_ms, 30, 60, 10),
        *stage.session(PRESENCE, began_ms, began_ms + HOUR_MS, user_id=stage.member.id, text="Chess"),
        *stage.session(PRESENCE, began_ms, began_ms + HOUR_MS, user_id=stage.admin.id, text="Go"),
    )

    answer = await stage.announce(stage.member, "activities", user=stage.member)

    assert "Chess" in answer
    assert "Go" not in answer
    assert "online" not in answer


async def test_without_the_presence_intent_activities_says_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.place.client._connection._intents, "presences", False)

    assert "has not granted this bot the Presence Intent" in await stage.say(stage.member, "activities")


async def test_commands_shows_the_most_used(stage: Stage) -> None:
    at_ms = stage.now_ms - DAY_MS
    await stage.put_on_record(
        *stage.events("commands/used", 3, at_ms, user_id=stage.member.id, text="serverstats top"),
        *stage.events("commands/used", 2, at_ms, user_id=stage.admin.id, text="privacy"),
    )

    answer = await stage.announce(stage.member, "commands")

    assert "**5 uses**" in answer
    assert answer.index("serverstats top · **3**") < answer.index("privacy · **2**")


async def test_every_module_can_be_shown(stage: Stage) -> None:
    for group in (group for group in Group if group.is_module):
        at_ms = stage.now_ms - HOUR_MS
        await stage.put_on_record(
            *(stage.event(kind.key, at_ms, duration_us=1000) for kind in kinds_of(group))
        )

        answer = await stage.announce(stage.member, "modules", group=group.value)

        for kind in kinds_of(group):
            assert f"{kind.title}: **1" in answer


async def test_the_overview_shows_what_is_recorded_and_nothing_else(stage: Stage) -> None:
    await stage.switch_on(Group.MESSAGES, Group.VOICE)
    await stage.put_on_record(
        *stage.events("messages/sent", 4, stage.now_ms, user_id=stage.member.id, channel_id=stage.channel.id)
    )

    answer = await stage.announce(stage.member, "overview")

    assert "Messages sent: **4**" in answer
    assert f"Busiest channel: <#{stage.channel.id}> · 4" in answer
    assert f"Most messages: <@{stage.member.id}> · 4" in answer
    assert "Time in voice: **0 s**" in answer
    assert "Members" not in answer
    assert "Commands used" not in answer


async def test_a_group_that_is_off_is_named_with_the_way_to_turn_it_on(bare_stage: Stage) -> None:
    for command, options in COMMANDS:
        answer = await bare_stage.say(bare_stage.member, command, **options)

        assert "recorded in this server" in answer
        assert "`/serverstats settings`" in answer


async def test_without_any_record_every_command_has_something_to_say(stage: Stage) -> None:
    # A sample is taken as soon as somebody wants it, and a use of a command is recorded, too.
    await stage.switch_on(Group.MESSAGES, Group.VOICE, Group.TICKETS)
    for command, options in COMMANDS:
        if command in {"members", "activities", "commands"}:
            continue
        assert "Nothing" in await stage.announce(stage.member, command, **options)
    assert stage.charts.drawn == []


async def test_discord_itself_refuses_days_out_of_range(stage: Stage) -> None:
    group: Any = stage.place.client.tree.get_command("serverstats")

    ranges = {
        command.name: (option.min_value, option.max_value)
        for command in group.commands
        for option in getattr(command, "parameters", ())
        if option.name == "days"
    }

    assert ranges == dict.fromkeys([command for command, _options in COMMANDS], (1, 30))


async def test_time_without_data_is_told_and_shown(stage: Stage) -> None:
    began_ms = stage.now_ms - DAY_MS
    await stage.put_on_record(*stage.events("messages/sent", 4, stage.now_ms - HOUR_MS))
    async with stage.place.client.parts.database.write() as tx:
        downtime = Downtime(began_ms, began_ms + 130 * 60_000, Reason.AWAY)
        await insert_downtimes(tx, [(stage.guild.id, downtime)])

    answer = await stage.announce(stage.member, "messages")

    assert "2 h 10 min without data" in answer
    [chart] = stage.charts.drawn
    assert isinstance(chart, TimeChart)
    assert chart.gaps == ((downtime.began_at_ms, downtime.ended_at_ms),)


async def test_a_chart_that_fails_is_replaced_by_a_sentence(stage: Stage) -> None:
    await stage.put_on_record(*stage.events("messages/sent", 4, stage.now_ms))
    stage.charts.failure = ChartError("The chart took too long to draw; try again in a moment.")

    result = await stage.use(stage.member, "messages")

    assert "**4 messages**" in words_of(result)
    assert "-# The chart took too long to draw" in words_of(result)
    assert result.response is not None
    assert result.response.attachments == []


async def test_without_attach_files_a_sentence_replaces_the_chart(stage: Stage) -> None:
    await stage.put_on_record(*stage.events("messages/sent", 4, stage.now_ms))
    stage.place.deny_bot(stage.channel, attach_files=False)
    permissions = discord.Permissions.all()
    permissions.update(administrator=False)
    stage.place.world.set_bot_permissions(stage.guild.id, permissions)
    await stage.env.settle()

    result = await stage.use(stage.member, "messages")

    assert "**4 messages**" in words_of(result)
    assert "I lack the permission Attach Files here" in words_of(result)
    assert result.response is not None
    assert result.response.attachments == []


async def test_days_are_those_of_the_timezone(stage: Stage) -> None:
    """Half past eleven in the evening of yesterday, UTC, is today in Auckland."""
    await stage.recorder.change_timezone(stage.guild.id, "Pacific/Auckland")
    late_ms = stage.now_ms // DAY_MS * DAY_MS + DAY_MS - 30 * 60_000
    await stage.put_on_record(*stage.events("messages/sent", 4, late_ms))
    stage.place.clock.skip_to(stage.now_ms + 13 * HOUR_MS)

    answer = await stage.announce(stage.member, "messages", days=1)

    assert "**4 messages** today" in answer
    assert "Pacific/Auckland" in answer


async def test_what_everybody_sees_is_in_the_language_of_the_server(stage: Stage) -> None:
    book = stage.place.client.parts.guild_settings
    await book.save(stage.guild.id, GuildSettings(language="nl"), book.version_of(stage.guild.id))
    await stage.put_on_record(*stage.events("messages/sent", 1234, stage.now_ms, user_id=stage.member.id))

    public = await stage.announce(stage.manager, "messages")
    private = await stage.say(stage.manager, "messages", user=stage.member)

    with speaking(Language.DUTCH):
        assert f"**{counted('messages', 1234)}** {_in_the_last_days(7)}" in public
        assert "1.234" in public
    assert "**1,234 messages** in the last 7 days" in private


def _in_the_last_days(count: int) -> str:
    return ngettext("in the last {count} day", "in the last {count} days", count)


def test_everything_that_is_recorded_belongs_to_a_command() -> None:
    """Each kind is shown by the command of its group."""
    shown = {Group.MESSAGES, Group.VOICE, Group.MEMBERS, Group.ACTIVITIES, Group.COMMANDS}
    assert {kind.group for kind in KINDS.values()} == shown | {group for group in Group if group.is_module}
