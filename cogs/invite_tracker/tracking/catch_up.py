"""After time away: who came and who went while nobody told us."""

import asyncio
import logging
from collections.abc import Callable

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.tracking.anonymity import is_stand_in
from cogs.invite_tracker.tracking.discord_requests import fetch_member_pages
from cogs.invite_tracker.tracking.events import GuildEvent, JoinReceived, ScanEnded, read_join
from cogs.invite_tracker.tracking.inbox import split_scan
from storage.arrivals import fetch_arrivals
from storage.guild_modules import fetch_module
from storage.guilds import fetch_departed_at_ms
from storage.heartbeats import fetch_oldest_heartbeat_ms
from storage.joins import fetch_present_member_ids

_log = logging.getLogger(__name__)

OVERLAP_MS = 60_000
"""How far before the last heartbeat a scan looks; what is recorded already is recognised."""

RETRY_SECONDS_LEAST = 1.0
RETRY_SECONDS_MOST = 60.0


class CatchUp:
    """Compares the members of one guild with the record, each time that events may have been missed."""

    def __init__(self, guild_id: int, client: HeadcountClient, deliver: Callable[[GuildEvent], None]) -> None:
        self._guild_id = guild_id
        self._client = client
        self._deliver = deliver
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start to compare, from the beginning if a comparison is under way."""
        self.give_up()
        self._task = asyncio.create_task(self._run(), name=f"catch up with {self._guild_id}")

    def give_up(self) -> None:
        """Compare no further: what would be found does not hold any more."""
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """Give up; the next start compares again."""
        self.give_up()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = RETRY_SECONDS_LEAST
        while True:
            try:
                await self._compare()
            except REQUEST_FAILURES as error:
                _log.warning(
                    "Server %d: the member list did not come, next try in %.0f seconds: %s",
                    self._guild_id,
                    pause,
                    error,
                )
                await self._client.parts.clock.sleep(pause)
                pause = min(2 * pause, RETRY_SECONDS_MOST)
            except Exception:
                _log.exception(
                    "Server %d: the members could not be compared with the record.", self._guild_id
                )
                await self._client.parts.clock.sleep(RETRY_SECONDS_MOST)
            else:
                return

    async def _compare(self) -> None:
        """Deliver the joins since the last heartbeat, and which of the members on record are gone."""
        clock = self._client.parts.clock
        started_at_ms = clock.now_ms()
        our_id = None if self._client.user is None else self._client.user.id
        async with self._client.parts.database.read() as rx:
            module = await fetch_module(rx, self._guild_id, MODULE)
            away_since_ms = (
                await fetch_oldest_heartbeat_ms(rx),
                await fetch_departed_at_ms(rx, self._guild_id),
            )
            expected_ids = await fetch_present_member_ids(rx, self._guild_id)
            arrivals = await fetch_arrivals(rx, self._guild_id)
        # Who may not be named cannot be seen to be gone.
        expected_ids.update(one.member_id for one in arrivals if not is_stand_in(one.member_id))
        if module is None:
            return
        known_ms = [at_ms for at_ms in away_since_ms if at_ms is not None]
        since_ms = max(module.enabled_at_ms, min(known_ms) - OVERLAP_MS if known_ms else 0)
        # Joins are stamped by Discord's clock, all of the above by ours.
        since_ms -= max(0, self._client.discord_time.lead_ms)
        if self._client.parts.config.invite_tracker.member_scan:
            async for page in fetch_member_pages(self._client, self._guild_id):
                received_at_ms = clock.now_ms()
                for member in page:
                    expected_ids.discard(int(member["user"]["id"]))
                    join = read_join(self._guild_id, member, received_at_ms)
                    if join.arrival.joined_at_ms >= since_ms and join.arrival.member_id != our_id:
                        self._deliver(JoinReceived(join.arrival, is_scanned=True))
        else:
            expected_ids.clear()
        for ended in split_scan(ScanEnded(frozenset(expected_ids), started_at_ms, clock.now_ms())):
            self._deliver(ended)
