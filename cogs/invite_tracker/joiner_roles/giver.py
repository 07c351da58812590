"""Gives newcomers the roles of their links, server by server, one after the other and never in a hurry.

What is to be given is written with the decision of the join, so that neither a restart nor a failure loses it, and none is
given twice for one join. Only of those who may not be named nothing is written: what they are to get is in memory alone.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import discord

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from bot.text.language import _, speaking
from cogs.invite_tracker.joiner_roles.allowing import find_obstacle
from cogs.invite_tracker.joiner_roles.choosing import choose_roles, may_bring_roles
from storage.database import WriteTransaction
from storage.joiner_roles import (
    RoleGift,
    fetch_guilds_with_role_gifts,
    fetch_joiner_roles,
    fetch_role_gift_due_at_ms,
    fetch_role_gifts,
    insert_role_gifts,
    update_role_gift_settled,
    update_role_gifts_postponed,
)
from storage.records import Join
from storage.statements import SEQUENCE_BITS

_log = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 0.1
"""Between two roles of one server. Discord's own limit is lower, and is waited for without keeping anything else waiting."""
GIFTS_AT_ONCE: Final = 50
AWAY_SECONDS: Final = 5.0
FAILED_SECONDS: Final = 30.0
OBSTACLE_MS: Final = 60_000
"""How soon to see whether a role can be given that cannot; nothing is asked of Discord for it."""
REFUSED_MS: Final = 600_000
"""How soon to ask again where Discord refused although nothing seemed to be in the way."""
GIVEN_UP_AFTER_MS: Final = 24 * 3_600_000


class _Outcome(Enum):
    """What became of one gift."""

    SETTLED = auto()
    """Given, or nobody is there to get it."""
    BLOCKED = auto()
    """The role cannot be given now."""
    REFUSED = auto()
    INTERRUPTED = auto()
    """No answer, or Discord wants to be left alone."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a decision brings, to be handed to `give` once it is on record."""

    named: int = 0
    unnamed: tuple[RoleGift, ...] = ()


