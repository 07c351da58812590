"""The intake stands in front of discord.py's own parsers: the contract that its private parsers still work so."""

import asyncio
import logging
from typing import Any

import discord
import pytest

from bot.clock import SystemClock
from bot.gateway import EVENTS_PER_TURN, GatewayIntake, Payload, share_the_loop
from tests.bot.sandbox.contract import ContractBot, town

EVENTS = (
    "GUILD_CREATE",
    "GUILD_MEMBER_ADD",
    "GUILD_MEMBER_REMOVE",
    "GUILD_MEMBER_UPDATE",
    "INVITE_CREATE",
    "INVITE_DELETE",
)


class IntakeBot(ContractBot):
    """A bot whose intake writes down what it was handed, and what discord.py knew at that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.intake = GatewayIntake(SystemClock())
        self.taken: list[tuple[str, Payload, int]] = []
        self.cached_members: list[discord.Member | None] = []
        self.intake.attach(self)
        for event in EVENTS:
            self.intake.subscribe(event, self._taker(event))

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        self.intake.note_dispatch(event_name, *args)
        super().dispatch(event_name, *args, **kwargs)

    def of(self, event: str) -> list[Payload]:
        """Return the payloads taken of one event."""
        return [payload for name, payload, _ in self.taken if name == event]

    def _taker(self, event: str) -> Any:
        def take(payload: Payload, received_at_ms: int) -> None:
            self.taken.append((event, payload, received_at_ms))
            if event == "GUILD_MEMBER_ADD":
                guild = self.get_guild(int(payload["guild_id"]))
                assert guild is not None
                self.cached_members.append(guild.get_member(int(payload["user"]["id"])))

        return take


@pytest.mark.parametrize("event", EVENTS)
def test_discord_py_has_a_parser_for_every_event_that_is_taken(event: str) -> None:
    assert event in ContractBot()._connection.parsers


async def test_the_intake_sees_a_raw_event_before_discord_py_does() -> None:
    bot = IntakeBot()
    async with town(bot=bot) as here:
        person = here.newcomer()
        here.world.join(here.guild.id, person.id)
        await here.world.until(lambda: bot.seen("member_join"))

        (payload,) = bot.of("GUILD_MEMBER_ADD")
        assert int(payload["user"]["id"]) == person.id
        assert bot.cached_members == [None]
        assert here.seen_guild.get_member(person.id) is not None


async def test_the_intake_sees_a_join_that_discord_py_drops() -> None:
    bot = IntakeBot()
    async with town(bot=bot) as here:
        person = here.newcomer()
        here.world.join(here.guild.id, person.id)
        here.world.repeat_member_add(here.guild.id, person.id)
        await here.world.until(lambda: len(bot.of("GUILD_MEMBER_ADD")) == 2)

        assert len(bot.seen("member_join")) == 1


async def test_events_keep_their_order_across_kinds() -> None:
    bot = IntakeBot()
    async with town(bot=bot) as here:
        bot.taken.clear()
        person = here.newcomer()
        invite = here.world.make_invite(here.channel.id, here.ada.id, max_uses=1)
        here.world.join(here.guild.id, person.id, code=invite.code)
        here.world.leave(here.guild.id, person.id)
        await here.world.until(lambda: bot.of("GUILD_MEMBER_REMOVE"))

        assert [name for name, _, _ in bot.taken] == [
            "INVITE_CREATE",
            "INVITE_DELETE",
            "GUILD_MEMBER_ADD",
            "GUILD_MEMBER_REMOVE",
        ]
        times = [received_at_ms for _, _, received_at_ms in bot.taken]
        assert times == sorted(times)


async def test_a_handler_that_fails_costs_neither_the_others_nor_discord_py_the_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bot = IntakeBot()

    def fail(_payload: Payload, _received_at_ms: int) -> None:
        raise RuntimeError("a feature's bug")

    late: list[Payload] = []
    bot.intake.subscribe("GUILD_MEMBER_ADD", fail)
    bot.intake.subscribe("GUILD_MEMBER_ADD", lambda payload, _: late.append(payload))
    async with town(bot=bot) as here:
        here.world.join(here.guild.id, here.newcomer().id)
        await here.world.until(lambda: bot.seen("member_join"))

        assert len(bot.of("GUILD_MEMBER_ADD")) == len(late) == 1
        assert [record.exc_text is not None for record in caplog.records if record.name == "bot.gateway"] == [
            True
        ]


async def test_who_no_longer_subscribes_is_handed_nothing() -> None:
    bot = IntakeBot()
    seen: list[Payload] = []

    def take(payload: Payload, _received_at_ms: int) -> None:
        seen.append(payload)

    bot.intake.subscribe("GUILD_MEMBER_ADD", take)
    bot.intake.unsubscribe("GUILD_MEMBER_ADD", take)
    async with town(bot=bot) as here:
        here.world.join(here.guild.id, here.newcomer().id)
        await here.world.until(lambda: bot.seen("member_join"))

        assert seen == []


async def test_a_shard_is_steady_from_ready_until_it_is_dropped_and_again_after_the_replay() -> None:
    bot = IntakeBot()
    assert bot.intake.steady_since_ms(0) is None
    async with town(bot=bot) as here:
        first = bot.intake.steady_since_ms(0)
        here.world.switches.refuse_connections = True
        await here.server.gateway.drop_sockets()
        await here.world.until(lambda: bot.intake.steady_since_ms(0) is None)
        here.world.join(here.guild.id, here.newcomer().id)
        here.world.switches.refuse_connections = False
        await here.world.until(lambda: bot.intake.steady_since_ms(0) is not None)
        second = bot.intake.steady_since_ms(0)

        assert first is not None
        assert second is not None
        assert second >= first


class SettableClock(SystemClock):
    """Its seconds are what they are set to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def test_each_change_of_a_connection_is_one_line_and_its_time_is_known(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "bot.gateway")
    clock = SettableClock()
    intake = GatewayIntake(clock)
    # While it connects for the first time, an attempt may fail.
    intake.note_dispatch("shard_disconnect", 3)
    assert intake.changed_at(3) is None
    changed_at = []
    # discord.py may tell of the end of a connection twice.
    for event in ("connect", "disconnect", "disconnect", "resumed"):
        clock.seconds += 1
        intake.note_dispatch(f"shard_{event}", 3)
        changed_at.append(intake.changed_at(3))
    assert changed_at == [1, 2, 2, 4]
    lines = [(vars(record)["event"], vars(record)["shard_id"]) for record in caplog.records]
    assert lines == [("shard_disconnected", 3), ("shard_resumed", 3)]


