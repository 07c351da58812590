"""What the starboard asks of Discord, in raw requests: none of it depends on what discord.py has cached."""

from collections.abc import AsyncIterator, Container, Mapping
from dataclasses import dataclass
from typing import Any, cast

import discord
from discord.http import Route

from bot.client import HeadcountClient
from bot.snowflakes import snowflake_ms
from bot.text.language import N_
from cogs.serverstats.later import later
from cogs.serverstats.starboard.emoji import reaction_path
from cogs.serverstats.starboard.permissions import READ_HISTORY, missing_to_read
from cogs.serverstats.starboard.reading import Raw, Reaction
from cogs.serverstats.starboard.rendering.post import original_id_of
from cogs.serverstats.starboard.settling import BoardGoneError, PostRefusedError

_PAGE = 100
"""Discord documentation, Message Resource and Channel Resource: the most that one request returns."""
GIVER_PAGES_MOST = 50
GIVERS_MOST = GIVER_PAGES_MOST * _PAGE
"""Of more stars than this only the number is asked for, not who gave them."""
SEARCH_PAGES_MOST = 50
SEARCH_MARGIN_MS = 60_000
"""So far two clocks may be apart without a post being overlooked."""

_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE = 10003, 10008
_GONE = frozenset({_UNKNOWN_CHANNEL, _UNKNOWN_MESSAGE})
"""Discord documentation, JSON Error Codes. Nothing else is taken as word that something is deleted."""

_UNREADABLE = N_("I need the permission Read Message History in {channel}, to find my own posts.")

_NO_PINGS: Mapping[str, Any] = {"parse": []}


class OutOfReachError(Exception):
    """The bot may not see the channel of a message; nothing can be said about its stars."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What is known of a message's channel."""

    parent_id: int | None
    """The channel of a thread, or None."""
    is_nsfw: bool
    name: str | None = None
    """Of a thread, where it is known."""
    is_forum_post: bool = False