class RoleGiver:
    """The roles that newcomers of all servers are still to get."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._clock = client.parts.clock
        self._database = client.parts.database
        self._unnamed: dict[int, list[RoleGift]] = {}
        self._refused: dict[int, set[int]] = {}
        self._not_before_ms: dict[int, int] = {}
        self._stirs: dict[int, asyncio.Event] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._is_stopping = False

    async def open(self) -> None:
        """Go on with what waited when the bot stopped."""
        async with self._database.read() as rx:
            guild_ids = await fetch_guilds_with_role_gifts(rx)
        for guild_id in guild_ids:
            self.wake(guild_id)

    async def close(self) -> None:
        """Give up what is under way; it goes on after the next start."""
        self._is_stopping = True
        workers = [worker for worker in self._workers.values() if not worker.done()]
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def expect(self, tx: WriteTransaction, guild_id: int, joins: Sequence[Join]) -> Expected:
        """Write down what joins bring that were decided, or decided otherwise, and leave out what is open."""
        if not any(map(may_bring_roles, joins)):
            return Expected()
        chosen = list(choose_roles(joins, await fetch_joiner_roles(tx, guild_id)))
        is_opted_out = self._client.parts.recorder.is_opted_out
        named: list[tuple[int, int, str]] = []
        unnamed: list[RoleGift] = []
        for join, rule in chosen:
            if join.member_id is None:
                continue
            if is_opted_out(guild_id, join.member_id):
                unnamed.append(RoleGift(join.join_id, rule.role_id, rule.code, join.member_id, True))
            else:
                named.append((join.join_id, rule.role_id, rule.code))
        new = await insert_role_gifts(tx, guild_id, named, self._clock.now_ms())
        return Expected(new, tuple(unnamed))

    def give(self, guild_id: int, expected: Expected) -> None:
        """Begin to give what a decision brings that is on record now."""
        if expected.unnamed:
            self._unnamed.setdefault(guild_id, []).extend(expected.unnamed)
        if expected.named or expected.unnamed:
            self.wake(guild_id)

    def wake(self, guild_id: int) -> None:
        """Learn that something may be to be given in a server."""
        self._stirs.setdefault(guild_id, asyncio.Event()).set()
        worker = self._workers.get(guild_id)
        if not self._is_stopping and (worker is None or worker.done()):
            self._workers[guild_id] = asyncio.create_task(self._run(guild_id), name=f"roles of {guild_id}")

    def forget(self, guild_id: int) -> None:
        """Begin anew with a server: the module was enabled or disabled there."""
        self._unnamed.pop(guild_id, None)
        self._refused.pop(guild_id, None)

    def refused_role_ids(self, guild_id: int) -> frozenset[int]:
        """Return the roles that Discord refused to give the last time, although nothing seemed to be in the way."""
        return frozenset(self._refused.get(guild_id, ()))

    async def _run(self, guild_id: int) -> None:
        stir = self._stirs[guild_id]
        while not self._is_stopping:
            stir.clear()
            try:
                wait_seconds = await self._step(guild_id)
            except sqlite3.Error as error:
                # The trackers tell of a database that fails.
                _log.debug("Server %d: roles cannot be given: %s", guild_id, error)
                wait_seconds = FAILED_SECONDS
            except Exception:
                _log.exception("Server %d: roles of newcomers could not be given.", guild_id)
                wait_seconds = FAILED_SECONDS
            if wait_seconds is None:
                if not stir.is_set():
                    return
            elif wait_seconds > 0:
                await self._clock.wait_for(stir, wait_seconds)

    async def _step(self, guild_id: int) -> float | None:
        """Give some of what is due; return in how many seconds there is more, None when nothing waits."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as rx:
            due_at_ms = await fetch_role_gift_due_at_ms(rx, guild_id)
            gifts = await fetch_role_gifts(rx, guild_id, now_ms, GIFTS_AT_ONCE)
        unnamed = self._unnamed.get(guild_id, [])
        if due_at_ms is None and not unnamed:
            return None
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            return AWAY_SECONDS
        wait_ms = self._not_before_ms.get(guild_id, 0) - now_ms
        if wait_ms > 0:
            return wait_ms / 1000
        if gifts:
            await self._give_named(guild, gifts)
            return 0
        if unnamed:
            await self._give_unnamed(guild, unnamed)
        if due_at_ms is None:
            return OBSTACLE_MS / 1000 if self._unnamed.get(guild_id) else None
        return max(0.0, (due_at_ms - now_ms) / 1000)

    async def _give_named(self, guild: discord.Guild, gifts: Sequence[RoleGift]) -> None:
        blocked: set[int] = set()
        for gift in gifts:
            if gift.role_id in blocked:
                continue
            match await self._give(guild, gift) if gift.is_wanted else _Outcome.SETTLED:
                case _Outcome.SETTLED:
                    async with self._database.write() as tx:
                        await update_role_gift_settled(tx, guild.id, gift)
                    await self._clock.sleep(PAUSE_SECONDS)
                case _Outcome.BLOCKED:
                    blocked.add(gift.role_id)
                    await self._postpone(guild.id, gift.role_id, OBSTACLE_MS)
                case _Outcome.REFUSED:
                    blocked.add(gift.role_id)
                    await self._postpone(guild.id, gift.role_id, REFUSED_MS)
                case _Outcome.INTERRUPTED:
                    return

    async def _give_unnamed(self, guild: discord.Guild, gifts: list[RoleGift]) -> None:
        """Give roles to those who may not be named; what cannot be given now is tried again until the bot stops."""
        async with self._database.read() as rx:
            rules = {(rule.code, rule.role_id) for rule in await fetch_joiner_roles(rx, guild.id)}
        given_up_before_ms = self._clock.now_ms() - GIVEN_UP_AFTER_MS
        for gift in tuple(gifts):
            outcome = _Outcome.SETTLED
            if (gift.code, gift.role_id) in rules:
                outcome = await self._give(guild, gift)
            if outcome is _Outcome.INTERRUPTED:
                return
            if outcome is _Outcome.SETTLED or _recorded_at_ms(gift) < given_up_before_ms:
                gifts.remove(gift)
            await self._clock.sleep(PAUSE_SECONDS)

    async def _give(self, guild: discord.Guild, gift: RoleGift) -> _Outcome:
        """Let Discord give the role, unless it is known that it would not."""
        if gift.member_id is None:
            return _Outcome.SETTLED
        if find_obstacle(guild, gift.role_id) is not None:
            return _Outcome.BLOCKED
        refused = self._refused.setdefault(guild.id, set())
        with speaking(self._client.parts.guild_settings.language_for(guild)):
            reason = _("Came by {code}", code=gift.code) if gift.code else _("Came by the vanity URL")
        try:
            await self._client.http.add_role(guild.id, gift.member_id, gift.role_id, reason=reason)
        except discord.NotFound:
            # The member left, or the role is gone.
            return _Outcome.SETTLED
        except discord.RateLimited as limit:
            self._interrupt(guild.id, limit.retry_after)
            return _Outcome.INTERRUPTED
        except REQUEST_FAILURES as error:
            if isinstance(error, discord.HTTPException) and 400 <= error.status < 500 and error.status != 429:
                # Not only Forbidden: whatever Discord has against one role keeps no other from being given.
                if gift.role_id not in refused:
                    _log.warning("Discord refuses to give newcomers a role.", extra={"guild_id": guild.id})
                refused.add(gift.role_id)
                return _Outcome.REFUSED
            _log.debug("Server %d: a role could not be given: %s", guild.id, error)
            self._interrupt(guild.id, FAILED_SECONDS)
            return _Outcome.INTERRUPTED
        refused.discard(gift.role_id)
        return _Outcome.SETTLED

    def _interrupt(self, guild_id: int, seconds: float) -> None:
        self._not_before_ms[guild_id] = self._clock.now_ms() + int(seconds * 1000)

    async def _postpone(self, guild_id: int, role_id: int, wait_ms: int) -> None:
        now_ms = self._clock.now_ms()
        async with self._database.write() as tx:
            given_up = await update_role_gifts_postponed(
                tx, guild_id, role_id, now_ms + wait_ms, now_ms - GIVEN_UP_AFTER_MS
            )
        if given_up:
            _log.warning(
                "%d newcomers did not get the role of their link: for a day it could not be given.",
                given_up,
                extra={"guild_id": guild_id},
            )


def _recorded_at_ms(gift: RoleGift) -> int:
    return gift.join_id >> SEQUENCE_BITS
