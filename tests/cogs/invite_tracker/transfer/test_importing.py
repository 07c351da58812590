"""Joins of a file come on record once, without those who may not be named, and with a true report."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cogs.invite_tracker.counting import counted_since_ms
from cogs.invite_tracker.transfer.importing import Tally, record_entries
from cogs.invite_tracker.transfer.reading import Wishes, open_source
from cogs.invite_tracker.transfer.writing import Format
from storage.database import Database
from storage.invite_counts import fetch_counts
from storage.invite_erasure import erase_member_from_joins
from storage.joins import fetch_joins_after, insert_joins
from storage.records import FakeRules, Join, Method
from storage.resets import insert_reset
from tests.cogs.invite_tracker.transfer.examples import DAY_MS, NOW_MS, SERVER, file_of, joins, lines_of
from tests.storage.rows import ORDINARY_JOIN

NO_RULES = FakeRules(own_invite=False, rejoin=False, no_avatar=False, minimum_account_age_days=0)
ADA, BEA, CAI = 1199648432165432165, 1199648432165432166, 1199648432165432167
YESTERDAY = "2026-09-20 10:00:00"
YESTERDAY_MS = 1_789_898_400_000
HEADER = "member,inviter,code,date\n"


def nobody(_user_id: int) -> bool:
    return False


async def import_text(
    database: Database, text: str, is_opted_out: Callable[[int], bool] = nobody, now_ms: int = NOW_MS
) -> Tally:
    source = open_source(lines_of(text), SERVER, now_ms, Wishes({}))
    async with database.write() as tx:
        return await record_entries(
            tx,
            SERVER,
            source.entries,
            is_opted_out=is_opted_out,
            now_ms=now_ms,
            since_ms=counted_since_ms(now_ms),
        )


async def on_record(database: Database) -> list[Join]:
    async with database.read() as rx:
        return await fetch_joins_after(rx, SERVER, 0, 1_000)


def bare(rows: Iterable[Join]) -> list[Join]:
    """Return joins without what each recording gives anew."""
    return [replace(join, join_id=0, recorded_at_ms=0) for join in rows]


async def test_new_joins_are_recorded_now_with_ids_above_all_others(database: Database) -> None:
    there = replace(ORDINARY_JOIN, join_id=(NOW_MS << 20) + 7, member_id=5)
    async with database.write() as tx:
        await insert_joins(tx, [there])
    tally = await import_text(database, f"{HEADER}{ADA},{BEA},abc,{YESTERDAY}\n")
    (_there, join) = await on_record(database)
    assert (tally.read, tally.new, tally.on_record, tally.refused) == (1, 1, 0, 0)
    assert (join.member_id, join.joined_at_ms, join.recorded_at_ms) == (ADA, YESTERDAY_MS, NOW_MS)
    assert join.join_id > there.join_id
    assert join.join_id >> 20 == NOW_MS


async def test_the_same_file_twice_changes_nothing(database: Database) -> None:
    text = f"{HEADER}{ADA},{BEA},abc,{YESTERDAY}\n{CAI},,abc,2026-09-19\n{ADA},{BEA},abc,2026-09-01 10:00\n"
    first = await import_text(database, text)
    before = await on_record(database)
    again = await import_text(database, text, now_ms=NOW_MS + 5_000)
    assert (first.new, again.new, again.on_record) == (3, 0, 3)
    assert await on_record(database) == before


async def test_a_line_that_repeats_another_is_no_second_join(database: Database) -> None:
    line = f"{ADA},{BEA},abc,2026-09-19\n"
    tally = await import_text(database, f"{HEADER}{line}{ADA},{BEA},xyz,2026-09-19\n{line}")
    assert (tally.new, tally.repeated, tally.on_record) == (1, 2, 0)


async def test_what_was_recorded_with_milliseconds_is_not_recorded_again(database: Database) -> None:
    here = replace(ORDINARY_JOIN, member_id=ADA, joined_at_ms=YESTERDAY_MS + 345)
    async with database.write() as tx:
        await insert_joins(tx, [here])
    tally = await import_text(database, f"{HEADER}{ADA},{BEA},abc,{YESTERDAY}\n")
    assert (tally.new, tally.on_record) == (0, 1)
    assert await on_record(database) == [here]


async def test_another_servers_joins_are_not_taken_for_this_ones(database: Database) -> None:
    elsewhere = replace(ORDINARY_JOIN, guild_id=SERVER + 1, member_id=ADA, joined_at_ms=YESTERDAY_MS)
    async with database.write() as tx:
        await insert_joins(tx, [elsewhere])
    assert (await import_text(database, f"{HEADER}{ADA},{BEA},abc,{YESTERDAY}\n")).new == 1


async def test_who_opted_out_is_imported_without_their_id_and_only_once(database: Database) -> None:
    text = f"{HEADER}{ADA},{BEA},abc,{YESTERDAY}\n{CAI},{ADA},abc,{YESTERDAY}\n"
    first = await import_text(database, text, lambda user_id: user_id == ADA)
    hidden, brought = await on_record(database)
    assert (hidden.member_id, hidden.credited_inviter_id) == (None, BEA)
    assert (hidden.joined_at_ms - hidden.account_created_at_ms) % DAY_MS == 0
    assert (brought.member_id, brought.inviter_id, brought.credited_inviter_id) == (CAI, None, None)
    assert brought.candidates[0].inviter_id is None
    again = await import_text(database, text, lambda user_id: user_id == ADA)
    assert (first.new, first.anonymous, again.new, again.on_record) == (2, 1, 0, 2)


async def test_only_the_first_join_of_somebody_who_opted_out_counts(database: Database) -> None:
    text = f"{HEADER}{ADA},{BEA},abc,2026-09-18\n{ADA},{BEA},abc,2026-09-19\n"
    await import_text(database, text, lambda _user_id: True)
    assert [join.credited_inviter_id for join in await on_record(database)] == [None, None]
    await import_text(
        database, text.replace("09-18", "09-08").replace("09-19", "09-09"), lambda user_id: user_id == ADA
    )
    assert [join.credited_inviter_id for join in await on_record(database)][2:] == [BEA, None]


async def test_who_was_forgotten_does_not_come_back_by_an_old_file(database: Database) -> None:
    text = f"{HEADER}{ADA},{BEA},abc,{YESTERDAY}\n"
    await import_text(database, text)
    async with database.write() as tx:
        await erase_member_from_joins(tx, SERVER, ADA, 100)
    forgotten = await on_record(database)
    tally = await import_text(database, text)
    assert (tally.new, tally.on_record) == (0, 1)
    assert await on_record(database) == forgotten
    assert forgotten[0].member_id is None


async def test_a_member_who_had_been_here_came_back_in_whatever_order_the_lines_are(
    database: Database,
) -> None:
    text = f"{HEADER}{ADA},{BEA},abc,2026-09-19\n{ADA},{BEA},abc,2026-09-18\n{CAI},{BEA},abc,2026-09-19\n"
    await import_text(database, text)
    assert [join.is_rejoin for join in await on_record(database)] == [True, False, False]


async def test_the_report_says_what_counts_and_for_whom(database: Database) -> None:
    old = "2026-01-05"
    tally = await import_text(
        database,
        f"{HEADER}{ADA},{BEA},abc,{YESTERDAY}\n{CAI},{BEA},abc,{old}\n{BEA},,abc,2026-09-19\n"
        f"{BEA + 5},{CAI},x,2026-09-19\n{BEA + 6},{CAI},x,2026-09-19\n",
    )
    assert tally.effect is not None
    assert (tally.new, tally.effect.recent, tally.effect.counted) == (5, 4, 3)
    assert tally.effect.gains == ((CAI, 2), (BEA, 1))
    async with database.read() as rx:
        counts = await fetch_counts(rx, SERVER, BEA, NO_RULES, counted_since_ms(NOW_MS))
    assert counts.total == 1


async def test_the_report_tells_joins_that_count_no_more_because_of_an_earlier_one(
    database: Database,
) -> None:
    here = replace(ORDINARY_JOIN, member_id=ADA, joined_at_ms=YESTERDAY_MS)
    later = replace(here, join_id=2, joined_at_ms=YESTERDAY_MS + DAY_MS // 2)
    async with database.write() as tx:
        await insert_joins(tx, [here, later])
    tally = await import_text(database, f"{HEADER}{ADA},{BEA},abc,2026-09-01\n")
    assert tally.effect is not None
    assert (tally.effect.counted, tally.effect.displaced) == (1, 1)


async def test_a_join_that_was_reset_is_exported_and_imported_as_cleared(database: Database) -> None:
    here = replace(
        ORDINARY_JOIN, member_id=ADA, inviter_id=BEA, credited_inviter_id=BEA, joined_at_ms=YESTERDAY_MS
    )
    async with database.write() as tx:
        await insert_joins(tx, [here])
        await insert_reset(tx, SERVER, BEA, 9, NOW_MS)
    file = file_of(Format.JSONL, await on_record(database))
    async with database.write() as tx:
        for table in ("joins", "resets"):
            await tx.execute(f"DELETE FROM {table}")
    tally = await import_text(database, file)
    (join,) = await on_record(database)
    assert join.cleared_at_ms == NOW_MS
    assert tally.effect is not None
    assert (tally.effect.recent, tally.effect.counted) == (1, 0)


async def test_refused_lines_are_counted_and_the_first_kept(database: Database) -> None:
    tally = await import_text(database, HEADER + "x,,,\n" * 150)
    assert (tally.read, tally.refused, len(tally.refusals)) == (150, 150, 100)
    assert tally.refusals[0].line == 2


# A database for each example would take longer than all of them: each begins with none on record.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    rows=st.lists(joins, max_size=6, unique_by=lambda join: (join.member_id, join.joined_at_ms)),
    data=st.data(),
)
async def test_what_was_exported_is_on_record_after_an_import_and_a_second_one_changes_nothing(
    database: Database, rows: list[Join], data: st.DataObject
) -> None:
    async with database.write() as tx:
        await tx.execute("DELETE FROM joins")
    form = data.draw(st.sampled_from(Format))
    file = file_of(form, rows)
    if not rows:
        return
    await import_text(database, file)
    stored = await on_record(database)
    found = bare(stored)
    # Whether somebody who was imported from elsewhere had been here follows from what is on record.
    ours = [join for join in rows if join.method is not Method.IMPORTED]
    assert [join for join in found if join.method is not Method.IMPORTED] == ours
    assert len(found) == len(rows)
    again = await import_text(database, file)
    assert (again.new, again.on_record) == (0, len(rows))
    assert await on_record(database) == stored
