"""A server and its messages as Discord sends them: JSON frames of about one kilobyte, built before anything is timed."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

import orjson

GUILD_ID = 1_100_000_000_000_000_000
BOT_ID = 1_100_000_000_000_000_001
DISCORD_EPOCH_MS = 1_420_070_400_000
CHANNELS = 40
MEMBERS = 5_000
ROLES = 30

_TALK = (
    "the a to and of is in it that you for on with this not have be are but so we just what can like "
    "if my or at me do they was all one no there your from would as get about out will know time good "
    "server event tonight anyone thanks lol yeah maybe update build check works again tomorrow déjà straße 日本 🎉"
)
_WORDS = _TALK.split()


@dataclass(frozen=True, slots=True)
class Crowd:
    """The server's parts as payloads, and how often each person and channel is heard."""

    guild: dict[str, Any]
    guild_id: int
    members: tuple[dict[str, Any], ...]
    channel_ids: tuple[int, ...]


class Zipf:
    """Draws 0 … count-1, the n-th with a weight of 1/(n+1): few are heard a lot, most hardly ever."""

    def __init__(self, count: int) -> None:
        self._bounds = list(accumulate(1 / (rank + 1) for rank in range(count)))

    def draw(self, chance: Random) -> int:
        return bisect_left(self._bounds, chance.random() * self._bounds[-1])


def build_crowd(seed: int, members: int = MEMBERS) -> Crowd:
    """Return one server with its members, roles and text channels."""
    chance = Random(seed)
    roles = [_role(number) for number in range(ROLES)]
    people = tuple(_member(chance, number, roles) for number in range(members))
    channel_ids = tuple(GUILD_ID + 10_000 + number for number in range(CHANNELS))
    guild = {
        "id": str(GUILD_ID),
        "name": "Harbour",
        "owner_id": people[0]["user"]["id"],
        "roles": [
            {**_role(0), "id": str(GUILD_ID), "name": "@everyone", "position": 0},
            *roles,
        ],
        "channels": [_channel(channel_id, number) for number, channel_id in enumerate(channel_ids)],
        "members": [*people, _bot_member()],
        "member_count": len(people) + 1,
        "presences": [],
        "voice_states": [],
        "threads": [],
        "emojis": [],
        "stickers": [],
        "features": ["COMMUNITY"],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "large": False,
        "unavailable": False,
        "preferred_locale": "en-US",
        "verification_level": 2,
        "default_message_notifications": 1,
        "explicit_content_filter": 2,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 2,
        "afk_timeout": 300,
        "system_channel_flags": 0,
    }
    return Crowd(guild, GUILD_ID, people, channel_ids)


def bot_user() -> dict[str, Any]:
    """Return the bot's own user."""
    user: dict[str, Any] = _bot_member()["user"]
    return user


def build_frames(crowd: Crowd, count: int, *, seed: int, first_ms: int) -> Iterator[bytes]:
    """Yield the messages as frames of the gateway."""
    for number, message in enumerate(build_messages(crowd, count, seed=seed, first_ms=first_ms)):
        yield orjson.dumps({"t": "MESSAGE_CREATE", "s": number + 3, "op": 0, "d": message})


def build_messages(crowd: Crowd, count: int, *, seed: int, first_ms: int) -> Iterator[dict[str, Any]]:
    """Yield payloads of MESSAGE_CREATE, eight in each millisecond from `first_ms` on."""
    chance = Random(seed)
    people, channels = Zipf(len(crowd.members)), Zipf(len(crowd.channel_ids))
    for number in range(count):
        at_ms = first_ms + number // 8
        author = crowd.members[people.draw(chance)]
        channel_id = crowd.channel_ids[channels.draw(chance)]
        message = {"guild_id": str(crowd.guild_id), **_message(chance, at_ms, number, author, channel_id)}
        draw = chance.random()
        if draw < 0.15:
            mentioned = crowd.members[people.draw(chance)]
            message["mentions"] = [{**mentioned["user"], "member": _member_part(mentioned)}]
            message["content"] = f"<@{mentioned['user']['id']}> {message['content']}"
        elif draw < 0.23:
            message["attachments"] = [_attachment(channel_id, int(message["id"]))]
        elif draw < 0.27:
            other = crowd.members[people.draw(chance)]
            answered = _message(chance, at_ms - 60_000, number, other, channel_id)
            for key in ("member", "nonce"):
                del answered[key]
            message["type"] = 19
            message["message_reference"] = {
                "type": 0,
                "message_id": answered["id"],
                "channel_id": str(channel_id),
                "guild_id": str(crowd.guild_id),
            }
            message["referenced_message"] = answered
        yield message


