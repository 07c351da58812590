"""The log of a busy server: the decisions are there, and nothing of the people is."""

import io
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.config import LogConfig
from bot.log import _QUIETEST, set_up_logging
from bot.log_events import LOG_EVENTS
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import Channel, Message, User, World
from cogs.serverstats.settings import ServerstatsSettings
from cogs.serverstats.starboard.board_wishes import BoardWishes
from storage.statistics.catalogue import Group
from tests.cogs.serverstats.starboard.stage import starboard_of
from tests.wire.square import Square
from tests.wire.town import eventually, quick_config

STAR = "⭐"
THRESHOLD = 2
JOINS = 6
MESSAGES = 300
SECRET_WORDS = ("quillfeather", "marmalade", "Lighthouse", "driftwood")
"""What names, messages, templates, the server and its channels are made of here."""
FIELDS = {event.name: event.fields for event in LOG_EVENTS}
PROMISED = {
    "shard_ready",
    "shard_disconnected",
    "module_enabled",
    "module_disabled",
    "join_decided",
    "message_sent",
    "message_failed",
    "downtime_found",
    "star_posted",
    "star_removed",
    "opted_out",
    "opted_in",
    "timezone_changed",
    "guild_left",
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, down to the level debug, as JSON."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in _QUIETEST}
    stream = io.StringIO()
    set_up_logging(LogConfig(level="debug", format="json"), (), stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(False)


def read(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


class BusySquare(Square):
    """A square with join messages and a starboard."""

    board: Channel
    fan: User

    async def furnish(self) -> None:
        """Switch everything on, as an admin does."""
        await self.enable()
        await self.save(
            join_messages_enabled=True,
            join_messages_channel=self.channel.id,
            join_message_content="<user_mention> brought marmalade, by <inviter_display_name>",
        )
        self.board = self.world.create_channel(self.guild.id, "driftwood")
        await self.world.until(lambda: self.client.get_channel(self.board.id))
        self.fan = self.old_member("quillfeather_fan")
        service = starboard_of(self.client)
        service.engine.pace_seconds = 0.05
        await service.create_board(
            self.guild.id, BoardWishes(channel_id=self.board.id, threshold=THRESHOLD, name="lantern")
        )

    def star(self, message: Message, *, off: bool = False) -> None:
        """Let two people star a message, or take their stars back."""
        for person in (self.ben, self.fan):
            if off:
                self.world.unreact(message, person.id, STAR)
            else:
                self.world.react(message, person.id, STAR)

    def posts(self) -> int:
        """Return how many posts are on the board."""
        return len(self.world.messages.get(self.board.id, {}))


async def live(here: BusySquare) -> None:
    """Let a lot happen: joins, messages, stars, trouble, and the end."""
    guild_id, recorder = here.guild.id, here.client.parts.recorder
    invite = here.invite()
    for number in range(JOINS):
        here.join(invite, person=here.world.add_person(f"quillfeather{number}"))
    await here.all_recorded()
    for number in range(MESSAGES):
        message = here.world.say(here.channel.id, here.ada.id, f"marmalade {number}")
    here.star(message)
    await here.world.until(lambda: here.posts() == 1)
    here.star(message, off=True)
    await here.world.until(lambda: here.posts() == 0)
    await recorder.opt_out(guild_id, here.ada.id)
    await recorder.opt_in(guild_id, here.ada.id)
    await recorder.change_timezone(guild_id, "Europe/Amsterdam")
    here.world.set_bot_overwrite(here.channel.id, discord.PermissionOverwrite(send_messages=False))
    here.join(invite, person=here.world.add_person("quillfeather_late"))
    await here.all_recorded()
    here.world.switches.refuse_resumes = 10
    await here.server.gateway.drop_sockets()
    await here.world.until(lambda: here.world.identifies >= 2)
    await here.present()
    await here.service.disable(guild_id)
    await here.module.disable(guild_id)
    here.world.kick_bot(guild_id)


async def test_the_log_of_a_busy_server_has_its_decisions_and_nothing_of_its_people(
    tmp_path: Path, log: io.StringIO
) -> None:
    world = World()
    guild = world.make_guild("Lighthouse")
    async with SandboxServer(world) as server:
        here = BusySquare(world, server, tmp_path, quick_config(), guild)
        await here.enable_before_start(ServerstatsSettings(enabled_groups=frozenset(Group)))
        try:
            await here.start()
            await here.furnish()
            await live(here)

            async def has_left() -> bool:
                return any(line.get("event") == "guild_left" for line in read(log))

            await eventually(has_left, "the bot has left")
        finally:
            await here.stop()
        lines = read(log)

    ours = [line for line in lines if line["logger"].startswith(("bot.", "cogs.", "storage."))]
    seen = Counter(line["event"] for line in ours if "event" in line)
    assert seen.keys() >= PROMISED
    assert (seen["join_decided"], seen["message_sent"]) == (JOINS + 1, JOINS)
    assert {"time", "level", "logger", "message"} <= set.intersection(*(set(line) for line in lines))
    for line in ours:
        fields = {*line} - {"time", "level", "logger", "message", "traceback"}
        assert fields == ({"event", *FIELDS[line["event"]]} if "event" in line else set()), line
    # Hundreds of messages are no decisions.
    assert len(ours) < MESSAGES / 4, Counter(line["message"] for line in ours).most_common(5)
    people = [str(member_id) for member_id in guild.members]
    for text in (*SECRET_WORDS, here.server.token, *people):
        assert [line for line in lines if text in json.dumps(line, ensure_ascii=False)] == []
