"""The invented past: weeks of a small server's life, by chance, as changes for the bot's own storage.

A chart of a story that takes seconds is dull. So the bot's fresh database gets a past before the bot starts for the first
time; the demo says so. Everything after it really happens.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from storage.database import Database
from storage.guild_modules import insert_module
from storage.guilds import upsert_guild_timezone
from storage.statistics.catalogue import (
    COMMANDS_USED,
    MEMBERS_JOINED,
    MEMBERS_LEFT,
    MEMBERS_TOTAL,
    MESSAGES_SENT,
    PRESENCE,
    STATUSES,
    VOICE,
    Group,
)
from storage.statistics.changes import (
    Change,
    EventRecorded,
    MessageDeleted,
    Sampled,
    SessionClosed,
    SessionOpened,
)
from storage.statistics.downtimes import Downtime, Reason, insert_downtimes
from storage.statistics.record_ids import SEQUENCE_BITS, first_record_id
from storage.statistics.recording import insert_changes

from . import rhythm
from .truth import Truth, VoiceStay

MODULE = "serverstats"
MINUTE_MS = 60_000
SAMPLE_MINUTES = 30
UP_TO_MS = 30_000
"""So long before the bot's first start the past ends."""
DOWN_DAYS_AGO = 6
DOWN_FROM_HOUR, DOWN_HOURS = 21.5, 9.25
DELETED_SHARE = 0.03
COMMANDS = (
    "serverstats messages",
    "serverstats top",
    "invite_tracker stats",
    "serverstats voice",
    "serverstats overview",
    "invite_tracker leaderboard",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the past takes place, and who is in it; ids are those of the local Discord."""

    guild_id: int
    timezone: str
    writers: Mapping[int, float]
    """User id to how much somebody writes, compared with the others."""
    speakers: tuple[int, ...]
    """Who meets in voice; the first ones more often."""
    text_channels: Mapping[int, float]
    voice_channel_ids: tuple[int, ...]
    activities: Sequence[tuple[int, str, float]]
    """Type, name, and how much it is liked."""
    newcomer_ids: tuple[int, ...]
    """Members of today who came during these days, in order."""
    leaver_ids: tuple[int, ...]
    """Who came and went again before today."""
    members: int
    """How many there are in the end."""


@dataclass(slots=True)
class Past:
    """What is invented: changes for the storage, and the same as truth to check against."""

    began_at_ms: int
    ended_at_ms: int
    downtime: Downtime
    truth: Truth = field(default_factory=Truth)
    changes: list[Change] = field(default_factory=list)


def invent_past(setting: Setting, chance: Random, now_ms: int, day_count: int) -> Past:
    """Invent the last days; the same chance and the same time give the same past."""
    return _Inventor(setting, chance, now_ms, day_count).invent()


async def store_past(path: Path, setting: Setting, past: Past) -> None:
    """Store the past in a database that no bot has opened yet, and turn serverstats on since its beginning."""
    settings = json.dumps({"enabled_groups": sorted(group.value for group in Group)})
    database = await Database.open(path, now_ms=past.began_at_ms)
    try:
        async with database.write() as tx:
            await upsert_guild_timezone(tx, setting.guild_id, setting.timezone)
            await insert_module(tx, setting.guild_id, MODULE, past.began_at_ms, settings)
            await insert_downtimes(tx, [(setting.guild_id, past.downtime)])
            await insert_changes(tx, past.changes, {}, lambda _guild_id, _user_id: False)
    finally:
        await database.close()


class _Inventor:
    def __init__(self, setting: Setting, chance: Random, now_ms: int, day_count: int) -> None:
        self._setting = setting
        self._chance = chance
        self._zone = ZoneInfo(setting.timezone)
        self._today = datetime.fromtimestamp(now_ms / 1000, self._zone).date()
        self._first_day = self._today - timedelta(days=day_count)
        self._day_count = day_count
        self._used_ids: set[int] = set()
        down_at_ms = self._at(self._today - timedelta(days=DOWN_DAYS_AGO), DOWN_FROM_HOUR)
        up_at_ms = down_at_ms + round(DOWN_HOURS * rhythm.HOUR_MS)
        began_at_ms = self._at(self._first_day, 0.0)
        self._free_from_ms: dict[int, int] = {}
        self._past = Past(began_at_ms, now_ms - UP_TO_MS, Downtime(down_at_ms, up_at_ms, Reason.AWAY))

    def invent(self) -> Past:
        for number in range(self._day_count + 1):
            day = self._first_day + timedelta(days=number)
            # The server grows, a little.
            liveliness = rhythm.liveliness_of(day, number / self._day_count, self._chance)
            self._write_messages(day, liveliness)
            self._meet_in_voice(day, liveliness)
            self._do_things(day, liveliness)
            self._use_commands(day)
        down = self._past.downtime
        self._past.truth.away.append((down.began_at_ms, down.ended_at_ms))
        moves = self._come_and_go()
        self._sample(moves)
        return self._past

    # What happens on a day

    def _write_messages(self, day: date, liveliness: float) -> None:
        setting, chance, truth = self._setting, self._chance, self._past.truth
        number = round(rhythm.MESSAGES_A_DAY * liveliness)
        authors = chance.choices(tuple(setting.writers), tuple(setting.writers.values()), k=number)
        channels = chance.choices(
            tuple(setting.text_channels), tuple(setting.text_channels.values()), k=number
        )
        for author_id, channel_id in zip(authors, channels, strict=True):
            at_ms = self._at(day, rhythm.hour_of_talk(chance))
            deleted_at_ms = at_ms + chance.randint(5_000, 40 * MINUTE_MS)
            if not self._is_seen(at_ms):
                continue
            message_id = self._id(at_ms)
            self._add_event(MESSAGES_SENT.number, message_id, author_id, channel_id)
            truth.sent[message_id] = author_id
            if chance.random() < DELETED_SHARE and self._is_seen(deleted_at_ms):
                record_id = self._id(deleted_at_ms)
                self._past.changes.append(
                    MessageDeleted(
                        setting.guild_id, record_id, channel_id, message_id, is_dropped_when_unknown=False
                    )
                )
                truth.deleted[message_id] = deleted_at_ms

    def _meet_in_voice(self, day: date, liveliness: float) -> None:
        chance = self._chance
        for _round in range(rhythm.rounds_in_voice(day, liveliness, chance)):
            channel_id = chance.choice(self._setting.voice_channel_ids)
            begins = rhythm.hour_of_meeting(chance)
            several = chance.randint(2, 6)
            those = {
                min(int(chance.expovariate(0.35)), len(self._setting.speakers) - 1) for _ in range(several)
            }
            for place in sorted(those):
                came_at_ms = self._at(day, begins + chance.uniform(0, 0.6))
                stays_ms = round(chance.gammavariate(3, 24) * MINUTE_MS)
                user_id = self._setting.speakers[place]
                if came_at_ms < self._free_from_ms.get(user_id, 0):
                    continue  # Nobody is in two rooms at once.
                self._free_from_ms[user_id] = came_at_ms + stays_ms + MINUTE_MS
                stay = self._add_session(VOICE.number, user_id, came_at_ms, stays_ms, channel_id=channel_id)
                if stay is not None:
                    self._past.truth.stays.append(VoiceStay(user_id, channel_id, *stay))

    def _do_things(self, day: date, liveliness: float) -> None:
        chance = self._chance
        activities = self._setting.activities
        for user_id in self._setting.speakers:
            if chance.random() > 0.5 * liveliness:
                continue
            kind, name, _weight = chance.choices(activities, [weight for *_, weight in activities])[0]
            began_at_ms = self._at(day, rhythm.hour_of_meeting(chance) - chance.uniform(0, 3))
            lasts_ms = round(chance.gammavariate(2.5, 30) * MINUTE_MS)
            self._add_session(PRESENCE.number, user_id, began_at_ms, lasts_ms, text=name, activity_type=kind)

    def _use_commands(self, day: date) -> None:
        chance = self._chance
        for _use in range(chance.randint(2, 9)):
            at_ms = self._at(day, rhythm.hour_of_talk(chance))
            user_id = chance.choice(self._setting.speakers)
            command = chance.choices(COMMANDS, range(len(COMMANDS), 0, -1))[0]
            if self._is_seen(at_ms):
                self._add_event(COMMANDS_USED.number, self._id(at_ms), user_id, None, command)

    # Over all days

    def _come_and_go(self) -> list[tuple[int, int]]:
        """Let people join and leave; return when the number of members changed, and by how much."""
        setting, moves = self._setting, []
        came = self._moments(len(setting.newcomer_ids))
        for user_id, at_ms in zip(setting.newcomer_ids, came, strict=True):
            moves.append((at_ms, 1))
            self._note_move(MEMBERS_JOINED.number, at_ms, user_id)
        for user_id in setting.leaver_ids:
            came_at_ms, left_at_ms = self._moments(2)
            moves += [(came_at_ms, 1), (left_at_ms, -1)]
            self._note_move(MEMBERS_JOINED.number, came_at_ms, user_id)
            self._note_move(MEMBERS_LEFT.number, left_at_ms, user_id)
        return sorted(moves)

    def _note_move(self, kind: int, at_ms: int, user_id: int) -> None:
        self._add_event(kind, self._id(at_ms), user_id, None)
        moved = self._past.truth.joined if kind == MEMBERS_JOINED.number else self._past.truth.left
        moved.append((user_id, at_ms))

    def _sample(self, moves: Sequence[tuple[int, int]]) -> None:
        setting = self._setting
        members = setting.members - sum(change for _at_ms, change in moves)
        waiting = list(moves)
        for at_ms in range(self._past.began_at_ms, self._past.ended_at_ms, SAMPLE_MINUTES * MINUTE_MS):
            while waiting and waiting[0][0] <= at_ms:
                members += waiting.pop(0)[1]
            if not self._is_seen(at_ms):
                continue
            online, dnd = rhythm.presence_at(self._local_hour(at_ms), members, self._chance)
            offline = members - online - dnd
            self._past.changes += [
                Sampled(setting.guild_id, MEMBERS_TOTAL.number, self._id(at_ms), members),
                Sampled(setting.guild_id, STATUSES.number, self._id(at_ms), online, offline, dnd),
            ]

    # Records

    def _add_event(
        self, kind: int, record_id: int, user_id: int, channel_id: int | None, text: str | None = None
    ) -> None:
        self._past.changes.append(
            EventRecorded(self._setting.guild_id, kind, record_id, user_id, channel_id, None, text)
        )

    def _add_session(
        self,
        kind: int,
        user_id: int,
        began_at_ms: int,
        lasts_ms: int,
        *,
        channel_id: int | None = None,
        text: str | None = None,
        activity_type: int = -1,
    ) -> tuple[int, int] | None:
        """Add a session as far as the bot saw it, and return its beginning and end."""
        down = self._past.downtime
        ended_at_ms = min(began_at_ms + lasts_ms, self._past.ended_at_ms)
        if began_at_ms < down.began_at_ms:
            ended_at_ms = min(ended_at_ms, down.began_at_ms)
        if not self._is_seen(began_at_ms) or ended_at_ms <= began_at_ms:
            return None
        opened = (
            self._setting.guild_id,
            kind,
            self._id(began_at_ms),
            user_id,
            channel_id,
            text,
            activity_type,
        )
        self._past.changes += [SessionOpened(*opened), SessionClosed(*opened, ended_at_ms)]
        return began_at_ms, ended_at_ms

    def _id(self, at_ms: int) -> int:
        while True:
            record_id = first_record_id(at_ms) | self._chance.getrandbits(SEQUENCE_BITS)
            if record_id not in self._used_ids:
                self._used_ids.add(record_id)
                return record_id

    # Times

    def _is_seen(self, at_ms: int) -> bool:
        """Whether the bot was there; it was away one night."""
        past = self._past
        if past.downtime.began_at_ms <= at_ms < past.downtime.ended_at_ms:
            return False
        return past.began_at_ms <= at_ms < past.ended_at_ms

    def _moments(self, number: int) -> list[int]:
        """Draw so many times at which the bot was there, in order."""
        drawn: list[int] = []
        while len(drawn) < number:
            at_ms = self._chance.randrange(self._past.began_at_ms, self._past.ended_at_ms)
            if self._is_seen(at_ms) and self._local_hour(at_ms) > rhythm.WAKING_HOUR:
                drawn.append(at_ms)
        return sorted(drawn)

    def _at(self, day: date, hour: float) -> int:
        """Return the time of an hour of a day; hours from 24 on are of the night after it."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone)
        return round((midnight + timedelta(hours=hour)).timestamp() * 1000)

    def _local_hour(self, at_ms: int) -> float:
        local = datetime.fromtimestamp(at_ms / 1000, self._zone)
        return local.hour + local.minute / 60
