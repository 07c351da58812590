"""Looks after the bot's health: gathers it, logs its changes, and tells admins when recording fails."""

import asyncio
import logging
import math
import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import discord
from discord.ext import commands

from bot.health import Health, HealthState, Incident, ShardHealth, Trouble, state_of, troubles_of
from bot.lifecycle import GuildLifecycle
from bot.parts import Parts
from bot.settings.log_channel import post_in_log_channel
from bot.text.language import Language, _, speaking
from bot.ui.look import make_embed

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 10.0
_LEVELS: Final = {
    HealthState.OK: logging.INFO,
    HealthState.DEGRADED: logging.WARNING,
    HealthState.FAILING: logging.ERROR,
}


class HealthWatch:
    """Knows how the bot is doing."""

    def __init__(self, client: commands.AutoShardedBot, parts: Parts, lifecycle: GuildLifecycle) -> None:
        self._client = client
        self._parts = parts
        self._lifecycle = lifecycle
        self._began = parts.clock.monotonic()
        self._database_bytes: int | None = None
        self._free_bytes: int | None = None
        self._state = HealthState.OK
        self._keys: frozenset[str] = frozenset()
        self._incident = Incident()
        self._lost_before = 0
        self._told: frozenset[int] = frozenset()
        self._telling: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to look."""
        self._parts.scheduler.add_job("health", self.look, every_seconds=LOOK_SECONDS)

    async def close(self) -> None:
        """Stop telling: what is not said by now would come too late."""
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    def snapshot(self) -> Health:
        """Return how the bot is doing right now; the size of the database is that of the last look."""
        return Health(
            recorder=self._parts.recorder.status,
            shards=tuple(self._shard(shard_id) for shard_id in sorted(self._client.shards)),
            jobs=self._parts.scheduler.jobs,
            database_bytes=self._database_bytes,
            free_bytes=self._free_bytes,
            was_short="disk" in self._keys,
        )

    async def look(self) -> None:
        """Look once: log what has changed, and tell the servers with a log channel what they must know."""
        self._database_bytes, self._free_bytes = await asyncio.to_thread(_measure, self._parts.database.path)
        health = self.snapshot()
        with speaking(Language.ENGLISH):
            self._log_change(troubles_of(health, _moment_in_the_log))
        recorder = health.recorder
        match self._incident.note(recorder.failing_seconds, self._parts.clock.monotonic()):
            case HealthState.FAILING:
                self._tell_servers(self._servers_with_a_log_channel(), is_failing=True, has_lost=False)
            case HealthState.OK:
                # Only who was told that it fails wants to know that it works.
                self._tell_servers(self._told, is_failing=False, has_lost=recorder.lost > self._lost_before)
        if recorder.failing_seconds is None and not self._incident.is_told:
            # Of an incident that begins from now on.
            self._lost_before = recorder.lost

    def _shard(self, shard_id: int) -> ShardHealth:
        clock, intake = self._parts.clock, self._parts.intake
        latency = self._client.shards[shard_id].latency
        beat_at_ms = self._lifecycle.beats_on_record.get(shard_id)
        changed = intake.changed_at(shard_id)
        return ShardHealth(
            shard_id=shard_id,
            steady_since_ms=intake.steady_since_ms(shard_id),
            seconds=clock.monotonic() - (self._began if changed is None else changed),
            # discord.py says that it is infinite until Discord has answered.
            latency_seconds=latency if math.isfinite(latency) else None,
            beat_at_ms=beat_at_ms,
            beat_age_seconds=None if beat_at_ms is None else (clock.now_ms() - beat_at_ms) / 1000,
        )

    def _log_change(self, troubles: tuple[Trouble, ...]) -> None:
        present = [trouble for trouble in troubles if trouble.state is not HealthState.OK]
        keys, state = frozenset(trouble.key for trouble in present), state_of(troubles)
        if (keys, state) == (self._keys, self._state):
            return
        was, self._state, self._keys = self._state, state, keys
        reasons = " ".join(trouble.text for trouble in present) or "everything works."
        _log.log(
            _LEVELS[state],
            "Health is %s (was %s): %s",
            state.value,
            was.value,
            reasons,
            extra={
                "event": "health_changed",
                "state": state.value,
                "was": was.value,
                "troubles": ", ".join(sorted(keys)),
            },
        )

    def _servers_with_a_log_channel(self) -> frozenset[int]:
        settings = self._parts.guild_settings
        return frozenset(
            guild.id for guild in self._client.guilds if settings.log_channel_id_of(guild.id) is not None
        )

    def _tell_servers(self, guild_ids: frozenset[int], *, is_failing: bool, has_lost: bool) -> None:
        self._told = guild_ids if is_failing else frozenset()
        task = asyncio.create_task(self._tell_each(guild_ids, is_failing, has_lost), name="health message")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell_each(self, guild_ids: frozenset[int], is_failing: bool, has_lost: bool) -> None:
        settings = self._parts.guild_settings
        write = _failing_embed if is_failing else partial(_well_embed, has_lost)
        for guild_id in sorted(guild_ids):
            channel_id = settings.log_channel_id_of(guild_id)
            await post_in_log_channel(self._client, settings, guild_id, channel_id, write)


def _failing_embed() -> discord.Embed:
    text = _(
        "My database has not been writable for over a minute. What happens is kept in memory and stored as soon as "
        "that works again, but it is lost if I am restarted before. The operator finds the reason in the log."
    )
    return make_embed(_("Recording fails"), text, warning=True)


def _well_embed(has_lost: bool) -> discord.Embed:
    if has_lost:
        text = _("Some records had to be given up meanwhile; `/serverstats info` shows for which times.")
    else:
        text = _("Everything that was kept in memory is stored; nothing was lost.")
    return make_embed(_("Recording works again"), text)


def _measure(path: Path) -> tuple[int, int]:
    """Return how large the database is with its log, and how much room its disk has, in bytes."""
    files = [path, path.with_name(f"{path.name}-wal")]
    return sum(file.stat().st_size for file in files if file.exists()), shutil.disk_usage(path.parent).free


def _moment_in_the_log(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
