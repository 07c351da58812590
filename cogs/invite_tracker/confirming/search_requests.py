"""The request to members-search: ten members at most, raw, because discord.py does not know it."""

from collections.abc import Sequence
from typing import Any, Final

import discord
from discord.http import Route

MEMBERS_PER_REQUEST: Final = 10
"""Lists in a query hold no more."""


async def search_members(client: discord.Client, guild_id: int, member_ids: Sequence[int]) -> Any:
    """Return the answer about these members as it came; needs Manage Server and the members intent.

    An answer with status 202, that the server is not indexed yet, is returned like any other.
    """
    route = Route("POST", "/guilds/{guild_id}/members-search", guild_id=guild_id)
    wanted = [str(member_id) for member_id in member_ids]
    query = {"limit": len(wanted), "and_query": {"user_id": {"or_query": wanted}}}
    return await client.http.request(route, json=query)
