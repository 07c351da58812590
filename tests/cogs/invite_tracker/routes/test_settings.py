"""Settings over HTTP: read, written, set back."""

import json
from typing import Any

import discord
import pytest

from cogs.invite_tracker.settings import DEFAULT_JOIN_TEMPLATE, DEFAULT_LEAVE_TEMPLATE
from storage.guild_modules import fetch_module
from tests.cogs.invite_tracker.routes.outside import Outside

REQUIRED: dict[str, Any] = {
    "join_messages_enabled": False,
    "join_message_is_embed": False,
    "leave_messages_enabled": False,
    "leave_message_is_embed": False,
    "prevent_own_invite_code": False,
}
EMBED = json.dumps({"embeds": [{"title": "Hello <user_display_name>"}]})


async def put(outside: Outside, **changes: Any) -> None:
    assert await outside.send("PUT", "/settings", **{**REQUIRED, **changes}) == {}


async def put_refused(outside: Outside, **changes: Any) -> str:
    """Return the refusal of a change; nothing may have changed."""
    before = await outside.get("/settings")
    refusal = await outside.refused("PUT", "/settings", **{**REQUIRED, **changes})
    assert await outside.get("/settings") == before
    return refusal


async def test_the_record_has_the_published_fields_in_their_order_and_then_ours(outside: Outside) -> None:
    async with outside.stage.place.client.parts.database.read() as rx:
        module = await fetch_module(rx, outside.stage.guild.id, "invite_tracker")
    assert module is not None
    record = await outside.get("/settings")
    assert list(record.items()) == [
        ("id", module.enabled_at_ms),
        ("guild_id", str(outside.stage.guild.id)),
        ("join_messages_enabled", False),
        ("join_messages_channel", None),
        ("join_message_is_embed", False),
        ("join_message_content", DEFAULT_JOIN_TEMPLATE),
        ("leave_messages_enabled", False),
        ("leave_messages_channel", None),
        ("leave_message_is_embed", False),
        ("leave_message_content", DEFAULT_LEAVE_TEMPLATE),
        ("prevent_own_invite_code", False),
        ("server_shared_invite_link", None),
        ("fake_rejoins", False),
        ("fake_without_avatar", False),
        ("fake_minimum_account_age_days", 0),
    ]


async def test_everything_can_be_set_at_once_and_is_told_in_the_log_channel(outside: Outside) -> None:
    await outside.choose_log_channel()
    link = await make_link(outside)
    channel_id = outside.stage.channel.id
    wanted = {
        "join_messages_enabled": True,
        "join_messages_channel": str(channel_id),
        "join_message_is_embed": 1,
        "join_message_content": EMBED,
        "leave_messages_enabled": True,
        "leave_messages_channel": channel_id,
        "leave_message_is_embed": 0,
        "leave_message_content": "Bye <user_display_name>",
        "prevent_own_invite_code": True,
        "server_shared_invite_link": link.removeprefix("https://"),
        "fake_rejoins": True,
        "fake_without_avatar": True,
        "fake_minimum_account_age_days": "7",
    }
    await put(outside, **wanted)
    record = await outside.get("/settings")
    del record["id"], record["guild_id"]
    assert record == wanted | {
        "join_messages_channel": str(channel_id),
        "leave_messages_channel": str(channel_id),
        "join_message_is_embed": True,
        "leave_message_is_embed": False,
        "server_shared_invite_link": link,
        "fake_minimum_account_age_days": 7,
    }
    [told] = await outside.told()
    assert "**Join messages:** off → on\n" in told
    assert f"**Channel of leave messages:** nothing → {outside.stage.channel.mention}\n" in told
    assert told.endswith("-# by an API key (`key 1`)")


async def test_a_record_can_be_sent_back_as_it_came(outside: Outside) -> None:
    await put(outside, fake_rejoins=True, join_messages_channel=outside.stage.channel.id)
    record = await outside.get("/settings")
    await outside.send("PUT", "/settings", **record)
    assert await outside.get("/settings") == record


async def test_what_is_left_out_stays_and_null_clears(outside: Outside) -> None:
    link = await make_link(outside)
    await put(
        outside,
        join_messages_channel=outside.stage.channel.id,
        join_message_content="Hello",
        server_shared_invite_link=link,
        fake_rejoins=True,
    )
    before = await outside.get("/settings")
    await put(outside, fake_rejoins=None)
    assert await outside.get("/settings") == before
    await put(
        outside,
        join_messages_channel=None,
        join_message_content=None,
        join_message_is_embed=True,
        server_shared_invite_link=None,
    )
    assert await outside.get("/settings") == before | {
        "join_messages_channel": None,
        "join_message_content": DEFAULT_JOIN_TEMPLATE,
        # The text of the beginning is not the JSON of embeds.
        "join_message_is_embed": False,
        "server_shared_invite_link": None,
    }


async def test_the_text_of_the_beginning_is_in_the_language_of_the_server(outside: Outside) -> None:
    outside.world.edit_guild(outside.stage.guild.id, {"preferred_locale": "de"})
    await outside.stage.env.settle()
    await put(outside, join_message_content=None)
    assert "Willkommen" in (await outside.get("/settings"))["join_message_content"]


