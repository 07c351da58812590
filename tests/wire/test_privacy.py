"""Erasure on the bytes: somebody who did everything there is asks to be forgotten."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ConflictError
from bot.maintenance import maintain
from bot.privacy import Person as Somebody
from bot.sandbox.people import Person
from bot.sandbox.world import User, activity
from cogs.serverstats.starboard.board_wishes import BoardWishes
from storage.joins import insert_joins
from storage.records import Candidate, Certainty, Join, Method, Source
from storage.statistics.catalogue import MESSAGES_SENT, VOICE
from tests.cogs.serverstats.starboard.stage import starboard_of
from tests.wire.square import Square, square
from tests.wire.town import eventually

STAR = "⭐"
# Answers to commands count as messages.
HOURS = f"SELECT * FROM statistics_hours WHERE kind <> {MESSAGES_SENT.number} ORDER BY kind, day, hour"
STARS = "SELECT board_id, message_id, stars FROM starboard_entries ORDER BY message_id"


def rows_naming(path: Path, user_id: int) -> Counter[str]:
    """Return how many rows hold the id, as a number or in a text, by table."""
    found = Counter[str]()
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}"):
                found[table] += any(value == user_id or str(user_id) in str(value) for value in row)
    return +found


def times_in_bytes(path: Path, user_id: int) -> int:
    """Return how often the id stands in the database's files, as SQLite stores a large integer or as text."""
    assert user_id > 1 << 47
    content = b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    return content.count(user_id.to_bytes(8)) + content.count(str(user_id).encode())


