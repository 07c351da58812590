"""Settings over HTTP: read, written, set back."""

from typing import Any

import discord
import pytest

from cogs.serverstats.settings import ServerstatsSettings
from cogs.serverstats.starboard.board_wishes import BoardWishes
from storage.statistics.catalogue import Group
from tests.cogs.serverstats.routes.outside import NOTHING, Outside

NOBODYS_ID = 175928847299117063


async def test_the_record_has_the_published_fields_in_their_order_and_then_ours(outside: Outside) -> None:
    record = await outside.get("/settings")
    assert list(record.items()) == [
        ("id", outside.module.enabled_at_ms(outside.guild_id)),
        ("guild_id", str(outside.guild_id)),
        ("counters_enabled", False),
        ("counters_category_id", None),
        ("starboard_enabled", False),
        ("starboard_channel_id", None),
        ("starboard_count", "3"),
        ("stats_messages_enabled", False),
        ("stats_commands_enabled", False),
        ("stats_members_enabled", False),
        ("stats_activities_enabled", False),
        ("stats_voice_enabled", False),
        ("stats_modules_autoresponder_enabled", False),
        ("stats_modules_tags_enabled", False),
        ("stats_modules_verifier_enabled", False),
        ("stats_modules_socials_enabled", False),
        ("stats_modules_rules_enabled", False),
        ("stats_modules_invite_tracker_enabled", False),
        ("stats_modules_reactionroles_enabled", False),
        ("stats_modules_welcoming_enabled", False),
        ("stats_modules_tempchannels_enabled", False),
        ("stats_modules_tickets_enabled", False),
        ("stats_modules_reminders_enabled", False),
        ("stats_modules_giveaways_enabled", False),
        ("stats_modules_polls_enabled", False),
        ("starboard_channel", None),
        ("stats_functions_reminders_enabled", False),
        ("stats_functions_giveaways_enabled", False),
        ("track_bot_messages", True),
        ("ignored_channel_ids", []),
        ("ignored_role_ids", []),
    ]


async def test_everything_can_be_set_at_once(outside: Outside) -> None:
    role = outside.place.guild.create_role("Quiet")
    await outside.put(
        counters_enabled=1,
        counters_category_id=str(outside.category.id),
        starboard_enabled=True,
        starboard_channel=outside.place.channel.id,
        starboard_count="5",
        stats_voice_enabled=True,
        stats_functions_reminders_enabled=True,
        stats_modules_polls_enabled=True,
        track_bot_messages=False,
        ignored_channel_ids=[str(outside.place.channel.id)],
        ignored_role_ids=[role.id],
    )
    assert outside.module.settings_of(outside.guild_id) == ServerstatsSettings(
        counters_enabled=True,
        counters_category_id=outside.category.id,
        starboard_enabled=True,
        enabled_groups=frozenset({Group.VOICE, Group.REMINDERS, Group.POLLS}),
        track_bot_messages=False,
        ignored_channel_ids=frozenset({outside.place.channel.id}),
        ignored_role_ids=frozenset({role.id}),
    )
    [board] = outside.starboard.boards_of(outside.guild_id)
    assert (board.channel_id, board.threshold) == (outside.place.channel.id, 5)
    record = await outside.get("/settings")
    assert record["starboard_channel_id"] == record["starboard_channel"] == str(outside.place.channel.id)
    assert record["starboard_count"] == "5"
    assert record["stats_modules_reminders_enabled"] is record["stats_functions_reminders_enabled"] is True


async def test_every_group_has_its_switch(outside: Outside) -> None:
    for group in Group:
        await outside.put(**{"stats_modules_polls_enabled": False, group.switch: True})
        assert outside.module.require_settings(outside.guild_id).enabled_groups == {group}
        assert (await outside.get("/settings"))[group.switch] is True


async def test_what_get_answers_can_be_put_and_changes_nothing(outside: Outside) -> None:
    await outside.put(
        counters_enabled=True,
        counters_category_id=outside.category.id,
        starboard_enabled=True,
        starboard_channel=outside.place.channel.id,
        starboard_count=7,
        stats_modules_polls_enabled=True,
        stats_functions_giveaways_enabled=True,
        ignored_channel_ids=[outside.place.channel.id],
    )
    await outside.choose_log_channel()
    before = await outside.get("/settings")
    assert await outside.send("PUT", "/settings", **before) == {}
    assert await outside.get("/settings") == before
    assert await outside.told() == []


