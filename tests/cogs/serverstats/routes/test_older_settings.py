"""Settings over HTTP in the words of the older generation: its counter panel is counters now."""

from typing import Any

import pytest

from cogs.serverstats.settings import ServerstatsSettings
from storage.statistics.catalogue import Group
from tests.cogs.serverstats.routes.outside import NOTHING, OLDER_NOTHING, Outside

NOBODYS_ID = 175928847299117063
MEMBERS, ONLINE, ONLINE_WITH_ROLE, BOOSTS = 6, 2, 3, 8


async def shown(outside: Outside) -> dict[int, int]:
    """Return the types of the counters by their channels."""
    return {counter.channel_id: counter.counter_type for counter in await outside.stored_counters()}


async def test_everything_can_be_set_at_once(outside: Outside) -> None:
    members, online, boosts = (outside.voice_channel(name) for name in ("one", "two", "three"))
    role = outside.place.guild.create_role("Crew")
    await outside.put_older(
        counter_panel_enabled=True,
        counter_panel_member_count_channel=members.id,
        counter_panel_online_member_count_channel=str(online.id),
        counter_panel_server_boost_number_channel=boosts.id,
        counter_panel_custom_panels_create=[{"channel_name": "Crew", "role_id": role.id}],
        starboard_enabled=True,
        starboard_channel=outside.place.channel.id,
        starboard_count=6,
        stats_command_usage=True,
        stats_message_statistics=True,
        stats_track_bot_messages=False,
        stats_functions_reminders_statistics_enabled=True,
        stats_modules_tags_statistics_enabled=True,
    )
    assert outside.module.settings_of(outside.guild_id) == ServerstatsSettings(
        counters_enabled=True,
        counters_category_id=outside.category.id,
        starboard_enabled=True,
        enabled_groups=frozenset({Group.COMMANDS, Group.MESSAGES, Group.REMINDERS, Group.TAGS}),
        track_bot_messages=False,
    )
    *adopted, made = await outside.stored_counters()
    assert [(counter.channel_id, counter.counter_type, counter.is_adopted) for counter in adopted] == [
        (members.id, MEMBERS, True),
        (online.id, ONLINE, True),
        (boosts.id, BOOSTS, True),
    ]
    assert (made.counter_type, made.role_id, made.format) == (ONLINE_WITH_ROLE, role.id, "Crew: <value>")
    assert (
        outside.channel(members.id).name == f"Members: {len(outside.world.guilds[outside.guild_id].members)}"
    )
    assert outside.channel(made.channel_id).parent_id == outside.category.id
    [board] = outside.starboard.boards_of(outside.guild_id)
    assert (board.channel_id, board.threshold) == (outside.place.channel.id, 6)


async def test_every_older_switch_turns_its_group(outside: Outside) -> None:
    groups = {
        "stats_command_usage": Group.COMMANDS,
        "stats_message_statistics": Group.MESSAGES,
        "stats_functions_reminders_statistics_enabled": Group.REMINDERS,
        "stats_functions_giveaways_statistics_enabled": Group.GIVEAWAYS,
        "stats_modules_tempchannels_statistics_enabled": Group.TEMP_CHANNELS,
        "stats_modules_autoresponder_statistics_enabled": Group.AUTORESPONDER,
        "stats_modules_reactionroles_statistics_enabled": Group.REACTION_ROLES,
        "stats_modules_tags_statistics_enabled": Group.TAGS,
    }
    for name, group in groups.items():
        await outside.put_older(**{name: True})
        assert outside.module.require_settings(outside.guild_id).enabled_groups == {group}


async def test_what_the_older_generation_does_not_know_stays_as_it_is(outside: Outside) -> None:
    await outside.put(
        stats_voice_enabled=True, stats_messages_enabled=True, ignored_channel_ids=[outside.place.channel.id]
    )
    await outside.put_older()
    settings = outside.module.require_settings(outside.guild_id)
    assert settings.enabled_groups == {Group.VOICE}
    assert settings.ignored_channel_ids == {outside.place.channel.id}


async def test_null_lets_an_adopted_channel_be_an_ordinary_one_and_left_out_keeps_it(
    outside: Outside,
) -> None:
    members, boosts = outside.voice_channel("one"), outside.voice_channel("two")
    await outside.put_older(
        counter_panel_member_count_channel=members.id, counter_panel_server_boost_number_channel=boosts.id
    )
    await outside.put_older()
    assert await shown(outside) == {members.id: MEMBERS, boosts.id: BOOSTS}
    await outside.put_older(counter_panel_member_count_channel=None)
    assert await shown(outside) == {boosts.id: BOOSTS}
    assert members.id in outside.world.channels


async def test_another_channel_takes_the_place_of_the_one_before(outside: Outside) -> None:
    before, after = outside.voice_channel("one"), outside.voice_channel("two")
    await outside.put_older(counter_panel_member_count_channel=before.id)
    [first] = await outside.stored_counters()
    # The same again is no new counter.
    await outside.put_older(counter_panel_member_count_channel=before.id)
    assert await outside.stored_counters() == (first,)
    await outside.put_older(counter_panel_member_count_channel=after.id)
    assert await shown(outside) == {after.id: MEMBERS}


async def test_two_channels_can_change_places(outside: Outside) -> None:
    one, two = outside.voice_channel("one"), outside.voice_channel("two")
    await outside.put_older(
        counter_panel_member_count_channel=one.id, counter_panel_server_boost_number_channel=two.id
    )
    await outside.put_older(
        counter_panel_member_count_channel=two.id, counter_panel_server_boost_number_channel=one.id
    )
    assert await shown(outside) == {two.id: MEMBERS, one.id: BOOSTS}


