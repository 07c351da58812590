"""The adapter is shown real discord.py objects, made from payloads as Discord sends them."""

from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.text.discord_objects import (
    channel_facts,
    member_facts,
    member_facts_from_payload,
    send_arguments,
    server_facts,
)
from bot.text.facts import ChannelFacts, MemberFacts
from bot.text.rendering import RenderedMessage
from tests.bot.text.people import NOON_IN_WINTER_MS, SERVER

GUILD_ID = SERVER.guild_id
USER: dict[str, Any] = {
    "id": "1001",
    "username": "ada",
    "global_name": "Ada L.",
    "discriminator": "0",
    "avatar": "a_1f",
}
MEMBER: dict[str, Any] = {
    "user": USER,
    "nick": "Countess",
    "roles": ["501", "502"],
    "joined_at": "2026-01-01T12:00:00.000000+00:00",
    "premium_since": "2026-01-01T12:00:01.000000+00:00",
    "communication_disabled_until": "2026-01-01T12:01:00.000000+00:00",
    "pending": True,
    "deaf": True,
    "mute": True,
    "flags": 0,
}
NEWCOMER: dict[str, Any] = {
    "user": {"id": "1002", "username": "bob", "global_name": None, "discriminator": "0", "avatar": None},
    "roles": [],
    "joined_at": "2026-01-01T12:00:00.000000+00:00",
    "deaf": False,
    "mute": False,
    "flags": 0,
}


def role(role_id: int, position: int) -> dict[str, Any]:
    fields = {
        "name": str(role_id),
        "color": 0,
        "permissions": "0",
        "hoist": False,
        "managed": False,
        "flags": 0,
    }
    colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    return {"id": str(role_id), "position": position, "mentionable": False, "colors": colors, **fields}


def channel(channel_id: int, name: str, type_number: int) -> dict[str, Any]:
    return {
        "id": str(channel_id),
        "name": name,
        "type": type_number,
        "position": 0,
        "permission_overwrites": [],
    }


VOICE_CHANNEL = channel(606, "Garden talk", 2) | {"bitrate": 64000, "user_limit": 0}


@pytest.fixture
def state() -> Any:
    return discord.Client(intents=discord.Intents.all())._connection


@pytest.fixture
def guild(state: Any) -> discord.Guild:
    payload: Any = {
        "id": str(GUILD_ID),
        "name": "Garden",
        "description": "All about gardens",
        "afk_timeout": 300,
        "mfa_level": 1,
        "owner_id": "1001",
        "preferred_locale": "en-US",
        "premium_subscription_count": 7,
        "premium_tier": 1,
        "verification_level": 4,
        "nsfw_level": 3,
        "public_updates_channel_id": "601",
        "rules_channel_id": "602",
        "system_channel_id": "603",
        "widget_channel_id": "604",
        "member_count": 2,
        "roles": [role(GUILD_ID, 0), role(502, 1), role(501, 2)],
        "channels": [channel(number, "welcome", 0) for number in (601, 602, 603, 604)]
        + [channel(605, "news", 5), VOICE_CHANNEL],
        "members": [MEMBER, NEWCOMER],
        "voice_states": [
            {
                "user_id": "1001",
                "channel_id": "606",
                "session_id": "x",
                "deaf": True,
                "mute": True,
                "self_deaf": False,
                "self_mute": False,
                "suppress": False,
            }
        ],
    }
    return discord.Guild(data=payload, state=state)


def test_a_guild_is_described_by_its_settings(guild: discord.Guild) -> None:
    assert server_facts(guild) == SERVER


def test_levels_that_are_new_are_passed_on_by_number(state: Any) -> None:
    payload: Any = {
        "id": "5",
        "verification_level": 77,
        "nsfw_level": 78,
        "mfa_level": 79,
        "premium_tier": 80,
    }
    facts = server_facts(discord.Guild(data=payload, state=state))
    assert (facts.verification_level, facts.nsfw_level, facts.mfa_level, facts.premium_tier) == (
        77,
        78,
        79,
        80,
    )
    assert (facts.rules_channel_id, facts.description, facts.owner_id) == (None, None, None)


def test_a_channel_is_described_by_name_and_type(guild: discord.Guild) -> None:
    news = guild.get_channel(605)
    assert news is not None
    assert channel_facts(news) == ChannelFacts(channel_id=605, name="news", type_number=5)


def test_a_member_is_described_with_what_the_guild_knows(guild: discord.Guild) -> None:
    member = guild.get_member(1001)
    assert member is not None
    assert member_facts(member) == MemberFacts(
        user_id=1001,
        username="ada",
        global_name="Ada L.",
        nickname="Countess",
        is_deaf=True,
        is_mute=True,
        is_pending=True,
        joined_at_ms=NOON_IN_WINTER_MS,
        premium_since_ms=NOON_IN_WINTER_MS + 1000,
        role_ids=(501, 502),
        timed_out_until_ms=NOON_IN_WINTER_MS + 60_000,
        avatar_url="https://cdn.discordapp.com/avatars/1001/a_1f.gif?size=1024",
    )


def test_a_member_outside_voice_is_neither_deaf_nor_mute(guild: discord.Guild) -> None:
    member = guild.get_member(1002)
    assert member is not None
    facts = member_facts(member)
    assert (facts.is_deaf, facts.is_mute, facts.nickname, facts.role_ids) == (False, False, None, ())


def test_a_user_is_described_without_a_guild(state: Any) -> None:
    user: Any = USER
    assert member_facts(discord.User(state=state, data=user)) == MemberFacts(
        user_id=1001,
        username="ada",
        global_name="Ada L.",
        avatar_url="https://cdn.discordapp.com/avatars/1001/a_1f.gif?size=1024",
    )


@pytest.mark.parametrize("avatar", ["a_1f", "1f"])
def test_a_raw_user_object_tells_the_same_as_the_user(state: Any, avatar: str) -> None:
    payload: Any = USER | {"avatar": avatar}
    assert member_facts_from_payload(payload) == member_facts(discord.User(state=state, data=payload))


def test_a_raw_user_object_may_hold_only_an_id() -> None:
    assert member_facts_from_payload({"id": "7"}) == MemberFacts(user_id=7)


def test_only_the_allowed_users_are_pinged() -> None:
    message = RenderedMessage("Hi", (), (1001,))
    assert dict(send_arguments(message)["allowed_mentions"].to_dict()) == {"parse": [], "users": [1001]}
    nobody = send_arguments(replace(message, allowed_user_ids=()))
    assert dict(nobody["allowed_mentions"].to_dict()) == {"parse": [], "users": []}


def test_embeds_reach_discord_as_rendered() -> None:
    embed = {
        "title": "t",
        "description": "d",
        "url": "https://example.com",
        "color": 5,
        "timestamp": "2026-01-01T13:00:00+00:00",
        "author": {"name": "a", "icon_url": "https://example.com/a.png"},
        "footer": {"text": "f"},
        "image": {"url": "https://example.com/b.png"},
        "fields": [{"name": "n", "value": "v", "inline": False}],
    }
    arguments = send_arguments(RenderedMessage(None, (embed,), ()))
    assert arguments["content"] is None
    (sent,) = arguments["embeds"]
    assert {key: value for key, value in sent.to_dict().items() if key in embed} == embed