class Stage:
    """A town with both modules, and eve, who does everything."""

    def __init__(self, here: Square) -> None:
        self.here = here
        self.world = here.world
        self.eve: User = here.newcomer()
        self.fans = [here.old_member(f"fan{number}") for number in range(3)]
        self.voice = self.world.voice_channel(here.guild.id, "Lounge")
        self.board_channel = self.world.create_channel(here.guild.id, "starboard")

    async def live(self) -> None:
        """Let eve do everything, and wait until it is on record."""
        here, world, guild_id, channel_id = self.here, self.world, self.here.guild.id, self.here.channel.id
        await here.enable()
        here.join(here.invite(here.ben), person=self.eve)
        await here.recorded(self.eve)
        invite = here.invite(self.eve)
        await here.looked()
        self.friend = here.join(invite)
        assert (await here.recorded(self.friend)).inviter_id == self.eve.id
        await world.until(lambda: here.client.get_channel(self.board_channel.id))
        starboard_of(here.client).engine.pace_seconds = 0.05
        wishes = BoardWishes(channel_id=self.board_channel.id, threshold=3)
        await starboard_of(here.client).create_board(guild_id, wishes)
        await here.module.change_settings(
            guild_id, lambda now: now.model_copy(update={"starboard_enabled": True})
        )
        said = [world.say(channel_id, self.eve.id, "hello") for _ in range(3)]
        world.delete_message(channel_id, said[0].id)
        self.starred = said[1]
        for fan in self.fans:
            world.react(self.starred, fan.id, STAR)
        praised = world.say(channel_id, here.ada.id, "famous")
        for person in (self.eve, *self.fans[:2]):
            world.react(praised, person.id, STAR)
        world.enter_voice(guild_id, self.eve.id, self.voice.id)
        world.leave_voice(guild_id, self.eve.id)
        world.enter_voice(guild_id, self.eve.id, self.voice.id)
        world.set_presence(guild_id, self.eve.id, "online", [activity(0, "Go")])
        poll = world.ask(channel_id, self.eve.id, "Tea?", ["yes", "no"])
        world.add_poll_vote(channel_id, poll.id, 1, self.eve.id)
        self.person = Person(world, guild_id, self.eve.id)
        await self.person.slash(channel_id, "invite_tracker stats")
        await here.counted(sent=5, deleted=1, joined=2, polls_created=1, votes_added=1, commands=1)
        await here.shown(VOICE, 2, ended=1)
        await world.until(
            lambda: here.execute(f"SELECT 1 FROM starboard_stars WHERE user_id = {self.eve.id}")
        )
        await world.until(
            lambda: here.execute(f"SELECT 1 FROM starboard_entries WHERE author_id = {self.eve.id}")
        )
        await world.until(lambda: here.execute("SELECT 1 FROM polls"))
        await self.put_on_record()

    async def put_on_record(self) -> None:
        """Store what takes luck, or other software: an ambiguous join, bonuses, a correction."""
        guild_id, eve_id = self.here.guild.id, self.eve.id
        names = [
            Candidate(Source.INVITE, "one", eve_id),
            Candidate(Source.INVITE, "two", self.here.ben.id),
        ]
        facts: dict[str, Any] = {
            "guild_id": guild_id,
            "joined_at_ms": 1_000_000_000_000,
            "recorded_at_ms": 1_000_000_000_000,
            "source": Source.INVITE,
            "evidence": (),
            "reason": None,
            "account_created_at_ms": 1,
            "had_avatar": True,
            "is_rejoin": False,
            "is_own_invite": False,
            "left_at_ms": None,
            "cleared_at_ms": None,
        }
        ambiguous = Join(
            join_id=1, member_id=11, code=None, inviter_id=None, method=Method.USES_RISE,
            certainty=Certainty.AMBIGUOUS, candidates=tuple(names), credited_code="one",
            credited_inviter_id=eve_id, **facts,
        )  # fmt: skip
        corrected = Join(
            join_id=2, member_id=12, code="one", inviter_id=eve_id, method=Method.MANUAL,
            certainty=Certainty.CERTAIN, candidates=(), credited_code="one",
            credited_inviter_id=eve_id, **facts,
        )  # fmt: skip
        async with self.here.client.parts.database.write() as tx:
            await insert_joins(tx, [ambiguous, corrected])
            for bonus_id, inviter_id, granted_by in ((1, eve_id, 5), (2, self.here.ben.id, eve_id)):
                await tx.execute(
                    "INSERT INTO bonuses (guild_id, bonus_id, inviter_id, amount, granted_by, granted_at_ms) "
                    "VALUES (?, ?, ?, 3, ?, 1)",
                    (guild_id, bonus_id, inviter_id, granted_by),
                )

    async def press(self, command: str, label: str) -> str:
        """Let eve use /privacy and press a button; return everything that the answer then says."""
        shown = await self.person.slash(self.here.channel.id, f"privacy {command}")
        assert shown.ephemeral
        message = shown.response or shown.followups[0]
        assert message is not None
        before = message.embeds[0].title, message.embeds[0].description
        await self.person.click(message, label=label)
        # The buttons go at once; the answer stands there when everything is done.
        await self.world.until(
            lambda: (
                (message.embeds[0].title, message.embeds[0].description) != before
                or "You opted out" in str(message.embeds[0].fields[-1].value)
            )
        )
        (embed,) = message.embeds
        texts = [embed.title or "", embed.description or ""]
        return "\n".join([*texts, *(f"{field.name}\n{field.value}" for field in embed.fields)])

    async def go_on(self) -> None:
        """Let everybody else do something about what eve has left behind."""
        here, world = self.here, self.world
        events = here.events()["sent"]
        world.say(here.channel.id, here.ada.id, "and so it goes")
        await here.counted(sent=events + 1)
        await here.looked()
        await here.client.parts.recorder.flush()