async def test_what_is_replayed_arrives_before_the_shard_counts_as_steady() -> None:
    bot = IntakeBot()
    steady_at_join: list[int | None] = []
    bot.intake.subscribe(
        "GUILD_MEMBER_ADD", lambda _payload, _at: steady_at_join.append(bot.intake.steady_since_ms(0))
    )
    async with town(bot=bot) as here:
        await here.server.gateway.drop_sockets()
        here.world.join(here.guild.id, here.newcomer().id)
        await here.world.until(lambda: bot.intake.steady_since_ms(0) is not None and steady_at_join)

        assert here.world.identifies == 1
        assert steady_at_join == [None]


class Listening(IntakeBot):
    """A bot that also listens to messages as discord.py reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[discord.Message] = []
        self.intake.subscribe("MESSAGE_CREATE", self._taker("MESSAGE_CREATE"))

    async def on_message(self, message: discord.Message, /) -> None:
        self.read.append(message)


async def test_an_event_that_bypasses_discord_py_is_taken_and_not_read() -> None:
    bot = Listening()
    bot.intake = GatewayIntake(SystemClock())
    bot.intake.bypass("MESSAGE_CREATE")
    bot.intake.attach(bot)
    bot.intake.subscribe("MESSAGE_CREATE", bot._taker("MESSAGE_CREATE"))
    async with town(bot=bot) as here:
        channel = here.world.first_channel(here.guild.id)
        here.world.say(channel.id, here.world.add_person("ada").id, "hello")
        await here.world.until(lambda: bot.of("MESSAGE_CREATE") != [])
    assert [payload["content"] for payload in bot.of("MESSAGE_CREATE")] == ["hello"]
    assert bot.read == []


async def test_an_event_that_bypasses_nothing_is_read_by_discord_py_as_well() -> None:
    bot = Listening()
    async with town(bot=bot) as here:
        channel = here.world.first_channel(here.guild.id)
        here.world.say(channel.id, here.world.add_person("ada").id, "hello")
        await here.world.until(lambda: bot.read != [])
    assert [message.content for message in bot.read] == ["hello"]


class Socket:
    """A socket on which data is always waiting: reading it never gives way by itself."""

    def __init__(self) -> None:
        self.received = 0

    async def receive(self, timeout: float | None = None) -> str:
        self.received += 1
        return "data"


async def test_a_flood_of_events_lets_everything_else_have_its_turn() -> None:
    client = discord.Client(intents=discord.Intents.none())
    socket = Socket()

    async def ws_connect(*_args: Any, **_kwargs: Any) -> Socket:
        return socket

    client.http.ws_connect = ws_connect  # type: ignore[method-assign, assignment]
    share_the_loop(client)
    connected: Any = await client.http.ws_connect("")

    async def read() -> None:
        while True:
            await connected.receive()

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    first = socket.received
    await asyncio.sleep(0)
    reading.cancel()
    assert first <= EVENTS_PER_TURN
    assert 0 < socket.received - first <= EVENTS_PER_TURN
