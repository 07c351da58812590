"""The requests behind one look at a guild's counters, and what to make of their failures."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import discord

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from bot.text.language import N_
from cogs.invite_tracker.attribution import Request
from cogs.invite_tracker.tracking.discord_requests import fetch_invites, fetch_vanity

_log = logging.getLogger(__name__)

VANITY_FEATURE = "VANITY_URL"
UNREADABLE = N_("Discord's answer about the invites could not be read.")
NO_INVITE_LIST = N_("Discord did not answer when asked about the invite list.")
NO_VANITY_URL = N_("Discord did not answer when asked about the vanity URL.")


@dataclass(frozen=True, slots=True)
class InvitesAnswered:
    """The invite list as Discord sent it."""

    request: Request
    answered_at_ms: int
    payload: list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class VanityAnswered:
    """The vanity counter as Discord sent it."""

    request: Request
    answered_at_ms: int
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LookFailed:
    """Discord did not answer, or not all; nothing is concluded from that. `sentence` is for an admin."""

    request: Request
    failed_at_ms: int
    sentence: str


@dataclass(frozen=True, slots=True)
class LookForbidden:
    """Without Manage Server, Discord shows no use counters."""


Look = InvitesAnswered | VanityAnswered | LookFailed | LookForbidden


class CounterRequests:
    """Looks at the counters of one guild, at most one look at a time."""

    def __init__(self, guild_id: int, client: HeadcountClient, deliver: Callable[[Look], None]) -> None:
        self._guild_id = guild_id
        self._client = client
        self._deliver = deliver
        self._task: asyncio.Task[None] | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a look has begun and not ended."""
        return self._task is not None and not self._task.done()

    def may_look(self) -> bool:
        """Whether Discord would show the use counters: the bot is in the guild and may manage it."""
        # Asked without the permission, Discord answers without `uses`, which looks like a list of unused invites.
        guild = self._client.get_guild(self._guild_id)
        return guild is not None and guild.me.guild_permissions.manage_guild

    def has_vanity(self) -> bool:
        """Whether the guild may have a vanity URL."""
        guild = self._client.get_guild(self._guild_id)
        return guild is not None and VANITY_FEATURE in guild.features

    def begin(self, request: Request) -> None:
        """Send the requests now; their answers are delivered as they come."""
        self._task = asyncio.create_task(self._look(request), name=f"look at the invites of {self._guild_id}")

    async def stop(self) -> None:
        """Give up a look that is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look(self, request: Request) -> None:
        looks = [self._look_at_invites(request)]
        if request.with_vanity:
            looks.append(self._look_at_vanity(request))
        # What failed is delivered last: it ends the request, and an answer that came is not to be lost with it.
        try:
            failures = await asyncio.gather(*looks)
        except Exception:
            # An answer that nobody foresaw must end the request all the same, or no other would ever follow.
            _log.exception("Server %d: the answer about the invites could not be read.", self._guild_id)
            failures = [LookFailed(request, self._client.parts.clock.now_ms(), UNREADABLE)]
        for failure in failures:
            if failure is not None:
                self._deliver(failure)
                return

    async def _look_at_invites(self, request: Request) -> Look | None:
        clock = self._client.parts.clock
        try:
            payload = await fetch_invites(self._client, self._guild_id)
        except discord.Forbidden:
            return LookForbidden()
        except (*REQUEST_FAILURES, ValueError) as error:
            return self._failure(request, NO_INVITE_LIST, error)
        if any(invite.get("uses") is None for invite in payload):
            return LookForbidden()
        self._deliver(InvitesAnswered(request, clock.now_ms(), payload))
        return None

    async def _look_at_vanity(self, request: Request) -> Look | None:
        clock = self._client.parts.clock
        try:
            payload = await fetch_vanity(self._client, self._guild_id)
        except discord.NotFound:
            payload = {"code": None, "uses": 0}
        except (*REQUEST_FAILURES, ValueError) as error:
            return self._failure(request, NO_VANITY_URL, error)
        self._deliver(VanityAnswered(request, clock.now_ms(), payload))
        return None

    def _failure(self, request: Request, sentence: str, error: BaseException) -> LookFailed:
        _log.warning("Server %d: %s %s", self._guild_id, sentence, error)
        return LookFailed(request, self._client.parts.clock.now_ms(), sentence)
