"""The requests to members-search, raw, because discord.py does not know it: about some members, or about all of them."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import discord
from discord.http import Route

MEMBERS_PER_REQUEST: Final = 10
"""Lists in a query hold no more."""

MEMBERS_PER_PAGE: Final = 1000
"""More are not given at once."""


class Cursor(NamedTuple):
    """A place in the order in which members joined (Discord's clock); of two who joined at once, the lower id comes later."""

    joined_at_ms: int
    member_id: int


async def search_members(client: discord.Client, guild_id: int, member_ids: Sequence[int]) -> Any:
    """Return the answer about these members as it came; needs Manage Server and the members intent.

    An answer with status 202, that the server is not indexed yet, is returned like any other.
    """
    wanted = [str(member_id) for member_id in member_ids]
    return await _search(
        client, guild_id, {"limit": len(wanted), "and_query": {"user_id": {"or_query": wanted}}}
    )


async def search_page(client: discord.Client, guild_id: int, behind: Cursor | None) -> Any:
    """Return a page of all members as it came, the last who joined first, from behind that place on."""
    query: dict[str, Any] = {"limit": MEMBERS_PER_PAGE}
    if behind is not None:
        query["after"] = {"guild_joined_at": behind.joined_at_ms, "user_id": str(behind.member_id)}
    return await _search(client, guild_id, query)


async def _search(client: discord.Client, guild_id: int, query: dict[str, Any]) -> Any:
    route = Route("POST", "/guilds/{guild_id}/members-search", guild_id=guild_id)
    return await client.http.request(route, json=query)
