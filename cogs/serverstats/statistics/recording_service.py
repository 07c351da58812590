"""Recording: hands gateway events to the reading functions and what they return to the recorder.

Nothing is awaited and no task is started for an event. A guild that has switched nothing on costs one look into a dict.
"""

import logging
from collections.abc import Iterable

import discord

from bot.client import HeadcountClient
from bot.gateway import Handler, Payload
from bot.heartbeat_claims import PROOF_SECONDS
from bot.modules import Job
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings
from cogs.serverstats.statistics.bookkeeping import Bookkeeping
from cogs.serverstats.statistics.downtime import Absences, ShardProofs, beat_of
from cogs.serverstats.statistics.readers import READERS, Reader, State
from cogs.serverstats.statistics.readers.presence import change_presence
from cogs.serverstats.statistics.readers.voice import change_voice
from cogs.serverstats.statistics.rules import GuildRules, rules_of
from cogs.serverstats.statistics.sampling import PHASES, phase_of, sample
from cogs.serverstats.statistics.sessions import OpenSessions, close_at_proof
from cogs.serverstats.statistics.statuses import StatusBoard
from cogs.serverstats.statistics.surroundings import Surroundings
from cogs.serverstats.statistics.troubles import find_troubles
from storage.guilds import fetch_departed_at_ms
from storage.heartbeats import fetch_heartbeats
from storage.polls import fetch_polls
from storage.statistics.catalogue import PRESENCE, VOICE, Group
from storage.statistics.changes import Change, SessionOpened
from storage.statistics.downtimes import Downtime, fetch_last_absence_ms
from storage.statistics.record_ids import first_record_id
from storage.statistics.sessions import fetch_last_told_ms, fetch_open_sessions

_log = logging.getLogger(__name__)

POLL_DAYS = 31
DAY_MS = 86_400_000

_READER_OF_STATUSES = "statistics"


