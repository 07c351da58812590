"""What admins note: resets that clear without rewriting, corrections, bonuses; and who is erased from them."""

from dataclasses import replace

from storage.bonuses import fetch_bonus_count, fetch_bonuses, insert_bonus
from storage.corrections import (
    Attribution,
    delete_corrections_unreferenced,
    fetch_corrections_of_join,
    fetch_standing_correction,
    insert_correction,
    update_correction_undone,
)
from storage.database import Database
from storage.invite_counts import fetch_counts, fetch_joins_of_code
from storage.invite_erasure import count_invite_references
from storage.joins import (
    delete_joins_before,
    fetch_joins_of_members,
    fetch_latest_join_of_member,
    insert_joins,
)
from storage.record_erasure import count_record_references, erase_from_records
from storage.records import Candidate, Certainty, FakeRules, InviteCounts, Join, Method, Reason, Source
from storage.resets import (
    Reset,
    delete_resets_unreferenced,
    fetch_last_reset,
    insert_reset,
    update_reset_undone,
)
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_JOIN, joins_of

NO_RULES = FakeRules(own_invite=False, rejoin=False, no_avatar=False, minimum_account_age_days=0)
INVITER = 7
FORGOTTEN = 2**60 + 5

AMBIGUOUS = replace(
    ORDINARY_JOIN,
    certainty=Certainty.AMBIGUOUS,
    code=None,
    inviter_id=None,
    reason=Reason.SEVERAL_FIT,
    candidates=(Candidate(Source.INVITE, "a", 7), Candidate(Source.INVITE, "b", FORGOTTEN)),
    credited_code="b",
    credited_inviter_id=FORGOTTEN,
)
CORRECTED = replace(
    AMBIGUOUS, certainty=Certainty.CERTAIN, method=Method.MANUAL, candidates=(), reason=None, inviter_id=8
)


async def total(database: Database, inviter_id: int = INVITER, guild_id: int = GUILD) -> int:
    async with database.read() as rx:
        return (await fetch_counts(rx, guild_id, inviter_id, NO_RULES, None)).total


class TestResets:
    async def test_a_reset_of_one_clears_theirs_and_nothing_elsewhere(self, database: Database) -> None:
        others = [replace(join, credited_inviter_id=8) for join in joins_of(2, first_recorded_at_ms=50)]
        others = [replace(join, member_id=(join.member_id or 0) + 90) for join in others]
        async with database.write() as tx:
            await insert_joins(tx, [*joins_of(3), *joins_of(3, guild_id=ELSEWHERE), *others])
            await insert_reset(tx, GUILD, INVITER, 1, 900)
        assert await total(database) == 0
        assert await total(database, 8) == 2
        assert await total(database, guild_id=ELSEWHERE) == 3

    async def test_every_record_says_when_a_join_was_cleared(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, joins_of(2))
            await insert_reset(tx, GUILD, None, 1, 900)
            join = await fetch_latest_join_of_member(tx, GUILD, 1)
            [listed, _other] = await fetch_joins_of_code(tx, GUILD, "code", NO_RULES, None, 10, 0)
            of_members = await fetch_joins_of_members(tx, GUILD, [1])
        assert join is not None
        assert join.cleared_at_ms == 900
        assert of_members[1] == [join]
        assert listed.cleared_at_ms == 900

    async def test_a_join_recorded_in_the_millisecond_of_a_reset_counts_if_it_came_after(
        self, database: Database
    ) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [replace(ORDINARY_JOIN, join_id=5 << 20)])
            await insert_reset(tx, GUILD, None, 1, 5)
            later = replace(ORDINARY_JOIN, join_id=(5 << 20) + 1, member_id=2)
            await insert_joins(tx, [later])
        assert await total(database) == 1

    async def test_the_last_one_in_force_is_undone_first(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, joins_of(1))
            await insert_reset(tx, GUILD, INVITER, 1, 900)
            await insert_reset(tx, GUILD, None, 2, 900)
            last = await fetch_last_reset(tx, GUILD)
            assert last == Reset((900 << 20) + 1, None, 2, 900)
            await update_reset_undone(tx, GUILD, last.reset_id, 3, 950)
            first = await fetch_last_reset(tx, GUILD)
            assert first == Reset(900 << 20, INVITER, 1, 900)
        assert await total(database) == 0
        async with database.write() as tx:
            await update_reset_undone(tx, GUILD, first.reset_id, 3, 960)
            assert await fetch_last_reset(tx, GUILD) is None
        assert await total(database) == 1

    async def test_a_reset_is_forgotten_with_the_last_join_that_it_clears(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, joins_of(3))
            await insert_reset(tx, GUILD, None, 1, 900)
            await insert_joins(tx, [replace(ORDINARY_JOIN, join_id=999 << 20, member_id=50)])
            await delete_joins_before(tx, 3, 100)
            assert await delete_resets_unreferenced(tx, 10) == 0
            await delete_joins_before(tx, 900, 100)
            assert await delete_resets_unreferenced(tx, 10) == 1
            assert await fetch_last_reset(tx, GUILD) is None
        assert await total(database) == 1


