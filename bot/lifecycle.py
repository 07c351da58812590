"""The bot's presence: heartbeats per shard, guilds joined and left, and the end of a departed guild's data."""

import logging
from collections.abc import Mapping, Sequence

import discord

from bot.discord_time import DiscordTime
from bot.gateway import Payload
from bot.heartbeat_claims import HeartbeatClaims
from bot.parts import Parts
from storage.guilds import (
    delete_guild,
    delete_guild_step,
    fetch_departed_guilds,
    fetch_known_guild_ids,
    upsert_guild_departed,
    upsert_guild_present,
)
from storage.heartbeats import (
    delete_heartbeats_except,
    fetch_heartbeat_shard_ids,
    fetch_heartbeats,
    upsert_heartbeats,
)

_log = logging.getLogger(__name__)

DAY_MS = 86_400_000

STEP_ROWS = 100
"""A step of a departed guild's deletion holds the writer for a few milliseconds."""
PAUSE_SECONDS = 0.01


class GuildLifecycle:
    """Knows which guilds the bot is in; what it stores lets a restart tell what it missed."""

    def __init__(self, client: discord.AutoShardedClient, parts: Parts, discord_time: DiscordTime) -> None:
        self._client = client
        self._parts = parts
        self._discord_time = discord_time
        self._claims = HeartbeatClaims()
        self._present: set[int] = set()
        self._departed_at_ms: dict[int, int] = {}
        self._beats: dict[int, int] = {}

    @property
    def beats_on_record(self) -> Mapping[int, int]:
        """Until when everything that each shard was told is on record, UTC epoch milliseconds."""
        return self._beats

    async def start(self) -> None:
        """Begin to listen, and to beat."""
        self._parts.intake.subscribe("READY", self._take_ready)
        self._parts.intake.subscribe("GUILD_CREATE", self._take_guild_create)
        self._parts.intake.subscribe("GUILD_DELETE", self._take_guild_delete)
        async with self._parts.database.read() as rx:
            self._beats = await fetch_heartbeats(rx)
        config = self._parts.config
        self._parts.scheduler.add_job("heartbeat", self.beat, every_seconds=config.heartbeat.interval_seconds)
        self._parts.scheduler.add_job(
            "departed guilds", self.delete_departed, every_seconds=config.retention.interval_minutes * 60
        )

    async def stop(self) -> None:
        """Beat once more, so that the next start looks back no further than it must."""
        await self.beat()

    async def beat(self) -> None:
        """Store, for each shard that is steady and has caught up, until when everything is on record."""
        await self._store_presence()
        expected = self._expected_shard_ids()
        beats = {shard_id: self._claim(shard_id) for shard_id in expected if self._is_complete(shard_id)}
        if not beats:
            return
        async with self._parts.database.write() as tx:
            if await fetch_heartbeat_shard_ids(tx) != expected:
                # The shards are others than those of the record, and so are their guilds: the old beats are
                # all that tells of a guild's time away until every shard has caught up.
                if beats.keys() != expected:
                    return
                await delete_heartbeats_except(tx, sorted(beats))
            await upsert_heartbeats(tx, beats)
        self._beats = {**self._beats, **beats} if self._beats.keys() <= expected else beats

    async def delete_departed(self) -> None:
        """Delete everything of the guilds that the bot left longer ago than the operator keeps them."""
        if not self._client.is_ready():
            return
        now_ms = self._parts.clock.now_ms()
        await self._store_presence()
        await self._note_guilds_left_while_away(now_ms)
        cutoff_ms = now_ms - self._parts.config.retention.departed_guild_days * DAY_MS
        async with self._parts.database.read() as rx:
            guild_ids: Sequence[int] = await fetch_departed_guilds(rx, cutoff_ms)
        for guild_id in guild_ids:
            if self._client.get_guild(guild_id) is not None:
                continue
            for module in self._parts.modules:
                await module.forget(guild_id)
            await self._delete_guild(guild_id)
            self._parts.guild_settings.forget(guild_id)
            _log.info(
                "Deleted all data of a server that the bot left.",
                extra={"event": "departed_guild_deleted", "guild_id": guild_id},
            )

    async def _delete_guild(self, guild_id: int) -> None:
        """Delete in steps, so that recording elsewhere does not wait; that it departed is forgotten last."""
        # Who comes back meanwhile finds nothing half deleted: the rest goes at once.
        while self._client.get_guild(guild_id) is None:
            async with self._parts.database.write() as tx:
                if not await delete_guild_step(tx, guild_id, STEP_ROWS):
                    break
            await self._parts.clock.sleep(PAUSE_SECONDS)
        async with self._parts.database.write() as tx:
            await delete_guild(tx, guild_id)

    async def _store_presence(self) -> None:
        """Store the arrivals and departures of the bot itself since the last time."""
        departed, present = dict(self._departed_at_ms), set(self._present)
        if not departed and not present:
            return
        async with self._parts.database.write() as tx:
            await upsert_guild_present(tx, sorted(present))
            for guild_id, departed_at_ms in departed.items():
                await upsert_guild_departed(tx, guild_id, departed_at_ms)
        # Only what is stored is forgotten, and only if nothing newer came meanwhile.
        for guild_id, departed_at_ms in departed.items():
            if self._departed_at_ms.get(guild_id) == departed_at_ms:
                del self._departed_at_ms[guild_id]
        self._present -= present

    async def _note_guilds_left_while_away(self, now_ms: int) -> None:
        """Mark stored guilds of which Discord told nothing at this start."""
        async with self._parts.database.read() as rx:
            known = await fetch_known_guild_ids(rx)
        ours = {
            guild_id
            for guild_id in known
            if self._client.get_guild(guild_id) is None and self._is_ours(guild_id)
        }
        async with self._parts.database.write() as tx:
            for guild_id in ours:
                await upsert_guild_departed(tx, guild_id, now_ms)

    def _is_ours(self, guild_id: int) -> bool:
        count = self._client.shard_count or 1
        return (guild_id >> 22) % count in self._client.shards

    def _expected_shard_ids(self) -> set[int]:
        """Return the shards that this process is to run; discord.py starts them one after the other."""
        return set(self._client.shard_ids or range(self._client.shard_count or 0))

    def _claim(self, shard_id: int) -> int:
        now_ms = self._parts.clock.now_ms()
        return self._claims.claim(
            shard_id,
            now_ms=now_ms,
            monotonic=self._parts.clock.monotonic(),
            steady_since_ms=self._parts.intake.steady_since_ms(shard_id) or now_ms,
            lead_ms=self._discord_time.lead_ms,
        )

    def _is_complete(self, shard_id: int) -> bool:
        if self._parts.intake.steady_since_ms(shard_id) is None:
            return False
        guild_ids = [guild.id for guild in self._client.guilds if guild.shard_id == shard_id]
        return all(module.is_caught_up(guild_id) for module in self._parts.modules for guild_id in guild_ids)

    def _take_ready(self, payload: Payload, _received_at_ms: int) -> None:
        # A session begins with the names of all guilds of its shard: one that is missing was left while the
        # connection was down, and discord.py would keep it for ever.
        named = {int(guild["id"]) for guild in payload["guilds"]}
        shard_id, _count = payload.get("shard", (0, 1))
        for guild in tuple(self._client.guilds):
            if guild.shard_id == shard_id and guild.id not in named:
                self._parts.intake.conclude("GUILD_DELETE", {"id": str(guild.id)})

    def _take_guild_create(self, payload: Payload, _received_at_ms: int) -> None:
        guild_id = int(payload["id"])
        if not payload.get("unavailable"):
            self._present.add(guild_id)
            self._departed_at_ms.pop(guild_id, None)

    def _take_guild_delete(self, payload: Payload, received_at_ms: int) -> None:
        # With `unavailable` it is an outage at Discord, not a farewell (Discord documentation, Gateway Events).
        if not payload.get("unavailable"):
            guild_id = int(payload["id"])
            self._departed_at_ms[guild_id] = received_at_ms
            self._present.discard(guild_id)
            _log.info("The bot left a server.", extra={"event": "guild_left", "guild_id": guild_id})