class Recording:
    """Records what Discord's events tell, in all guilds that want it."""

    def __init__(self, client: HeadcountClient, module: ServerstatsService) -> None:
        """Hear of every change of the module's settings from now on."""
        self._client = client
        self._module = module
        self._parts = client.parts
        self._recorder = client.parts.recorder
        self._known = Surroundings(client)
        self.statuses = StatusBoard(self._known.statuses)
        self._state = State(
            next_id=self._recorder.next_id,
            is_opted_out=self._recorder.is_opted_out,
            place_of=self._known.place_of,
            member_of=self._known.member_of,
            clock_lead_ms=lambda: client.discord_time.lead_ms,
            sessions=OpenSessions(self._recorder.next_id),
        )
        self._bookkeeping = Bookkeeping(client.parts, self._state.polls)
        self._proofs = ShardProofs()
        self._absences = Absences()
        self._rules: dict[int, GuildRules] = {}
        # By group, then by the guild's id as it stands in payloads: to find nothing there is all that most events cost.
        self._rules_by_group: dict[Group, dict[str, GuildRules]] = {group: {} for group in Group}
        self._heard_at_ms: dict[int, int] = {}
        self._phase = 0
        self._subscriptions: list[tuple[str, Handler]] = [("READY", self._take_ready)]
        self._subscriptions += [(reader.event, self._make_handler(reader)) for reader in READERS]
        self._subscriptions += [
            ("GUILD_CREATE", self._take_guild_create),
            ("GUILD_DELETE", self._take_guild_delete),
        ]
        module.on_change(self._take_settings)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The work that is done again and again."""
        config = self._parts.config
        return (
            Job("statistics samples", config.serverstats.sample_minutes * 60 / PHASES, self._sample_next),
            Job("statistics proof", config.heartbeat.interval_seconds, self._claim),
            Job("polls retention", config.retention.interval_minutes * 60, self._drop_old_polls),
        )

    async def open(self) -> None:
        """End what a crash left open, and begin to listen; to be called before the first heartbeat of this life."""
        now_ms = self._parts.clock.now_ms()
        # Of guilds that have disabled the module there may be remains, which are being deleted.
        enabled = set(self._module.enabled_guild_ids())
        async with self._parts.database.read() as rx:
            beats_ms = await fetch_heartbeats(rx)
            left_open = [opened for opened in await fetch_open_sessions(rx) if opened.guild_id in enabled]
            self._state.polls.load(poll for poll in await fetch_polls(rx) if poll.guild_id in enabled)
            proven_ms: dict[int, int | None] = {}
            for guild_id in enabled:
                departed_at_ms = await fetch_departed_at_ms(rx, guild_id)
                alive_at_ms = beat_of(guild_id, beats_ms, self._client.shard_count)
                if alive_at_ms is not None:
                    # Heartbeats hold back for minutes what a dead connection could refute. What was told since is proof,
                    # too, and so is the beginning of the last absence: a clean stop is one.
                    told_at_ms = await fetch_last_told_ms(rx, guild_id)
                    left_at_ms = await fetch_last_absence_ms(rx, guild_id)
                    # Beats are by Discord's clock, sessions by ours.
                    beat_at_ms = alive_at_ms + self._client.discord_time.lead_ms
                    alive_at_ms = max(beat_at_ms, told_at_ms or 0, left_at_ms or 0)
                proofs = [at_ms for at_ms in (alive_at_ms, departed_at_ms) if at_ms is not None]
                proven_ms[guild_id] = min(proofs, default=None)
                self._absences.begin(guild_id, proven_ms[guild_id])
        self._take(close_at_proof(opened, proven_ms[opened.guild_id], now_ms) for opened in left_open)
        for guild_id in enabled:
            self._take_settings(guild_id, self._module.settings_of(guild_id))
        self.statuses.subscribe(self._parts.intake)
        for event, handler in self._subscriptions:
            self._parts.intake.subscribe(event, handler)
        self._bookkeeping.open()

    async def close(self) -> None:
        """Stop listening, let all sessions end, and store what waits."""
        for event, handler in self._subscriptions:
            self._parts.intake.unsubscribe(event, handler)
        self.statuses.unsubscribe(self._parts.intake)
        now_ms = self._parts.clock.now_ms()
        for guild_id in self._state.sessions.guild_ids():
            self._take(self._state.sessions.end(guild_id, self._proven_ms(guild_id, now_ms)))
        for guild_id in self._rules:
            if not self._absences.is_absent(guild_id):
                self._absences.begin(guild_id, self._proven_ms(guild_id, now_ms) or None)
            self._note_absence(guild_id, now_ms + 1)
        await self._bookkeeping.close()

    async def forget(self, guild_id: int) -> None:
        """Drop all that is in memory of a guild whose records are about to be deleted."""
        self._take_settings(guild_id, None)
        self._state.sessions.forget(guild_id)
        self._absences.end(guild_id)
        self._heard_at_ms.pop(guild_id, None)
        await self._bookkeeping.forget(guild_id)

    def is_caught_up(self, guild_id: int) -> bool:
        """Whether all that is to be known until what its shard can claim now is on record, be it an absence."""
        if not self._absences.is_absent(guild_id):
            return self._bookkeeping.is_done(guild_id)
        # An outage at Discord may last for hours: the rest of the shard need not wait for that.
        steady_since_ms = self._steady_since_ms(guild_id)
        provable_ms = self._parts.clock.now_ms() - round(PROOF_SECONDS * 1000)
        return steady_since_ms is not None and max(
            steady_since_ms, provable_ms
        ) <= self._bookkeeping.stored_until_ms(guild_id)

    def is_in_sight(self, guild_id: int) -> bool:
        """Whether the guild is seen, and the time away is on record."""
        return not self._absences.is_absent(guild_id) and self._bookkeeping.is_done(guild_id)

    def troubles(self, guild: discord.Guild) -> tuple[str, ...]:
        """Return what keeps statistics from being complete, one sentence each."""
        rules = self._rules.get(guild.id)
        if rules is None:
            return ()
        knows_statuses = self.statuses.is_complete(guild.id)
        return find_troubles(guild, rules, self._client.intents, knows_statuses=knows_statuses)

    # People who want to be left out

    def note_opt_out(self, guild_id: int, user_id: int) -> None:
        """Let the sessions of somebody who just opted out end, and go on without the id."""
        self._take(self._state.sessions.part_from(guild_id, user_id, self._parts.clock.now_ms()))

    def note_opt_in(self, guild_id: int, user_id: int) -> None:
        """Let the anonymous sessions of somebody who just opted in end, and go on with the id."""
        now_ms = self._parts.clock.now_ms()
        self._take(self._state.sessions.part_from(guild_id, user_id, now_ms, is_anonymous=False))

    def note_erasure(self, guild_id: int, user_id: int) -> None:
        """Let what goes on lose the id of somebody whose records are being erased.

        To be called while the recorder is held, before the erasure: it makes the stored rows of open sessions anonymous, too.
        """
        self._state.sessions.anonymise(guild_id, user_id)
        self._state.polls.anonymise(guild_id, user_id)
        self._bookkeeping.note_polls()

    # Samples

    def sample_now(self, guild_id: int | None = None) -> None:
        """Sample one guild, or all, at once."""
        for one_id in tuple(self._rules) if guild_id is None else (guild_id,):
            self._sample(one_id)

    async def _sample_next(self) -> None:
        self._phase = (self._phase + 1) % PHASES
        for guild_id in tuple(self._rules):
            if phase_of(guild_id) == self._phase:
                self._sample(guild_id)

    def _sample(self, guild_id: int) -> None:
        rules, guild = self._rules.get(guild_id), self._client.get_guild(guild_id)
        if rules is None or guild is None or guild.unavailable or self._absences.is_absent(guild_id):
            return
        if guild.member_count is None or self._steady_since_ms(guild_id) is None:
            return
        statuses = None
        if self._client.intents.presences and self.statuses.is_complete(guild_id):
            statuses = self.statuses.online_count(guild_id), self.statuses.dnd_count(guild_id)
        now_ms = self._parts.clock.now_ms()
        self._take(sample(rules, guild.member_count, statuses, lambda: self._recorder.next_id(now_ms)))

    # Events

    def _make_handler(self, reader: Reader) -> Handler:
        read, state, heard_at_ms = reader.read, self._state, self._heard_at_ms
        (group,) = {kind.group for kind in reader.feeds}
        rules_by_guild = self._rules_by_group[group]
        guild_key = "id" if reader.event == "GUILD_CREATE" else "guild_id"
        take = self._recorder.take
        refuse = self._refuse
        is_about_polls = group is Group.POLLS

        def handle(payload: Payload, received_at_ms: int) -> None:
            rules = rules_by_guild.get(payload.get(guild_key))  # type: ignore[arg-type]
            if rules is None:
                return
            heard_at_ms[rules.guild_id] = received_at_ms
            for change in read(payload, received_at_ms, rules, state):
                if not take(change):
                    refuse(change)
            if is_about_polls and state.polls.has_unstored:
                self._bookkeeping.note_polls()

        return handle

    def _take(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if not self._recorder.take(change):
                self._refuse(change)

    def _refuse(self, change: Change) -> None:
        if isinstance(change, SessionOpened):
            self._state.sessions.refuse(change)

    def _take_ready(self, payload: Payload, received_at_ms: int) -> None:
        # A new session: what happened since the last proof is not known, and is not made up.
        for guild in payload["guilds"]:
            guild_id = int(guild["id"])
            if guild_id in self._rules:
                self._lose_sight(guild_id, received_at_ms)

    def _take_guild_delete(self, payload: Payload, received_at_ms: int) -> None:
        # A farewell, or (`unavailable`) an outage at Discord: either way nothing is told of the guild any more.
        guild_id = int(payload["id"])
        if guild_id in self._rules:
            self._lose_sight(guild_id, received_at_ms)

    def _take_guild_create(self, payload: Payload, received_at_ms: int) -> None:
        # After the readers: they have opened the sessions of those who are there.
        guild_id = int(payload["id"])
        if guild_id not in self._rules or payload.get("unavailable"):
            return
        self._proofs.note(self._shard_of(guild_id), received_at_ms)
        downtime = self._note_absence(guild_id, received_at_ms)
        self._absences.end(guild_id)
        if downtime is not None:
            seconds = (downtime.ended_at_ms - downtime.began_at_ms) / 1000
            _log.info(
                "Nothing is on record for %.1f seconds; sessions that were open ended when that began.",
                seconds,
                extra={"event": "downtime_found", "guild_id": guild_id, "seconds": seconds},
            )

    def _lose_sight(self, guild_id: int, received_at_ms: int) -> None:
        until_ms = self._proven_ms(guild_id, received_at_ms)
        self._take(self._state.sessions.end(guild_id, until_ms))
        self._absences.begin(guild_id, until_ms)

    def _note_absence(self, guild_id: int, now_ms: int) -> Downtime | None:
        enabled_at_ms = self._module.enabled_at_ms(guild_id)
        downtime = self._absences.so_far(guild_id, now_ms, enabled_at_ms=enabled_at_ms)
        if downtime is not None:
            self._bookkeeping.note_downtime(guild_id, downtime)
        return downtime

    # Until when everything is known

    def _shard_of(self, guild_id: int) -> int:
        return (guild_id >> 22) % (self._client.shard_count or 1)

    def _steady_since_ms(self, guild_id: int) -> int | None:
        return self._parts.intake.steady_since_ms(self._shard_of(guild_id))

    def _proven_ms(self, guild_id: int, now_ms: int) -> int:
        """Return until when everything of the guild is known: now while its shard is connected."""
        shard_id = self._shard_of(guild_id)
        if self._parts.intake.steady_since_ms(shard_id) is not None:
            return now_ms
        for heard_id, heard_at_ms in self._heard_at_ms.items():
            self._proofs.note(self._shard_of(heard_id), heard_at_ms)
        self._heard_at_ms.clear()
        return min(self._proofs.proven_ms(shard_id) or 0, now_ms)

    async def _claim(self) -> None:
        now_ms, monotonic = self._parts.clock.now_ms(), self._parts.clock.monotonic()
        for shard_id in self._client.shards:
            steady_since_ms = self._parts.intake.steady_since_ms(shard_id)
            if steady_since_ms is not None:
                self._proofs.claim(
                    shard_id, now_ms=now_ms, monotonic=monotonic, steady_since_ms=steady_since_ms
                )
        for guild_id in self._absences.guild_ids():
            # Not those that the bot was put out of: theirs end when it comes back.
            if self._client.get_guild(guild_id) is not None and self._steady_since_ms(guild_id) is not None:
                self._note_absence(guild_id, now_ms)

    # Settings

    def _take_settings(self, guild_id: int, settings: ServerstatsSettings | None) -> None:
        before = self._rules.get(guild_id)
        rules = None if settings is None else rules_of(guild_id, settings)
        if rules == before:
            return
        groups = rules.groups if rules is not None else frozenset[Group]()
        self._recorder.want(guild_id, groups if rules is not None else None)
        for group, rules_by_guild in self._rules_by_group.items():
            if rules is not None and group in groups:
                rules_by_guild[str(guild_id)] = rules
            else:
                rules_by_guild.pop(str(guild_id), None)
        if rules is None:
            del self._rules[guild_id]
        else:
            self._rules[guild_id] = rules
        if Group.ACTIVITIES in groups:
            self.statuses.watch(guild_id, _READER_OF_STATUSES)
        else:
            self.statuses.unwatch(guild_id, _READER_OF_STATUSES)
        self._adjust_sessions(guild_id, rules)
        if rules is not None and groups - (before.groups if before is not None else frozenset()):
            self._sample(guild_id)

    def _adjust_sessions(self, guild_id: int, rules: GuildRules | None) -> None:
        """End the sessions that are not wanted any more, and open those that are wanted from now on."""
        now_ms = self._parts.clock.now_ms()
        sessions, state = self._state.sessions, self._state
        for kind in (VOICE, PRESENCE):
            if rules is None or kind.group not in rules.groups:
                self._take(sessions.end(guild_id, self._proven_ms(guild_id, now_ms), kind.number))
        if rules is None or self._absences.is_absent(guild_id):
            return
        for who in sessions.each(guild_id):
            if state.leaves_out(rules, who[1]):
                self._take(sessions.change(guild_id, who, (), now_ms))
        if Group.VOICE in rules.groups:
            for user_id, channel_id in self._known.voices(guild_id):
                if not state.leaves_out(rules, user_id):
                    self._take(change_voice(rules, state, user_id, channel_id, now_ms))
        if Group.ACTIVITIES in rules.groups:
            for user_id, doing in self._known.activities(guild_id):
                if not state.leaves_out(rules, user_id):
                    self._take(change_presence(rules, state, user_id, doing, now_ms))

    # Polls

    async def _drop_old_polls(self) -> None:
        now_ms = self._parts.clock.now_ms()
        self._state.polls.drop_old(first_record_id(now_ms - POLL_DAYS * DAY_MS), now_ms)
        if self._state.polls.has_unstored:
            self._bookkeeping.note_polls()