class TestCorrections:
    async def test_what_was_before_comes_back_whole(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [AMBIGUOUS])
            await insert_correction(tx, AMBIGUOUS, CORRECTED, 1, 900)
            correction = await fetch_standing_correction(tx, GUILD, AMBIGUOUS.join_id)
        assert correction is not None
        assert correction.before.put_into(CORRECTED) == AMBIGUOUS
        assert correction.before == Attribution.of(AMBIGUOUS)
        assert (correction.corrected_by, correction.corrected_at_ms, correction.inviter_id) == (1, 900, 8)

    async def test_undone_ones_stay_on_record_but_do_not_stand(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [AMBIGUOUS])
            await insert_correction(tx, AMBIGUOUS, CORRECTED, 1, 900)
            await insert_correction(tx, CORRECTED, replace(CORRECTED, inviter_id=9), 2, 900)
            second = await fetch_standing_correction(tx, GUILD, AMBIGUOUS.join_id)
            assert second is not None
            assert second.inviter_id == 9
            await update_correction_undone(tx, GUILD, second.correction_id, 3, 950)
            first = await fetch_standing_correction(tx, GUILD, AMBIGUOUS.join_id)
            assert first is not None
            assert first.inviter_id == 8
            noted = await fetch_corrections_of_join(tx, GUILD, AMBIGUOUS.join_id)
        assert [(one.inviter_id, one.undone_by, one.undone_at_ms) for one in noted] == [
            (9, 3, 950),
            (8, None, None),
        ]

    async def test_they_go_with_their_join(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [AMBIGUOUS])
            await insert_correction(tx, AMBIGUOUS, CORRECTED, 1, 900)
            assert await delete_corrections_unreferenced(tx, 10) == 0
            await tx.execute("DELETE FROM joins")
            assert await delete_corrections_unreferenced(tx, 10) == 1


class TestBonuses:
    async def test_entries_are_read_the_last_first(self, database: Database) -> None:
        async with database.write() as tx:
            for amount, inviter_id in ((5, INVITER), (-2, INVITER), (9, 8)):
                await insert_bonus(tx, GUILD, inviter_id, amount, "why", granted_by=1, granted_at_ms=900)
            await insert_bonus(tx, ELSEWHERE, INVITER, 99, "why", granted_by=1, granted_at_ms=1)
            everybody = await fetch_bonuses(tx, GUILD, None, 10, 0)
            assert [one.amount for one in everybody] == [9, -2, 5]
            assert [one.amount for one in await fetch_bonuses(tx, GUILD, INVITER, 1, 1)] == [5]
            assert await fetch_bonus_count(tx, GUILD, None) == 3
            assert await fetch_bonus_count(tx, GUILD, INVITER) == 2
            counts = await fetch_counts(tx, GUILD, INVITER, NO_RULES, None)
            assert counts == InviteCounts(0, 0, 0, 3)


class TestErasure:
    async def note_all(self, database: Database, guild_id: int) -> Join:
        """Let the person be all that they can be in the records."""
        before = replace(AMBIGUOUS, guild_id=guild_id, inviter_id=FORGOTTEN)
        after = replace(CORRECTED, guild_id=guild_id, inviter_id=FORGOTTEN)
        async with database.write() as tx:
            await insert_joins(tx, [before])
            await insert_correction(tx, before, after, FORGOTTEN, 900)
            correction = await fetch_standing_correction(tx, guild_id, before.join_id)
            assert correction is not None
            await update_correction_undone(tx, guild_id, correction.correction_id, FORGOTTEN, 950)
            await insert_reset(tx, guild_id, FORGOTTEN, 1, 900)
            await insert_reset(tx, guild_id, INVITER, FORGOTTEN, 901)
            reset = await fetch_last_reset(tx, guild_id)
            assert reset is not None
            await update_reset_undone(tx, guild_id, reset.reset_id, FORGOTTEN, 950)
        return before

    async def test_every_row_that_holds_the_id_is_counted_once_and_then_holds_it_no_more(
        self, database: Database
    ) -> None:
        join = await self.note_all(database, GUILD)
        await self.note_all(database, ELSEWHERE)
        async with database.write() as tx:
            assert await count_record_references(tx, GUILD, FORGOTTEN) == 3
            assert (await count_invite_references(tx, GUILD, FORGOTTEN)).records == 3
            assert await erase_from_records(tx, GUILD, FORGOTTEN) == 3
            assert await count_record_references(tx, GUILD, FORGOTTEN) == 0
            assert await count_record_references(tx, ELSEWHERE, FORGOTTEN) == 3
            for table in ("corrections", "resets"):
                rows = await tx.fetch_all(f"SELECT * FROM {table} WHERE guild_id = ?", (GUILD,))
                assert str(FORGOTTEN) not in str(rows), table
            [correction] = await fetch_corrections_of_join(tx, GUILD, join.join_id)
        assert correction.before.candidates == (
            Candidate(Source.INVITE, "a", 7),
            Candidate(Source.INVITE, "b", None),
        )
        assert (correction.corrected_by, correction.undone_by) == (0, 0)

    async def test_others_stay_as_they_are(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [AMBIGUOUS])
            await insert_correction(tx, AMBIGUOUS, CORRECTED, 1, 900)
            await insert_reset(tx, GUILD, INVITER, 1, 900)
            before = await fetch_corrections_of_join(tx, GUILD, AMBIGUOUS.join_id)
            assert await erase_from_records(tx, GUILD, 2**60 + 6) == 0
            assert await fetch_corrections_of_join(tx, GUILD, AMBIGUOUS.join_id) == before
            assert await fetch_last_reset(tx, GUILD) == Reset(900 << 20, INVITER, 1, 900)