async def test_what_get_answers_can_be_put_also_when_its_channels_are_gone(outside: Outside) -> None:
    left_out = outside.voice_channel("talk")
    await outside.put(counters_category_id=outside.category.id, ignored_channel_ids=[left_out.id])
    # While counters are off nobody looks whether the category is there.
    outside.world.delete_channel(left_out.id)
    before = await outside.get("/settings")
    assert await outside.send("PUT", "/settings", **before) == {}
    assert await outside.get("/settings") == before


async def test_a_change_is_told_once_in_the_log_channel_as_that_of_an_api_key(outside: Outside) -> None:
    await outside.choose_log_channel()
    await outside.put(
        counters_enabled=True, counters_category_id=outside.category.id, stats_voice_enabled=True
    )
    [told] = await outside.told()
    assert f"**Category of counters:** nothing → <#{outside.category.id}>" in told
    assert "**Counters:** off → on" in told
    assert "**Recorded:** added Voice" in told
    assert "by an API key (`key 1`)" in told


async def test_a_board_is_told_apart_from_the_settings(outside: Outside) -> None:
    await outside.choose_log_channel()
    await outside.put(starboard_enabled=True, starboard_channel=outside.place.channel.id)
    made, switched = await outside.told()
    assert "Starboard “general”" in made
    assert "**Starboard:** off → on" in switched
    await outside.put(starboard_enabled=True, starboard_count=4)
    assert "Stars needed:** 3 → 4" in (await outside.told())[2]


async def test_the_oldest_board_is_the_one_that_is_meant(outside: Outside) -> None:
    first, second = outside.place.channel, outside.place.other_channel
    await outside.put(starboard_enabled=True, starboard_channel=first.id)
    third = outside.world.text_channel(outside.guild_id, "third")
    await outside.starboard.create_board(outside.guild_id, BoardWishes(channel_id=third.id))
    await outside.put(starboard_enabled=True, starboard_channel_id=second.id, starboard_channel=second.id)
    assert [board.channel_id for board in outside.starboard.boards_of(outside.guild_id)] == [
        second.id,
        third.id,
    ]
    assert (await outside.get("/settings"))["starboard_channel_id"] == str(second.id)


async def test_a_board_can_be_made_while_the_starboard_stays_off(outside: Outside) -> None:
    await outside.choose_log_channel()
    await outside.put(starboard_channel=outside.place.channel.id, starboard_count=9)
    # It was not on for a moment either.
    [_made] = await outside.told()
    [board] = outside.starboard.boards_of(outside.guild_id)
    assert board.threshold == 9
    assert (await outside.get("/settings"))["starboard_enabled"] is False


async def test_without_a_channel_the_board_stays_as_it_is(outside: Outside) -> None:
    await outside.put(starboard_enabled=True, starboard_channel=outside.place.channel.id)
    await outside.put(starboard_channel=None)
    record = await outside.get("/settings")
    assert record["starboard_channel_id"] == str(outside.place.channel.id)
    assert record["starboard_enabled"] is False


async def test_create_makes_a_category_and_a_channel(outside: Outside) -> None:
    await outside.put(
        counters_enabled=True,
        counters_category_id="create",
        starboard_enabled=True,
        starboard_channel="create",
    )
    record = await outside.get("/settings")
    category, channel = (
        outside.channel(record[name]) for name in ("counters_category_id", "starboard_channel")
    )
    assert category.name == "📊 Server stats"
    assert channel.name == "starboard"
    # A second one moves the board that there is.
    await outside.put(starboard_enabled=True, starboard_channel="create")
    after = await outside.get("/settings")
    assert after["starboard_channel"] != record["starboard_channel"]
    assert outside.channel(after["starboard_channel"]).name == "starboard"
    assert len(outside.starboard.boards_of(outside.guild_id)) == 1
    assert after["counters_category_id"] is None


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ("stats_functions_reminders_enabled", "stats_modules_reminders_enabled", True),
        ("stats_functions_giveaways_enabled", "stats_modules_giveaways_enabled", True),
    ],
)
async def test_either_name_of_a_setting_will_do(
    outside: Outside, one: str, other: str, value: object
) -> None:
    body = {name: given for name, given in NOTHING.items() if name != one}
    await outside.send("PUT", "/settings", **body, **{other: value})
    assert (await outside.get("/settings"))[one] is value
    assert await outside.put_refused(**{one: False, other: True}) == (
        f"400 BadRequestError! The body must not have `{one}` and `{other}` with different values."
    )


