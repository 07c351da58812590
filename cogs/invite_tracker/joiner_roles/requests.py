"""What is asked of Discord about roles of newcomers, and discord.py has no words for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord.http import Route

_NOT_TAKEN: Final = (400, 403)
"""A field that is not known here, or a role that this invite may not carry although the bot may give it."""


@dataclass(frozen=True, slots=True)
class InviteWish:
    """What an invite is to be like; 0 stands for no limit."""

    max_uses: int
    max_age_seconds: int
    is_temporary: bool


@dataclass(frozen=True, slots=True)
class MadeInvite:
    """An invite that Discord made."""

    code: str
    created_at_ms: int | None
    carries_roles: bool = False
    """Whether Discord gives the roles to those who accept it."""


async def make_invite_with_roles(
    client: discord.Client, channel_id: int, wish: InviteWish, role_ids: Sequence[int]
) -> MadeInvite | None:
    """Make an invite that carries roles (Discord documentation, Channel Resource, Create Channel Invite).

    Returns None when Discord does not let it carry them; then none was made. Raises as discord.py does.
    """
    body: dict[str, Any] = {
        "max_uses": wish.max_uses,
        "max_age": wish.max_age_seconds,
        "temporary": wish.is_temporary,
        "unique": True,
        "role_ids": [str(role_id) for role_id in role_ids],
    }
    route = Route("POST", "/channels/{channel_id}/invites", channel_id=channel_id)
    try:
        payload = await client.http.request(route, json=body)
    except discord.HTTPException as error:
        if error.status in _NOT_TAKEN:
            return None
        raise
    created_at = discord.utils.parse_time(payload.get("created_at"))
    carried = {int(role["id"]) for role in payload.get("roles") or ()}
    return MadeInvite(
        code=payload["code"],
        created_at_ms=None if created_at is None else int(created_at.timestamp() * 1000),
        # A field that Discord passes over in silence gives nobody a role.
        carries_roles=carried.issuperset(role_ids),
    )