async def test_each_switch_is_needed_and_must_be_one(outside: Outside) -> None:
    for name in REQUIRED:
        body = {key: value for key, value in REQUIRED.items() if key != name}
        assert await outside.refused("PUT", "/settings", **body) == f"400 BadRequestError! {name} is missing."
        assert await put_refused(outside, **{name: "yes"}) == (
            f"400 BadRequestError! {name} must be true or false."
        )


async def test_messages_that_are_on_need_a_channel_and_a_text(outside: Outside) -> None:
    for kind in ("join", "leave"):
        on: dict[str, Any] = {f"{kind}_messages_enabled": True}
        assert await put_refused(outside, **on) == (
            f"422 Unprocessable Entity! Choose a channel for {kind} messages first."
        )
        on[f"{kind}_messages_channel"] = outside.stage.channel.id
        assert await put_refused(outside, **on, **{f"{kind}_message_content": None}) == (
            f"422 Unprocessable Entity! {kind}_message_content must not be null while these messages are on."
        )


async def test_messages_that_discord_would_refuse_are_refused(outside: Outside) -> None:
    refusal = await put_refused(outside, join_message_content="{", join_message_is_embed=1)
    assert refusal.startswith("422 Unprocessable Entity! ")
    long = json.dumps({"embeds": [{"title": "x" * 257}]})
    refusal = await put_refused(outside, leave_message_content=long, leave_message_is_embed=1)
    assert "embeds[0].title" in refusal or "title" in refusal


async def test_a_channel_must_exist_and_the_bot_must_be_able_to_send_there(outside: Outside) -> None:
    refusal = await put_refused(outside, join_messages_channel=1)
    assert refusal.startswith("422 Unprocessable Entity! The channel of the join messages does not exist")
    outside.stage.place.deny_bot(outside.stage.channel, send_messages=False)
    await outside.stage.env.settle()
    refusal = await put_refused(outside, leave_messages_channel=outside.stage.channel.id)
    assert refusal.startswith("502 DiscordApiInteractionError! I need the permission Send Messages in ")


@pytest.mark.parametrize("days", [-1, 366])
async def test_an_age_out_of_range_is_refused(outside: Outside, days: int) -> None:
    refusal = await put_refused(outside, fake_minimum_account_age_days=days)
    assert refusal.startswith("422 Unprocessable Entity! fake_minimum_account_age_days must be ")


async def test_the_shared_link_must_lead_here(outside: Outside) -> None:
    assert await put_refused(outside, server_shared_invite_link="no link!") == (
        "422 Unprocessable Entity! “no link!” is not an invite: "
        "give a code such as `abc123` or a link such as `discord.gg/abc123`."
    )
    refusal = await put_refused(outside, server_shared_invite_link="x" * 5_000)
    assert refusal.startswith("422 Unprocessable Entity! “xxx")
    assert await put_refused(outside, server_shared_invite_link="nosuch") == (
        "422 Unprocessable Entity! There is no invite with the code `nosuch`."
    )


async def test_a_shared_link_that_stays_is_not_judged_again(outside: Outside) -> None:
    link = await make_link(outside)
    await put(outside, server_shared_invite_link=link)
    await outside.stage.service.delete_invite(outside.stage.guild.id, link)
    await put(outside, server_shared_invite_link=link, fake_rejoins=True)
    assert (await outside.get("/settings"))["server_shared_invite_link"] == link


async def test_of_two_who_write_at_once_both_succeed_and_neither_half_is_lost(outside: Outside) -> None:
    await outside.send_together(
        "PUT",
        "/settings",
        [
            {**REQUIRED, "fake_rejoins": True},
            {**REQUIRED, "fake_without_avatar": True},
            {**REQUIRED, "fake_minimum_account_age_days": 3},
        ],
    )
    record = await outside.get("/settings")
    assert record["fake_rejoins"]
    assert record["fake_without_avatar"]
    assert record["fake_minimum_account_age_days"] == 3


async def test_settings_are_set_back_and_everything_else_stays(outside: Outside) -> None:
    await outside.choose_log_channel()
    before = await outside.get("/settings")
    await put(outside, fake_rejoins=True, join_message_content="Hello")
    await outside.stage.record_joins([outside.stage.join(1, outside.stage.member.id)])
    assert await outside.send("DELETE", "/settings/delete") == {}
    assert await outside.get("/settings") == before
    stats = await outside.stage.service.fetch_inviter_stats(
        outside.stage.guild.id, outside.stage.member.id, 0
    )
    assert stats.counts.total == 1
    assert len(await outside.told()) == 2


async def test_where_nothing_is_enabled_there_is_nothing_to_set_back(new_outside: Outside) -> None:
    assert await new_outside.send("DELETE", "/settings/delete") == {}
    assert await new_outside.get("/status") == {"enabled": False}
    new_outside.api.key = "operator-key-of-the-tests-0123456789abcdef"
    assert await new_outside.send("DELETE", "/settings/delete", guild_id="999999999999999999") == {}


async def make_link(outside: Outside) -> str:
    guild = outside.stage.place.client.get_guild(outside.stage.guild.id)
    assert guild is not None
    channel = guild.get_channel(outside.stage.channel.id)
    assert isinstance(channel, discord.TextChannel)
    invite = await channel.create_invite(max_age=0, unique=True)
    # The bot hears of it and looks at the list.
    outside.stage.place.client.dispatch("nothing")
    await outside.stage.env.settle()
    return f"https://discord.gg/{invite.code}"