def write_frames(path: Path, frames: Iterator[bytes]) -> None:
    """Write one frame a line, for the processes that take them."""
    with path.open("wb") as file:
        file.writelines(frame + b"\n" for frame in frames)


def read_frames(path: Path, count: int) -> list[str]:
    """Return the first frames of a file."""
    with path.open(encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n") for line, _ in zip(file, range(count), strict=False)]


def snowflake(at_ms: int, sequence: int = 0) -> int:
    """Return an id as Discord gives it at this time."""
    return (at_ms - DISCORD_EPOCH_MS) << 22 | sequence & 0x3FFFFF


def mean_size(frames: Sequence[str]) -> float:
    """Return the mean length of the frames in bytes."""
    return sum(len(frame.encode()) for frame in frames) / len(frames)


def _message(
    chance: Random, at_ms: int, number: int, author: dict[str, Any], channel_id: int
) -> dict[str, Any]:
    length = min(60, 1 + int(chance.lognormvariate(2.0, 0.9)))
    return {
        "type": 0,
        "tts": False,
        "timestamp": _iso(at_ms),
        "pinned": False,
        "nonce": str(snowflake(at_ms, number + 1)),
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "member": _member_part(author),
        "id": str(snowflake(at_ms, number)),
        "flags": 0,
        "embeds": [],
        "edited_timestamp": None,
        "content": " ".join(chance.choices(_WORDS, k=length)),
        "components": [],
        "channel_type": 0,
        "channel_id": str(channel_id),
        "author": author["user"],
        "attachments": [],
    }


def _member_part(member: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in member.items() if key != "user"}


def _member(chance: Random, number: int, roles: Sequence[dict[str, Any]]) -> dict[str, Any]:
    user_id = snowflake(1_600_000_000_000 + number * 997, number)
    return {
        "user": {
            "username": f"person_{number}",
            "public_flags": chance.choice((0, 0, 0, 64, 256, 4194304)),
            "primary_guild": None,
            "id": str(user_id),
            "global_name": f"Person {number}",
            "display_name_styles": None,
            "discriminator": "0",
            "collectibles": None,
            "clan": None,
            "avatar_decoration_data": None,
            "avatar": f"{chance.getrandbits(128):032x}",
        },
        "roles": [role["id"] for role in chance.sample(roles, chance.randint(0, 6))],
        "premium_since": None,
        "pending": False,
        "nick": f"Nick {number}" if chance.random() < 0.3 else None,
        "mute": False,
        "joined_at": _iso(1_700_000_000_000 + number * 1_000_003),
        "flags": 0,
        "deaf": False,
        "communication_disabled_until": None,
        "banner": None,
        "avatar": None,
    }


def _bot_member() -> dict[str, Any]:
    user = {"id": str(BOT_ID), "username": "headcount", "discriminator": "0000", "avatar": None, "bot": True}
    return {
        "user": user,
        "roles": [],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "mute": False,
        "deaf": False,
        "flags": 0,
    }


def _role(number: int) -> dict[str, Any]:
    return {
        "id": str(GUILD_ID + 1_000 + number),
        "name": f"Role {number}",
        "position": number + 1,
        "permissions": "2248473465835073",
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def _channel(channel_id: int, number: int) -> dict[str, Any]:
    return {
        "id": str(channel_id),
        "type": 0,
        "name": f"channel-{number}",
        "position": number,
        "permission_overwrites": [],
        "nsfw": False,
        "topic": None,
        "last_message_id": None,
        "parent_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
    }


def _attachment(channel_id: int, message_id: int) -> dict[str, Any]:
    address = f"attachments/{channel_id}/{message_id}/photo.png?ex=68f00000&is=68eeae80&hm={message_id:064x}&"
    return {
        "id": str(message_id + 1),
        "filename": "photo.png",
        "size": 482_113,
        "url": f"https://cdn.discordapp.com/{address}",
        "proxy_url": f"https://media.discordapp.net/{address}",
        "width": 1280,
        "height": 720,
        "content_type": "image/png",
        "content_scan_version": 2,
        "placeholder": "2xcGDIKId3d/h3d4d4eIh3eAd3CH",
        "placeholder_version": 1,
    }


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="microseconds")