async def test_the_channel_of_the_starboard_has_two_names(outside: Outside) -> None:
    body = {name: given for name, given in NOTHING.items() if name != "starboard_channel"}
    channel_id = outside.place.channel.id
    await outside.send("PUT", "/settings", **body, starboard_channel_id=channel_id)
    assert (await outside.get("/settings"))["starboard_channel"] == str(channel_id)
    await outside.put(starboard_channel=channel_id, starboard_channel_id=str(channel_id))
    assert await outside.put_refused(
        starboard_channel=channel_id, starboard_channel_id=outside.place.other_channel.id
    ) == (
        "400 BadRequestError! The body must not have `starboard_channel` and `starboard_channel_id` "
        "with different values."
    )


async def test_whether_bots_are_counted_has_two_names(outside: Outside) -> None:
    await outside.put(stats_track_bot_messages=False)
    assert (await outside.get("/settings"))["track_bot_messages"] is False
    await outside.put(track_bot_messages=1)
    assert (await outside.get("/settings"))["track_bot_messages"] is True


async def test_what_may_be_left_out_stays_as_it_is(outside: Outside) -> None:
    await outside.put(
        stats_modules_polls_enabled=True, track_bot_messages=False, ignored_channel_ids=[outside.category.id]
    )
    await outside.put()
    record = await outside.get("/settings")
    assert record["stats_modules_polls_enabled"] is True
    assert record["track_bot_messages"] is False
    assert record["ignored_channel_ids"] == [str(outside.category.id)]


async def test_what_may_not_be_left_out_is_named(outside: Outside) -> None:
    for name in NOTHING:
        body = {each: value for each, value in NOTHING.items() if each != name}
        assert await outside.refused("PUT", "/settings", **body) == f"400 BadRequestError! {name} is missing."


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"starboard_count": 0},
            "422 Unprocessable Entity! starboard_count must be greater than or equal to 1.",
        ),
        (
            {"starboard_count": 1001},
            "422 Unprocessable Entity! starboard_count must be less than or equal to 1000.",
        ),
        ({"starboard_count": "many"}, "400 BadRequestError! starboard_count must be a whole number."),
        ({"starboard_count": None}, "400 BadRequestError! starboard_count must be a whole number."),
        ({"counters_enabled": "yes"}, "400 BadRequestError! counters_enabled must be true or false."),
        ({"counters_enabled": None}, "400 BadRequestError! counters_enabled must be true or false."),
        (
            {"starboard_channel": "new"},
            "400 BadRequestError! starboard_channel must be an id: a whole number, or its digits as text.",
        ),
        (
            {"counters_category_id": 0},
            "422 Unprocessable Entity! counters_category_id must be greater than or equal to 1.",
        ),
        (
            {"counters_category_id": NOBODYS_ID},
            "422 Unprocessable Entity! This server has no such category.",
        ),
        (
            {"starboard_channel": NOBODYS_ID},
            "422 Unprocessable Entity! The channel of a starboard must be a text channel of this server.",
        ),
        (
            {"starboard_enabled": True},
            "422 Unprocessable Entity! The starboard cannot be on without a channel: there is no board yet.",
        ),
        (
            {"ignored_channel_ids": [NOBODYS_ID]},
            f"422 Unprocessable Entity! This server has no channel <#{NOBODYS_ID}>.",
        ),
        (
            {"ignored_role_ids": [NOBODYS_ID]},
            f"422 Unprocessable Entity! This server has no role <@&{NOBODYS_ID}>.",
        ),
        ({"ignored_role_ids": "1"}, "400 BadRequestError! ignored_role_ids must be a list."),
        (
            {"stats_music_enabled": True},
            "400 BadRequestError! stats_music_enabled is not a field of this request.",
        ),
    ],
)
async def test_a_refused_change_changes_nothing(
    outside: Outside, changes: dict[str, Any], refusal: str
) -> None:
    # What could be done is not done either.
    changes = {"counters_category_id": "create", "stats_voice_enabled": True, **changes}
    assert await outside.put_refused(**changes) == refusal


