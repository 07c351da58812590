"""Findings and servers for the tests of the doctor."""

from typing import Any

import discord

from bot.doctor.findings import Area, Finding, Severity
from bot.doctor.server import SeenServer

BOT_ID = 10
GUILD_ID = 1


def finding(severity: Severity = Severity.FINE, **fields: Any) -> Finding:
    """Return a finding about the database, unless the fields say otherwise."""
    given: dict[str, Any] = {
        "check": "database.sound",
        "severity": severity,
        "area": Area.DATABASE,
        "subject": "Database",
        "sentence": "It is sound.",
    }
    return Finding(**given | fields)


def seen_server(
    roles: dict[int, int], held_role_ids: list[int], *, permissions: int = discord.Permissions.all().value
) -> SeenServer:
    """Return a server whose roles stand at these positions, with the bot holding some of them."""
    # Never connected: it only gives discord.py's models the state that they are made with.
    state = discord.Client(intents=discord.Intents.none())._connection
    guild = discord.Guild(
        state=state,
        data={  # type: ignore[typeddict-item] # a test has no need of the rest
            "id": str(GUILD_ID),
            "name": "Harbour",
            "owner_id": "99",
            "roles": [_role(GUILD_ID, 0, permissions)]
            + [_role(role_id, position, permissions) for role_id, position in roles.items()],
        },
    )
    me = discord.Member(
        data={  # type: ignore[typeddict-item]
            "user": {"id": str(BOT_ID), "username": "headcount", "discriminator": "0", "avatar": None},
            "roles": [str(role_id) for role_id in held_role_ids],
            "joined_at": None,
            "flags": 0,
        },
        guild=guild,
        state=state,
    )
    return SeenServer(guild, me, {})


def _role(role_id: int, position: int, permissions: int) -> Any:
    return {
        "id": str(role_id),
        "name": "@everyone" if role_id == GUILD_ID else f"role {role_id}",
        "position": position,
        "permissions": str(permissions & ~discord.Permissions.administrator.flag),
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "color": 0,
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
