"""Who opted out, or was forgotten meanwhile, is stored without an id; everything else about the join is stored."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.snowflakes import DISCORD_EPOCH_MS
from cogs.invite_tracker.attribution import Decision, Verdict
from cogs.invite_tracker.tracking.anonymity import Anonymity, is_stand_in
from cogs.invite_tracker.tracking.events import JoinReceived
from cogs.invite_tracker.tracking.inbox import store_events
from cogs.invite_tracker.tracking.keys import ArrivalKey, key_of
from cogs.invite_tracker.tracking.pending import PendingJoins
from cogs.invite_tracker.tracking.recording import Recorded, record_decision
from storage.arrivals import fetch_arrivals
from storage.database import Database
from storage.invite_erasure import DAY_MS
from storage.joins import JoinIds, insert_joins
from storage.records import Arrival, Candidate, Certainty, Method, Source
from tests.storage.rows import GUILD, ORDINARY_INVITE, ORDINARY_JOIN

JOINED_MS = DISCORD_EPOCH_MS + 1_000 * DAY_MS
CREATED_MS = JOINED_MS - 3 * DAY_MS - 5_000
OUT = (CREATED_MS - DISCORD_EPOCH_MS) << 22 | 1
"""Somebody who opted out, with an account three days old."""
INVITER = OUT + 1
"""Somebody else who did."""
ARRIVAL = Arrival(GUILD, OUT, JOINED_MS, JOINED_MS + 50, False, True, False)


def anonymity() -> Anonymity:
    return Anonymity({OUT, INVITER}.__contains__)


def verdict(arrival: Arrival = ARRIVAL, **changes: Any) -> Verdict:
    ordinary = Verdict(
        arrival=arrival,
        source=Source.INVITE,
        code="code",
        inviter_id=7,
        method=Method.USES_RISE,
        certainty=Certainty.CERTAIN,
        candidates=(),
        evidence=(),
        reason=None,
        credited_code="code",
        credited_inviter_id=7,
    )
    return replace(ordinary, **changes)


async def receive(database: Database, hidden: Anonymity, *events: JoinReceived) -> list[Arrival]:
    async with database.write() as tx:
        return (await store_events(tx, GUILD, events, PendingJoins(), 0, hidden)).arrivals


async def record(
    database: Database, hidden: Anonymity, decision: Decision, recorded_keys: Collection[ArrivalKey] = ()
) -> Recorded:
    async with database.write() as tx:
        return await record_decision(
            tx, GUILD, decision, recorded_keys=recorded_keys, left_at_ms={}, ids=JoinIds(0),
            now_ms=JOINED_MS, anonymity=hidden,
        )  # fmt: skip


async def rows(database: Database, sql: str) -> list[Any]:
    async with database.read() as rx:
        return await rx.fetch_all(sql)


JOINS = "SELECT member_id, code, inviter_id, credited_inviter_id, account_created_at_ms FROM joins"


async def test_an_undecided_join_is_stored_under_a_stand_in_that_is_no_id(database: Database) -> None:
    (arrival,) = await receive(database, anonymity(), JoinReceived(ARRIVAL))
    assert arrival == ARRIVAL
    async with database.read() as rx:
        (stored,) = await fetch_arrivals(rx, GUILD)
    assert is_stand_in(stored.member_id)
    assert str(OUT) not in str(stored)


async def test_a_decided_join_has_no_member_and_the_age_of_the_account_in_days(database: Database) -> None:
    hidden = anonymity()
    await receive(database, hidden, JoinReceived(ARRIVAL))
    recorded = await record(database, hidden, Decision(verdicts=(verdict(),)))
    assert await rows(database, JOINS) == [(None, "code", 7, 7, JOINED_MS - 3 * DAY_MS)]
    assert await rows(database, "SELECT * FROM arrivals") == []
    # Whoever greets them knows who it is.
    assert [join.member_id for join in recorded.joins] == [OUT]


async def test_a_stand_in_of_an_earlier_life_is_decided_like_any_other_join(database: Database) -> None:
    await receive(database, anonymity(), JoinReceived(ARRIVAL))
    async with database.read() as rx:
        (restored,) = await fetch_arrivals(rx, GUILD)
    recorded = await record(database, anonymity(), Decision(verdicts=(verdict(restored),)))
    assert await rows(database, JOINS) == [(None, "code", 7, 7, JOINED_MS - 3 * DAY_MS)]
    assert await rows(database, "SELECT * FROM arrivals") == []
    assert recorded.joins == ()


async def test_a_join_that_is_told_twice_is_recorded_once_although_nobody_is_named(
    database: Database,
) -> None:
    hidden = anonymity()
    await receive(database, hidden, JoinReceived(ARRIVAL))
    await record(database, hidden, Decision(verdicts=(verdict(),)))
    assert await receive(database, hidden, JoinReceived(ARRIVAL)) == []


async def test_who_opted_out_is_skipped_by_a_scan_after_downtime(database: Database) -> None:
    assert await receive(database, anonymity(), JoinReceived(ARRIVAL, is_scanned=True)) == []


async def test_a_join_again_credits_nobody_while_an_earlier_one_has_the_name(database: Database) -> None:
    async with database.write() as tx:
        await insert_joins(tx, [replace(ORDINARY_JOIN, join_id=1 << 10, member_id=OUT)])
    hidden = anonymity()
    await receive(database, hidden, JoinReceived(ARRIVAL))
    await record(database, hidden, Decision(verdicts=(verdict(),)))
    assert (None, "code", 7, None, JOINED_MS - 3 * DAY_MS) in await rows(database, JOINS)


async def test_a_provisional_answer_is_not_stored_and_the_final_one_is_once(database: Database) -> None:
    hidden = anonymity()
    await receive(database, hidden, JoinReceived(ARRIVAL))
    await record(database, hidden, Decision(verdicts=(verdict(is_provisional=True),)))
    assert await rows(database, JOINS) == []
    assert await rows(database, "SELECT COUNT(*) FROM arrivals") == [(1,)]
    await record(database, hidden, Decision(repairs=(verdict(),)))
    assert len(await rows(database, JOINS)) == 1
    assert await rows(database, "SELECT * FROM arrivals") == []


async def test_who_is_forgotten_while_undecided_is_recorded_without_a_name(database: Database) -> None:
    nobody_opted_out = Anonymity(lambda _user_id: False)
    await receive(database, nobody_opted_out, JoinReceived(ARRIVAL))
    nobody_opted_out.forget([ARRIVAL])
    await record(database, nobody_opted_out, Decision(verdicts=(verdict(),)))
    assert [row[0] for row in await rows(database, JOINS)] == [None]


async def test_a_provisional_record_that_was_made_anonymous_stays_as_it_is(database: Database) -> None:
    nobody_opted_out = Anonymity(lambda _user_id: False)
    await receive(database, nobody_opted_out, JoinReceived(ARRIVAL))
    await record(database, nobody_opted_out, Decision(verdicts=(verdict(is_provisional=True),)))
    nobody_opted_out.forget([ARRIVAL])
    recorded = await record(
        database, nobody_opted_out, Decision(repairs=(verdict(code="other"),)), {key_of(ARRIVAL)}
    )
    assert recorded == Recorded((), ())
    assert [row[:2] for row in await rows(database, JOINS)] == [(OUT, "code")]


async def test_an_inviter_who_opted_out_is_named_nowhere(database: Database) -> None:
    somebody = replace(ARRIVAL, member_id=5)
    candidates = (Candidate(Source.INVITE, "a", INVITER), Candidate(Source.INVITE, "b", 7))
    named = verdict(somebody, inviter_id=INVITER, credited_inviter_id=INVITER, candidates=candidates)
    ambiguous = replace(named, certainty=Certainty.AMBIGUOUS)
    invite = replace(ORDINARY_INVITE, inviter_id=INVITER)
    recorded = await record(database, anonymity(), Decision(verdicts=(ambiguous,), known_invites=(invite,)))
    assert str(INVITER) not in str(await rows(database, "SELECT * FROM joins"))
    assert await rows(database, "SELECT inviter_id FROM known_invites") == [(None,)]
    assert [join.inviter_id for join in recorded.joins] == [None]