async def test_who_opted_out_and_is_erased_stands_nowhere_but_among_the_opt_outs(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        stage = Stage(here)
        await stage.live()
        eve_id = stage.eve.id
        assert set(rows_naming(here.path, eve_id)) == {
            "bonuses", "joins", "known_invites", "polls", "starboard_entries", "starboard_stars",
            "statistics_events", "statistics_sessions", "statistics_user_days",
        }  # fmt: skip
        assert times_in_bytes(here.path, eve_id) > 20
        assert "You opted out" in await stage.press("info", "Opt out")
        await here.client.parts.recorder.flush()
        hours, stars = here.execute(HOURS), here.execute(STARS)
        report = await stage.press("delete_data", "Delete my data")
        assert "1 join of yours" in report
        assert "3 joins of people you may have invited" in report
        assert "1 starred message of yours" in report
        assert "That you opted out is kept" in report
        assert rows_naming(here.path, eve_id) == Counter(opt_outs=1)
        assert here.execute(HOURS) == hours
        assert here.execute(STARS) == stars
        here.assert_rollups_agree()

        # What is known in memory, or from Discord, must not bring it back: neither now nor in another life.
        world, guild_id, channel_id = here.world, here.guild.id, here.channel.id
        world.say(channel_id, eve_id, "still here")
        world.leave_voice(guild_id, eve_id)
        invite = here.invite(stage.eve)
        here.join(invite)
        here.leave(stage.eve)
        here.join(invite, person=stage.eve)
        await stage.go_on()
        await here.decided()
        await here.stop()
        await here.start()
        await here.present()
        await here.caught_up()
        engine: Any = starboard_of(here.client).engine
        await engine.catch_up(engine.find(guild_id))

        async def is_idle() -> bool:
            return bool(engine.find(guild_id).queue.is_idle)

        await eventually(is_idle, "all stars are counted again")
        await stage.go_on()
        await here.decided()
        assert rows_naming(here.path, eve_id) == Counter(opt_outs=1)
        assert here.execute(
            "SELECT COUNT(*) FROM joins WHERE member_id IS NULL AND joined_at_ms > 1000000000000"
        ) == [(2,)]
        here.assert_rollups_agree()
        await here.stop()
        maintain(here.path)
        assert times_in_bytes(here.path, eve_id) == 1


async def test_without_an_opt_out_what_is_erased_stays_erased(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        stage = Stage(here)
        await stage.live()
        report = await stage.press("delete_data", "Delete my data")
        assert "What you do from now on is recorded again" in report
        assert rows_naming(here.path, stage.eve.id) == Counter()
        # The link that eve made works; it counts for nobody.
        (code,) = [invite.code for invite in here.world.invites.values() if invite.inviter_id == stage.eve.id]
        friend = here.join(here.world.invites[code])
        join = await here.recorded(friend)
        assert (join.code, join.inviter_id, join.credited_inviter_id) == (code, None, None)
        # A star more: the message is looked at again, and is nobody's all the same.
        here.world.react(stage.starred, here.ben.id, STAR)
        await here.world.until(lambda: (4,) in here.execute("SELECT stars FROM starboard_entries"))
        here.world.leave_voice(here.guild.id, stage.eve.id)
        await here.shown(VOICE, 2, ended=2)
        await stage.go_on()
        here.assert_rollups_agree()
        await here.stop()
        maintain(here.path)
        assert times_in_bytes(here.path, stage.eve.id) == 0


async def test_who_is_being_erased_when_the_tracker_stops_is_told_to_try_again(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        await here.enable()
        eve = here.old_member("eve")
        person = Somebody(eve.id, eve.name, None, eve.name, None)
        cog: Any = here.client.get_cog("PrivacyCommands")
        (privacy,) = [
            module.privacy for module in here.client.parts.modules if module.name == "invite_tracker"
        ]
        forgetter: Any = privacy
        tracker = forgetter._tracking._trackers[here.guild.id]

        async def is_asked() -> bool:
            return bool(tracker._forgetting.is_wanted)

        # Nobody else can write: the tracker cannot forget anybody before it has to stop.
        async with here.database.write():
            erasing = asyncio.create_task(cog.service.erase(here.guild.id, person))
            await eventually(is_asked, "the tracker is asked to forget eve")
            disabling = asyncio.create_task(here.service.disable(here.guild.id))
            with pytest.raises(ConflictError, match="try again"):
                await asyncio.wait_for(erasing, 10)
        await disabling
        await cog.service.erase(here.guild.id, person)
