"""A person is erased from joins, invites and bonuses; what others have brought counts as before."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from storage import invite_erasure
from storage.counting_sql import DAY_MS
from storage.database import Database
from storage.invite_counts import fetch_counts
from storage.invite_erasure import count_invite_references, fetch_anonymous_joins
from storage.invites import fetch_known_invite, upsert_known_invites
from storage.joins import fetch_last_joins_of_inviter, insert_joins
from storage.records import Candidate, Certainty, FakeRules, InviteCounts, Join, Source
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_INVITE, ORDINARY_JOIN, insert_bonus

PEOPLE = (1, 2, 3)
ERASED = 2**60 + 1
EVERYBODY = (*PEOPLE, ERASED)
START_MS = 1_700_000_000_000

people = st.sampled_from(EVERYBODY)
inviters = st.one_of(st.none(), people)


@st.composite
def stories(draw: st.DrawFn) -> list[Join]:
    """Joins, leaves and joins again, by invites of one another."""
    joins = []
    last_ms: dict[int, int] = {}
    for number in range(draw(st.integers(1, 25))):
        member_id = draw(people)
        joined_at_ms = max(START_MS, last_ms.get(member_id, 0)) + draw(st.integers(1, 3 * DAY_MS))
        last_ms[member_id] = joined_at_ms
        inviter_id = draw(inviters)
        joins.append(
            replace(
                ORDINARY_JOIN,
                join_id=number + 1,
                member_id=member_id,
                joined_at_ms=joined_at_ms,
                inviter_id=inviter_id,
                credited_inviter_id=draw(st.sampled_from((inviter_id, None, 1, ERASED))),
                candidates=tuple(
                    Candidate(Source.INVITE, f"code{one % 10}", one)
                    for one in draw(st.lists(people, max_size=2, unique=True))
                ),
                certainty=Certainty.AMBIGUOUS,
                account_created_at_ms=joined_at_ms - draw(st.integers(0, 10 * DAY_MS)),
                is_own_invite=draw(st.booleans()),
                is_rejoin=draw(st.booleans()),
                had_avatar=draw(st.booleans()),
                left_at_ms=draw(st.one_of(st.none(), st.just(joined_at_ms + 1))),
                cleared_at_ms=draw(st.one_of(st.none(), st.none(), st.just(joined_at_ms + 1))),
            )
        )
    return joins


rules = st.builds(
    FakeRules,
    own_invite=st.booleans(),
    rejoin=st.booleans(),
    no_avatar=st.booleans(),
    minimum_account_age_days=st.integers(0, 10),
)


async def erase(database: Database, limit: int = 3) -> None:
    """Erase in small steps."""
    while True:
        async with database.write() as tx:
            if not await invite_erasure.erase_member_from_joins(tx, GUILD, ERASED, limit):
                break
    after_id = 0
    while True:
        async with database.read() as rx:
            found = await invite_erasure.fetch_joins_naming_inviter(rx, GUILD, ERASED, after_id, limit)
        if not found:
            break
        async with database.write() as tx:
            await invite_erasure.erase_inviter_from_joins(tx, GUILD, ERASED, found)
        after_id = found[-1]
    async with database.write() as tx:
        await invite_erasure.erase_inviter_from_invites(tx, GUILD, ERASED)
        await invite_erasure.erase_from_bonuses(tx, GUILD, ERASED)


async def counts_of(database: Database, fake_rules: FakeRules) -> dict[int, InviteCounts]:
    """Return what everybody but the erased person has brought."""
    async with database.read() as rx:
        return {person: await fetch_counts(rx, GUILD, person, fake_rules, None) for person in PEOPLE}


@settings(max_examples=50, deadline=None)
@given(story=stories(), fake_rules=rules)
def test_the_counts_of_everybody_else_stay_as_they_are(story: list[Join], fake_rules: FakeRules) -> None:
    async def live_through() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = await Database.open(Path(folder) / "headcount.sqlite3", now_ms=1)
            try:
                async with database.write() as tx:
                    await insert_joins(tx, story)
                before = await counts_of(database, fake_rules)
                await erase(database)
                assert await counts_of(database, fake_rules) == before
                async with database.read() as rx:
                    assert (await count_invite_references(rx, GUILD, ERASED)).total == 0
                    rows = await rx.fetch_all("SELECT * FROM joins")
                assert len(rows) == len(story)
                assert not any(str(ERASED) in str(value) for row in rows for value in row)
            finally:
                await database.close()

    asyncio.run(live_through())


async def everything(database: Database, guild_id: int) -> list[Any]:
    """Return all rows of a guild."""
    tables = ("joins", "known_invites", "bonuses")
    async with database.read() as rx:
        return [await rx.fetch_all(f"SELECT * FROM {table} WHERE guild_id = {guild_id}") for table in tables]


async def fill(database: Database, guild_id: int) -> None:
    """Store something of everything that names the person."""
    theirs = replace(ORDINARY_JOIN, guild_id=guild_id, member_id=ERASED)
    brought = replace(
        ORDINARY_JOIN, guild_id=guild_id, join_id=2, inviter_id=ERASED, credited_inviter_id=ERASED
    )
    maybe = replace(
        ORDINARY_JOIN,
        guild_id=guild_id,
        join_id=3,
        member_id=3,
        candidates=(Candidate(Source.INVITE, "a", ERASED), Candidate(Source.INVITE, "b", 7)),
    )
    async with database.write() as tx:
        await insert_joins(tx, [theirs, brought, maybe])
        await upsert_known_invites(tx, [replace(ORDINARY_INVITE, guild_id=guild_id, inviter_id=ERASED)])
        await insert_bonus(tx, 1, ERASED, 5, guild_id)
        await insert_bonus(tx, 2, 7, 5, guild_id)
        await tx.execute("UPDATE bonuses SET granted_by = ? WHERE bonus_id = 2", (ERASED,))


async def test_references_are_counted_each_row_once(database: Database) -> None:
    await fill(database, GUILD)
    async with database.read() as rx:
        found = await count_invite_references(rx, GUILD, ERASED)
    assert (found.joins, found.invited, found.invites, found.bonuses, found.granted) == (1, 2, 1, 1, 1)
    assert found.total == 6


async def test_another_guild_is_not_touched(database: Database) -> None:
    await fill(database, GUILD)
    await fill(database, ELSEWHERE)
    before = await everything(database, ELSEWHERE)
    await erase(database)
    assert await everything(database, ELSEWHERE) == before
    assert str(ERASED) not in str(await everything(database, GUILD))


async def test_joins_that_the_person_brought_are_brought_by_nobody_and_keep_their_code(
    database: Database,
) -> None:
    await fill(database, GUILD)
    await erase(database)
    async with database.read() as rx:
        rows = await rx.fetch_all(
            "SELECT member_id, code, credited_code, inviter_id FROM joins WHERE join_id = 2"
        )
        (maybe,) = [one for one in await fetch_last_joins_of_inviter(rx, GUILD, 7, 10) if one.join_id == 3]
        invite = await fetch_known_invite(rx, GUILD, ORDINARY_INVITE.code)
    assert rows == [(1, "code", "code", None)]
    assert maybe.candidates == (Candidate(Source.INVITE, "a", None), Candidate(Source.INVITE, "b", 7))
    assert invite is not None
    assert (invite.inviter_id, invite.uses) == (None, ORDINARY_INVITE.uses)


async def test_what_the_person_granted_stays_and_what_they_were_granted_goes(database: Database) -> None:
    await fill(database, GUILD)
    await erase(database)
    async with database.read() as rx:
        rows = await rx.fetch_all("SELECT inviter_id, amount, granted_by FROM bonuses")
    assert rows == [(7, 5, invite_erasure.NOBODY)]


async def test_a_step_is_no_longer_than_asked_and_a_crash_in_between_changes_no_count(
    database: Database,
) -> None:
    """The join that counts, and the one that says whether the member is here, go last and together."""
    joins = [
        replace(
            ORDINARY_JOIN,
            join_id=number + 1,
            member_id=ERASED,
            joined_at_ms=START_MS + number,
            left_at_ms=None if number == 9 else START_MS + number,
        )
        for number in range(10)
    ]
    async with database.write() as tx:
        await insert_joins(tx, joins)
    rules = FakeRules(own_invite=False, rejoin=False, no_avatar=False, minimum_account_age_days=0)
    async with database.read() as rx:
        before = await fetch_counts(rx, GUILD, 7, rules, None)
    assert (before.total, before.leaves) == (1, 0)
    erased: list[int] = []
    while not erased or erased[-1]:
        async with database.write() as tx:
            erased.append(await invite_erasure.erase_member_from_joins(tx, GUILD, ERASED, 4))
        async with database.read() as rx:
            assert await fetch_counts(rx, GUILD, 7, rules, None) == before
    assert max(erased) <= 4
    assert sum(erased) == 10


async def test_the_age_of_the_account_is_kept_in_days_only(database: Database) -> None:
    exact_ms = START_MS - 5 * DAY_MS - 12_345
    join = replace(ORDINARY_JOIN, member_id=ERASED, joined_at_ms=START_MS, account_created_at_ms=exact_ms)
    async with database.write() as tx:
        await insert_joins(tx, [join])
    await erase(database)
    async with database.read() as rx:
        assert await rx.fetch_all("SELECT account_created_at_ms FROM joins") == [(START_MS - 5 * DAY_MS,)]
        assert await fetch_anonymous_joins(rx, GUILD, [START_MS, 5]) == {(START_MS, 5)}
