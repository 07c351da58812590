"""What events and decisions leave on record."""

from dataclasses import replace

import pytest

from cogs.invite_tracker.attribution import Decision, Verdict
from cogs.invite_tracker.tracking.recording import join_of_bot, record_bot, record_decision, select_new
from storage.arrivals import fetch_arrivals, insert_arrivals
from storage.corrections import Attribution, fetch_corrections_of_join, insert_correction
from storage.database import Database
from storage.joins import JoinIds, fetch_joins_of_members, fetch_latest_join_of_member, insert_joins
from storage.records import Arrival, Candidate, Certainty, Join, Method, Reason, Source
from tests.storage.rows import GUILD, ORDINARY_ARRIVAL, ORDINARY_JOIN

TRACKED_SINCE_MS = 500


async def chosen(
    database: Database,
    *arrivals: Arrival,
    pending: tuple[Arrival, ...] = (),
    left_at_ms: dict[tuple[int, int], int] | None = None,
) -> list[Arrival]:
    async with database.write() as tx:
        return await select_new(tx, GUILD, arrivals, pending, TRACKED_SINCE_MS, left_at_ms or {})


async def on_record(database: Database, member_id: int = 1) -> list[Join]:
    async with database.read() as rx:
        return (await fetch_joins_of_members(rx, GUILD, [member_id])).get(member_id, [])


async def store(database: Database, *joins: Join) -> None:
    async with database.write() as tx:
        await insert_joins(tx, joins)


def verdict(arrival: Arrival, code: str | None = "code", *, is_provisional: bool = False) -> Verdict:
    certain = code is not None
    return Verdict(
        arrival=arrival,
        source=Source.INVITE if certain else Source.UNKNOWN,
        code=code,
        inviter_id=7 if certain else None,
        method=Method.USES_RISE if certain else Method.NONE,
        certainty=Certainty.CERTAIN if certain else Certainty.UNKNOWN,
        candidates=(Candidate(Source.INVITE, code, 7),) if certain else (),
        evidence=(),
        reason=None if certain else Reason.REQUEST_FAILED,
        credited_code=code,
        credited_inviter_id=7 if certain else None,
        is_provisional=is_provisional,
    )


async def record(
    database: Database,
    decision: Decision,
    *,
    recorded_keys: frozenset[tuple[int, int]] = frozenset(),
    left_at_ms: dict[tuple[int, int], int] | None = None,
    now_ms: int = 2_000,
) -> None:
    async with database.write() as tx:
        await record_decision(
            tx,
            GUILD,
            decision,
            recorded_keys=recorded_keys,
            left_at_ms=left_at_ms or {},
            ids=await JoinIds.after_stored(tx),
            now_ms=now_ms,
        )


@pytest.mark.parametrize("method", [Method.MEMBERS_SEARCH, Method.MANUAL])
async def test_counters_do_not_change_what_discord_or_an_admin_said(
    database: Database, method: Method
) -> None:
    known = replace(ORDINARY_JOIN, code="true", method=method)
    await store(database, known)
    await record(database, Decision(repairs=(verdict(ORDINARY_ARRIVAL),)))
    assert await on_record(database) == [known]


@pytest.mark.parametrize(
    ("method", "code"), [(Method.NONE, "late"), (Method.MEMBERS_SEARCH, None)], ids=["measured", "search"]
)
async def test_an_undo_brings_back_what_was_measured_in_the_end(
    database: Database, method: Method, code: str | None
) -> None:
    """An admin may correct a join of which the counters have not said their last word."""
    first = replace(ORDINARY_JOIN, source=Source.UNKNOWN, code=None, inviter_id=None, method=method)
    second = replace(ORDINARY_JOIN, code="by hand", inviter_id=8, method=Method.MANUAL)
    third = replace(second, inviter_id=9)
    async with database.write() as tx:
        await insert_joins(tx, [third])
        await insert_correction(tx, first, second, 5, 10)
        await insert_correction(tx, second, third, 5, 20)

    await record(database, Decision(repairs=(verdict(ORDINARY_ARRIVAL, "late"),)))

    assert await on_record(database) == [third]
    async with database.read() as rx:
        of_third, of_second = await fetch_corrections_of_join(rx, GUILD, third.join_id)
    assert of_third.before == Attribution.of(second)
    assert (of_second.before.code, of_second.before.inviter_id) == (code, 7 if code else None)


async def test_a_second_copy_of_a_join_is_none(database: Database) -> None:
    """Discord sends some joins twice, with times up to 0.4 s apart."""
    await store(database, ORDINARY_JOIN)
    assert await chosen(database, replace(ORDINARY_ARRIVAL, joined_at_ms=1_400)) == []


async def test_copies_that_come_together_are_one_join(database: Database) -> None:
    copy = replace(ORDINARY_ARRIVAL, joined_at_ms=1_400, received_at_ms=1_500)
    assert await chosen(database, ORDINARY_ARRIVAL, copy) == [ORDINARY_ARRIVAL]


async def test_a_copy_of_an_undecided_join_is_none(database: Database) -> None:
    copy = replace(ORDINARY_ARRIVAL, joined_at_ms=1_400, received_at_ms=1_500)
    assert await chosen(database, copy, pending=(ORDINARY_ARRIVAL,)) == []