class Desk:
    """Requests about originals and posts."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client

    async def fetch_message(self, channel_id: int, message_id: int) -> Raw | None:
        """Return a message, None when it does not exist; raises OutOfReachError."""
        try:
            return cast("Raw", await self._client.http.get_message(channel_id, message_id))
        except discord.NotFound as error:
            if error.code in _GONE:
                return None
            raise
        except discord.Forbidden as error:
            raise OutOfReachError from error

    async def fetch_givers(self, channel_id: int, message_id: int, reaction: Reaction) -> list[Raw]:
        """Return the users of a reaction, of its normal and its super form; who used both comes twice."""
        users: list[Raw] = []
        for kind, count in ((0, reaction.normal), (1, reaction.burst)):
            if count:
                users += [user async for user in self._users(channel_id, message_id, reaction, kind)]
        return users

    async def fetch_place(self, guild_id: int, channel_id: int) -> PlaceFacts:
        """Return what decides whether and how a channel's messages are shown; raises OutOfReachError."""
        guild = self._client.get_guild(guild_id)
        channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
        if channel is not None and not isinstance(channel, discord.Thread):
            return PlaceFacts(None, getattr(channel, "nsfw", False))
        if isinstance(channel, discord.Thread):
            parent_id, name = channel.parent_id, channel.name
        else:
            # An archived thread is in no cache.
            try:
                raw = cast("Raw", await self._client.http.get_channel(channel_id))
            except (discord.NotFound, discord.Forbidden) as error:
                raise OutOfReachError from error
            parent_id, name = int(raw.get("parent_id") or 0), str(raw.get("name") or "")
        parent = guild.get_channel(parent_id) if guild is not None else None
        # What is not known to be harmless is not shown.
        is_nsfw = True if parent is None else bool(getattr(parent, "nsfw", False))
        return PlaceFacts(parent_id, is_nsfw, name, isinstance(parent, discord.ForumChannel))

    async def fetch_role_ids(self, guild_id: int, user_id: int) -> frozenset[int]:
        """Return the roles of a member, none for somebody who is no member."""
        guild = self._client.get_guild(guild_id)
        member = guild.get_member(user_id) if guild is not None else None
        if member is not None:
            return frozenset(role.id for role in member.roles)
        try:
            raw = cast("Raw", await self._client.http.get_member(guild_id, user_id))
        except discord.NotFound:
            return frozenset()
        return frozenset(int(role_id) for role_id in raw.get("roles", ()))

    async def is_channel_gone(self, channel_id: int) -> bool:
        """Ask whether a channel does not exist any more."""
        try:
            await self._client.http.get_channel(channel_id)
        except discord.NotFound as error:
            return error.code == _UNKNOWN_CHANNEL
        except discord.Forbidden:
            return False
        return False

    async def is_in_guild(self, guild_id: int, channel_id: int) -> bool:
        """Whether a channel or thread is one of this guild; Discord is asked about what is in no cache."""
        guild = self._client.get_guild(guild_id)
        if guild is not None and guild.get_channel_or_thread(channel_id) is not None:
            return True
        if self._client.get_channel(channel_id) is not None:
            return False
        # It may be an archived thread.
        try:
            raw = cast("Raw", await self._client.http.get_channel(channel_id))
        except (discord.NotFound, discord.Forbidden):
            return False
        return int(raw.get("guild_id") or 0) == guild_id

    async def fetch_newest(self, channel_id: int) -> list[Raw]:
        """Return a channel's newest messages, one page of them; raises OutOfReachError."""
        try:
            return cast("list[Raw]", await self._client.http.logs_from(channel_id, _PAGE))
        except (discord.NotFound, discord.Forbidden) as error:
            raise OutOfReachError from error

    async def find_post(
        self, channel_id: int, message_id: int, since_ms: int, known_ids: Container[int]
    ) -> int | None:
        """Return the id of our post about a message, sent since then and not known, None when there is none.

        Raises PostRefusedError where the bot may not read the history: then nobody can tell.
        """
        me = self._client.user
        async for message in self._history(channel_id, since_ms - SEARCH_MARGIN_MS):
            is_ours = me is not None and int(message["author"]["id"]) == me.id
            post_id = int(message["id"])
            if is_ours and original_id_of(message) == message_id and post_id not in known_ids:
                return post_id
        return None

    async def send(self, channel_id: int, body: Mapping[str, Any], nonce: str) -> int:
        """Send a post and return its id; raises PostRefusedError when Discord will not have it."""
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        # Discord then answers a repetition with the message that is there already, for some minutes.
        once = {"nonce": nonce, "enforce_nonce": True, "allowed_mentions": _NO_PINGS}
        try:
            answer = await self._client.http.request(route, json={**body, **once})
        except discord.HTTPException as error:
            raise _refusal(channel_id, error) from error
        return int(answer["id"])

    async def edit(self, channel_id: int, post_id: int, body: Mapping[str, Any]) -> bool:
        """Edit a post and return whether it still exists; raises BoardGoneError, PostRefusedError."""
        route = Route(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=channel_id,
            message_id=post_id,
        )
        try:
            await self._client.http.request(route, json={**body, "allowed_mentions": _NO_PINGS})
        except discord.HTTPException as error:
            if error.code == _UNKNOWN_MESSAGE:
                return False
            if error.code == _UNKNOWN_CHANNEL:
                raise BoardGoneError from error
            raise _refusal(channel_id, error) from error
        return True

    async def delete(self, channel_id: int, post_id: int) -> None:
        """Delete a post, if it still exists; raises PostRefusedError."""
        try:
            await self._client.http.delete_message(channel_id, post_id)
        except discord.HTTPException as error:
            if error.code not in _GONE:
                raise _refusal(channel_id, error) from error

    async def _users(
        self, channel_id: int, message_id: int, reaction: Reaction, kind: int
    ) -> AsyncIterator[Raw]:
        after: int | None = None
        for _page in range(GIVER_PAGES_MOST):
            try:
                page = await self._client.http.get_reaction_users(
                    channel_id, message_id, reaction_path(reaction.emoji), _PAGE, after, cast("Any", kind)
                )
            except discord.NotFound:
                # Nobody has this reaction any more, or the message went in the meantime.
                return
            except discord.Forbidden as error:
                raise OutOfReachError from error
            for user in page:
                yield cast("Raw", user)
            if len(page) < _PAGE:
                return
            after = int(page[-1]["id"])

    async def _history(self, channel_id: int, since_ms: int) -> AsyncIterator[Raw]:
        channel = self._client.get_channel(channel_id)
        if isinstance(channel, discord.abc.GuildChannel) and READ_HISTORY in missing_to_read(
            channel.guild, channel_id
        ):
            raise PostRefusedError(later(_UNREADABLE, channel=f"<#{channel_id}>"))
        oldest_id: int | None = None
        for _page in range(SEARCH_PAGES_MOST):
            try:
                page = await self._client.http.logs_from(channel_id, _PAGE, before=oldest_id)
            except discord.HTTPException as error:
                if error.code == _UNKNOWN_CHANNEL:
                    return
                raise _refusal(channel_id, error) from error
            if not page:
                await self._check_readable(channel_id, oldest_id)
            for message in page:
                yield cast("Raw", message)
            oldest_id = min((int(message["id"]) for message in page), default=0)
            if len(page) < _PAGE or snowflake_ms(oldest_id) < since_ms:
                return

    async def _check_readable(self, channel_id: int, oldest_id: int | None) -> None:
        """Tell a channel without messages from one whose history is withheld: Discord lists nothing of either.

        Discord documentation, Message Resource, Get Channel Messages; a single message is refused, though.
        """
        try:
            await self._client.http.get_message(channel_id, oldest_id or channel_id)
        except discord.Forbidden as error:
            raise PostRefusedError(later(_UNREADABLE, channel=f"<#{channel_id}>")) from error
        except discord.NotFound:
            return


def _refusal(channel_id: int, error: discord.HTTPException) -> Exception:
    """Return what to raise for an error: a refusal had no effect and is told to the admins, the rest may pass."""
    if error.status == 429 or error.status >= 500:
        return error
    if error.code == _UNKNOWN_CHANNEL:
        return PostRefusedError(
            later(
                N_("The channel of the board, {channel}, does not exist any more."),
                channel=f"<#{channel_id}>",
            )
        )
    return PostRefusedError(
        later(
            N_("Discord refused a request in {channel}: {reason}."),
            channel=f"<#{channel_id}>",
            reason=error.text or error.status,
        )
    )