async def test_a_body_that_is_no_object_is_refused(outside: Outside) -> None:
    status, message = await outside.api.refusal(
        "PUT", "/modules/serverstats/settings", body=[1], with_guild=False
    )
    assert (status, message) == (400, "BadRequestError! The body must be a JSON object.")


async def test_a_category_is_no_board_and_a_channel_no_category(outside: Outside) -> None:
    assert "must be a text channel" in await outside.put_refused(starboard_channel=outside.category.id)
    assert "no such category" in await outside.put_refused(counters_category_id=outside.place.channel.id)


async def test_without_permissions_nothing_is_made(outside: Outside) -> None:
    outside.take_bot_permission(manage_channels=False)
    needed = "502 DiscordApiInteractionError! I need the permission Manage Channels"
    assert (await outside.put_refused(counters_category_id="create")).startswith(needed)
    assert (await outside.put_refused(starboard_channel="create")).startswith(needed)
    outside.world.set_bot_overwrite(
        outside.place.channel.id, discord.PermissionOverwrite(send_messages=False)
    )
    assert (await outside.put_refused(starboard_channel=outside.place.channel.id)).startswith(
        "502 DiscordApiInteractionError! I need the permissions Send Messages and Embed Links"
    )


async def test_when_discord_refuses_the_settings_stay(outside: Outside) -> None:
    outside.place.env.inject_error("POST", "/guilds/*/channels", status=403, code=50013, message="Missing")
    refusal = await outside.put_refused(
        counters_enabled=True, counters_category_id="create", stats_voice_enabled=True
    )
    assert refusal.startswith("502 DiscordApiInteractionError! Discord refused, the category was not made")


async def test_two_who_write_at_once_come_one_after_the_other(outside: Outside) -> None:
    first: dict[str, Any] = {"starboard_channel": "create", "stats_voice_enabled": True, "starboard_count": 4}
    second: dict[str, Any] = {
        "starboard_channel": "create",
        "stats_messages_enabled": True,
        "starboard_count": 8,
    }
    await outside.at_once("PUT", "/settings", {**NOTHING, **first}, {**NOTHING, **second})
    record = await outside.get("/settings")
    assert (record["stats_voice_enabled"], record["stats_messages_enabled"], record["starboard_count"]) in {
        (True, False, "4"),
        (False, True, "8"),
    }
    [board] = outside.starboard.boards_of(outside.guild_id)
    assert record["starboard_channel"] == str(board.channel_id)


async def test_deleting_the_settings_turns_everything_off_and_keeps_what_is_there(outside: Outside) -> None:
    made = await outside.send("POST", "/counters", counter_type=6, new_format="M: <value>")
    await outside.put(
        counters_enabled=True,
        counters_category_id=outside.category.id,
        starboard_enabled=True,
        starboard_channel=outside.place.channel.id,
        stats_voice_enabled=True,
        track_bot_messages=False,
    )
    assert await outside.send("DELETE", "/settings/delete") == {}
    assert outside.module.settings_of(outside.guild_id) == ServerstatsSettings()
    assert len(outside.starboard.boards_of(outside.guild_id)) == 1
    assert [counter["counter_id"] for counter in await outside.get("/counters")] == [made["counter_id"]]
    assert int(made["channel_id"]) in outside.world.channels


async def test_deleting_settings_that_there_are_none_of_is_a_success(new_outside: Outside) -> None:
    assert await new_outside.send("DELETE", "/settings/delete") == {}
    assert await new_outside.get("/status") == {"enabled": False}