async def test_who_was_seen_to_leave_in_between_has_joined_twice(database: Database) -> None:
    again = replace(ORDINARY_ARRIVAL, joined_at_ms=1_400, received_at_ms=1_500)
    key = ORDINARY_ARRIVAL.member_id, ORDINARY_ARRIVAL.joined_at_ms
    (new,) = await chosen(database, again, pending=(ORDINARY_ARRIVAL,), left_at_ms={key: 1_300})
    assert (new.joined_at_ms, new.is_rejoin) == (1_400, True)
    assert await chosen(database, again, pending=(ORDINARY_ARRIVAL,), left_at_ms={key: 1_600}) == []
    assert (
        await chosen(database, ORDINARY_ARRIVAL, pending=(ORDINARY_ARRIVAL,), left_at_ms={key: 1_050}) == []
    )


async def test_who_left_a_join_on_record_and_came_back_at_once_has_joined_again(database: Database) -> None:
    await store(database, replace(ORDINARY_JOIN, left_at_ms=1_300))
    again = replace(ORDINARY_ARRIVAL, joined_at_ms=1_400, received_at_ms=1_500)
    assert [new.joined_at_ms for new in await chosen(database, again)] == [1_400]
    assert await chosen(database, replace(again, joined_at_ms=ORDINARY_JOIN.joined_at_ms)) == []


async def test_who_was_a_member_before_tracking_has_not_joined(database: Database) -> None:
    assert await chosen(database, replace(ORDINARY_ARRIVAL, joined_at_ms=TRACKED_SINCE_MS - 1)) == []


async def test_a_new_join_of_a_member_on_record_is_a_rejoin_and_ends_the_earlier_one(
    database: Database,
) -> None:
    await store(database, ORDINARY_JOIN)
    back = replace(ORDINARY_ARRIVAL, joined_at_ms=9_000, received_at_ms=9_050)
    assert await chosen(database, back) == [replace(back, is_rejoin=True)]
    assert [join.left_at_ms for join in await on_record(database)] == [9_000]


async def test_a_verdict_becomes_a_join_and_its_arrival_goes(database: Database) -> None:
    async with database.write() as tx:
        await insert_arrivals(tx, [ORDINARY_ARRIVAL])
    await record(database, Decision(verdicts=(verdict(ORDINARY_ARRIVAL),)), left_at_ms={(1, 1_000): 1_700})
    (join,) = await on_record(database)
    assert (join.code, join.inviter_id, join.certainty) == ("code", 7, Certainty.CERTAIN)
    assert join.left_at_ms == 1_700
    async with database.read() as rx:
        assert await fetch_arrivals(rx, GUILD) == []


async def test_a_provisional_verdict_keeps_its_arrival_and_the_next_one_repairs_it(
    database: Database,
) -> None:
    async with database.write() as tx:
        await insert_arrivals(tx, [ORDINARY_ARRIVAL])
    await record(database, Decision(verdicts=(verdict(ORDINARY_ARRIVAL, None, is_provisional=True),)))
    async with database.read() as rx:
        assert await fetch_arrivals(rx, GUILD) == [ORDINARY_ARRIVAL]
    # A restart in between gives the ledger's answer as a new verdict; it must not become a second join.
    await record(
        database,
        Decision(verdicts=(verdict(ORDINARY_ARRIVAL),)),
        recorded_keys=frozenset({(1, 1_000)}),
        now_ms=9_000,
    )
    (join,) = await on_record(database)
    assert (join.code, join.certainty, join.recorded_at_ms) == ("code", Certainty.CERTAIN, 2_000)
    async with database.read() as rx:
        assert await fetch_arrivals(rx, GUILD) == []


async def test_a_repair_rewrites_the_attribution_and_nothing_else(database: Database) -> None:
    await store(database, replace(ORDINARY_JOIN, code=None, certainty=Certainty.UNKNOWN, left_at_ms=1_900))
    await record(database, Decision(repairs=(verdict(ORDINARY_ARRIVAL, "late"),)), now_ms=9_000)
    (join,) = await on_record(database)
    assert (join.code, join.certainty) == ("late", Certainty.CERTAIN)
    assert (join.recorded_at_ms, join.left_at_ms) == (ORDINARY_JOIN.recorded_at_ms, 1_900)


async def test_joining_by_ones_own_invite_is_noted(database: Database) -> None:
    await record(database, Decision(verdicts=(verdict(replace(ORDINARY_ARRIVAL, member_id=7)),)))
    (join,) = await on_record(database, member_id=7)
    assert join.is_own_invite


async def test_a_bot_is_named_with_who_added_it_and_credited_to_nobody(database: Database) -> None:
    bot = replace(ORDINARY_ARRIVAL, is_bot=True)
    async with database.write() as tx:
        await insert_arrivals(tx, [bot])
        await record_bot(tx, join_of_bot(bot, 7, None, 1 << 20, 2_000, None))
    async with database.read() as rx:
        join = await fetch_latest_join_of_member(rx, GUILD, 1)
        assert await fetch_arrivals(rx, GUILD) == []
    assert join is not None
    assert (join.source, join.inviter_id, join.method) == (Source.BOT, 7, Method.AUDIT_LOG)
    assert (join.credited_code, join.credited_inviter_id) == (None, None)