async def test_a_counter_that_the_bot_made_is_not_released(outside: Outside) -> None:
    made = await outside.send("POST", "/counters", counter_type=MEMBERS, new_format="M: <value>")
    await outside.put_older(counter_panel_member_count_channel=None)
    assert await shown(outside) == {int(made["channel_id"]): MEMBERS}
    # Named as the channel of the panel, it is that already.
    await outside.put_older(counter_panel_member_count_channel=made["channel_id"])
    assert [counter.format for counter in await outside.stored_counters()] == ["M: <value>"]


async def test_custom_panels_are_made_and_deleted(outside: Outside) -> None:
    role = outside.place.guild.create_role("Crew")
    panels = [
        {"channel_name": "Aboard: <value>!", "role_id": str(role.id)},
        {"channel_name": "Crew", "role_id": role.id},
    ]
    await outside.choose_log_channel()
    await outside.put_older(counter_panel_custom_panels_create=panels)
    # They were not on for a moment either.
    assert not [text for text in await outside.told() if "**Counters:**" in text]
    first, second = await outside.stored_counters()
    assert (first.format, second.format) == ("Aboard: <value>!", "Crew: <value>")
    assert outside.module.require_settings(outside.guild_id).counters_enabled is False
    await outside.put_older(counter_panel_custom_panels_delete=[str(first.channel_id), first.channel_id])
    assert await outside.stored_counters() == (second,)
    assert first.channel_id not in outside.world.channels


async def test_without_a_count_the_board_keeps_its_own(outside: Outside) -> None:
    await outside.put(starboard_enabled=True, starboard_channel=outside.place.channel.id, starboard_count=5)
    await outside.put_older(starboard_enabled=True, starboard_count=None, starboard_channel=None)
    [board] = outside.starboard.boards_of(outside.guild_id)
    assert (board.channel_id, board.threshold) == (outside.place.channel.id, 5)
    assert outside.starboard.is_on(outside.guild_id)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"counter_panel_category_channel": NOBODYS_ID},
            "422 Unprocessable Entity! This server has no such category.",
        ),
        (
            {"counter_panel_member_count_channel": NOBODYS_ID},
            (
                "422 Unprocessable Entity! "
                "Only voice, stage, text and forum channels of this server can become counters."
            ),
        ),
        (
            {"counter_panel_custom_panels_create": [{"channel_name": "x", "role_id": NOBODYS_ID}]},
            "422 Unprocessable Entity! This server has no such role.",
        ),
        (
            {"counter_panel_custom_panels_delete": [NOBODYS_ID]},
            f"422 Unprocessable Entity! <#{NOBODYS_ID}> is not a counter of members with a role who are online.",
        ),
        (
            {"counter_panel_custom_panels_create": [{"channel_name": "x"}]},
            "400 BadRequestError! counter_panel_custom_panels_create.0.role_id is missing.",
        ),
        (
            {"counter_panel_custom_panels_create": [{"channel_name": " ", "role_id": NOBODYS_ID}]},
            "422 Unprocessable Entity! counter_panel_custom_panels_create.0.channel_name must not be empty.",
        ),
        (
            {"counter_panel_enabled": None},
            "400 BadRequestError! counter_panel_enabled must be true or false.",
        ),
        ({"counters_enabled": True}, "400 BadRequestError! counters_enabled is not a field of this request."),
        (
            {"starboard_enabled": True},
            "422 Unprocessable Entity! The starboard cannot be on without a channel: there is no board yet.",
        ),
    ],
)
async def test_a_refused_change_changes_nothing(
    outside: Outside, changes: dict[str, Any], refusal: str
) -> None:
    channel = outside.voice_channel("one")
    could_be = {"counter_panel_server_boost_number_channel": channel.id, "stats_command_usage": True}
    assert await outside.put_older_refused(**{**could_be, **changes}) == refusal


async def test_one_channel_cannot_show_two_numbers(outside: Outside) -> None:
    channel = outside.voice_channel("one")
    refusal = await outside.put_older_refused(
        counter_panel_member_count_channel=channel.id, counter_panel_server_boost_number_channel=channel.id
    )
    assert refusal == (
        f"422 Unprocessable Entity! <#{channel.id}> cannot be two things of the counter panel at once."
    )


async def test_more_counters_than_a_server_can_have_are_refused_before_the_first_is_made(
    outside: Outside,
) -> None:
    role = outside.place.guild.create_role("Crew")
    await outside.send("POST", "/counters", counter_type=MEMBERS, new_format="M: <value>")
    panels = [{"channel_name": "Crew", "role_id": role.id}] * 50
    assert await outside.put_older_refused(counter_panel_custom_panels_create=panels) == (
        "422 Unprocessable Entity! A server can have 50 counters; delete one first."
    )


async def test_without_permissions_nothing_is_adopted(outside: Outside) -> None:
    channel = outside.voice_channel("one")
    outside.take_bot_permission(manage_channels=False)
    refusal = await outside.put_older_refused(counter_panel_member_count_channel=channel.id)
    assert refusal == (
        f"502 DiscordApiInteractionError! I need the permission Manage Channels in <#{channel.id}> for counters."
    )


async def test_one_field_of_the_older_generation_tells_it(outside: Outside) -> None:
    mixed = {**NOTHING, "stats_command_usage": True}
    refusal = await outside.refused("PUT", "/settings", **mixed)
    assert refusal == "400 BadRequestError! counter_panel_enabled is missing."
    older = {name: value for name, value in OLDER_NOTHING.items() if name != "stats_command_usage"}
    older["counter_panel_category_channel"] = outside.category.id
    refusal = await outside.refused("PUT", "/settings", **older)
    assert refusal == "400 BadRequestError! stats_command_usage is missing."
