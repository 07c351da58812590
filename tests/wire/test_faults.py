"""The bot is killed, or its database fails, while people join: what was announced is stored, and nothing is lost."""

import asyncio
import os
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.sandbox.demo.bot_process import error_lines
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import JoinSource, World
from storage.records import Candidate, Certainty, Join, Method, Source
from tests.wire.crashes import RestlessGuild
from tests.wire.town import Town, eventually, town

KILLS = int(os.environ.get("HEADCOUNT_TEST_KILLS", "5"))
START_TIMEOUT_S = 30.0
SETTLE_TIMEOUT_S = 60.0


@pytest.mark.faults
@pytest.mark.timeout(120 + 12 * KILLS)
async def test_killing_the_bot_loses_no_join_records_none_twice_and_announces_none_unstored(
    tmp_path: Path,
) -> None:
    chance = Random()
    world = World()
    world.switches.rest_latency_ms = (1, 15)
    world.switches.event_lag_ms = (0, 15)
    world.switches.invite_delete_order = "random"
    async with SandboxServer(world) as server:
        guild = RestlessGuild(world, server, tmp_path, chance)
        await guild.enable()
        try:
            await guild.bot.start()
            await world.until(guild.has_baseline, START_TIMEOUT_S)
            await live_through_kills(guild)
            await world.until(guild.is_settled, SETTLE_TIMEOUT_S)
        finally:
            has_stopped = await guild.bot.stop()
        joins = await guild.fetch_joins()

    summary = tell(guild, joins)
    print(f"\n{summary}")
    assert has_stopped
    assert world.gaps == []
    assert Counter((join.member_id, join.joined_at_ms) for join in joins) == Counter(guild.happened())
    assert_left_flags(world, joins)
    assert [join for join in joins if is_wrong(world, join)] == []
    truth = Counter(record.code for record in world.history)
    assert Counter(join.credited_code for join in joins) == truth
    assert guild.unstored == []
    rows, leaves = Counter(join.member_id for join in joins), guild.leaves
    for (kind, member_id), messages in guild.messages.items():
        assert messages <= (rows if kind == "came" else leaves)[member_id]
    assert guild.messages
    assert error_lines(guild.bot.log_lines()) == ()


async def live_through_kills(guild: RestlessGuild) -> None:
    """Kill and restart the running bot again and again while people come and go; it runs in the end."""
    life = asyncio.create_task(guild.live())
    try:
        for kill in range(KILLS):
            await guild.joined(guild.chance.randrange(30), START_TIMEOUT_S)
            guild.bot.require_alive()
            await guild.bot.kill()
            identifies = guild.world.identifies
            await guild.bot.start()
            # Some are killed while they start, some while they catch up, some well after.
            if kill % 4 or kill == KILLS - 1:
                await guild.identified(identifies + 1, START_TIMEOUT_S)
        await guild.joined(10, START_TIMEOUT_S)
        assert not life.done()
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


def assert_left_flags(world: World, joins: list[Join]) -> None:
    """Check that exactly the latest joins of those who are here are not marked as left."""
    latest: dict[int | None, int] = {}
    for join in joins:
        latest[join.member_id] = max(join.joined_at_ms, latest.get(join.member_id, 0))
    here = {user_id for _, user_id in world.joins}
    for join in joins:
        is_here = join.member_id in here and join.joined_at_ms == latest[join.member_id]
        assert (join.left_at_ms is None) == is_here, join


def is_wrong(world: World, join: Join) -> bool:
    """Whether a certain answer is not true, or an open one leaves the truth out."""
    record = next(
        record
        for record in world.history
        if record.user_id == join.member_id and int(record.at.timestamp() * 1000) == join.joined_at_ms
    )
    source = {JoinSource.INVITE: Source.INVITE, JoinSource.VANITY: Source.VANITY}.get(
        record.source, Source.UNKNOWN
    )
    truth = Candidate(source, record.code, record.inviter_id)
    if join.certainty is Certainty.CERTAIN:
        if join.method is Method.MEMBERS_SEARCH and record.source is JoinSource.DISCOVERY:
            truth = Candidate(Source.DISCOVERY, None, None)
        return Candidate(join.source, join.code, join.inviter_id) != truth
    return join.certainty is Certainty.AMBIGUOUS and truth not in join.candidates


def tell(guild: RestlessGuild, joins: list[Join]) -> str:
    """Return one line about what was seen."""
    certainties = Counter(join.certainty for join in joins)
    wrong = sum(is_wrong(guild.world, join) for join in joins)
    return (
        f"{KILLS} kills: {len(guild.world.history)} joins happened, {len(joins)} on record "
        f"({', '.join(f'{certainties[kind]} {kind}' for kind in Certainty)}, {wrong} wrong), "
        f"{guild.leaves.total()} leaves, {guild.messages.total()} messages, {len(guild.unstored)} of them unstored."
    )


async def announce(here: Town) -> None:
    """Turn on join messages that name the member."""
    await here.save(
        join_messages_enabled=True,
        join_messages_channel=here.channel.id,
        join_message_content="came <user_id>",
    )


async def is_in_trouble(here: Town) -> bool:
    """Whether the admin is told that the database fails."""
    return "database" in ((await here.info()).status.trouble or "")


async def test_while_the_database_is_locked_joins_wait_in_memory_and_are_not_announced(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        invite = here.invite()
        await here.looked()
        await here.client.parts.database._writer.execute("PRAGMA busy_timeout = 50")
        with closing(sqlite3.connect(here.path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            people = [here.join(invite), here.join(invite)]
            await eventually(lambda: is_in_trouble(here), "the tracker tells of its trouble")
            assert [await here.joins_of(person) for person in people] == [[], []]
            assert here.messages() == []
            other.execute("ROLLBACK")
        joins = [await here.recorded(person) for person in people]
        await here.world.until(lambda: len(here.messages()) == 2)

        assert [(join.certainty, join.code) for join in joins] == [(Certainty.CERTAIN, invite.code)] * 2
        assert sorted(here.messages()) == sorted(f"came {person.id}" for person in people)
        assert (await here.info()).status.trouble is None


async def test_a_full_disk_loses_no_join_and_announces_none_that_is_not_stored(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await announce(here)
        invite, writer = here.invite(), here.client.parts.database._writer
        await here.looked()
        unstored: list[str] = []

        def check(name: str, payload: Mapping[str, Any]) -> None:
            said = str(payload.get("content")) if name == "MESSAGE_CREATE" else ""
            member_id = said.removeprefix("came ")
            if said and not here.execute(f"SELECT 1 FROM joins WHERE member_id = {member_id}"):
                unstored.append(said)

        here.world.subscribers.append(check)
        ((pages,),) = await writer.execute_fetchall("PRAGMA page_count")
        await writer.execute_fetchall(f"PRAGMA max_page_count = {pages}")
        people = [here.join(invite) for _ in range(80)]
        await eventually(lambda: is_in_trouble(here), "the disk is full")
        people += [here.join(invite) for _ in range(5)]
        await writer.execute_fetchall("PRAGMA max_page_count = 1000000")
        joins = await here.all_recorded()
        await here.world.until(lambda: len(here.messages()) >= len(people))

        here.assert_never_wrong(joins)
        here.assert_totals(joins)
        assert sorted(here.messages()) == sorted(f"came {person.id}" for person in people)
        assert unstored == []
