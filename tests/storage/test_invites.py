"""Known invites: what the list showed, labels that stay, tombstones that stay as long as a join refers to them."""

from dataclasses import replace

import pytest

from storage.database import Database, WriteTransaction
from storage.invites import (
    delete_tombstones_unreferenced,
    delete_unexplained_rises_before,
    fetch_baseline,
    fetch_invite_count,
    fetch_invite_page,
    fetch_invites_like,
    fetch_known_invite,
    fetch_known_invites,
    fetch_stored_amounts,
    fetch_unexplained_rises,
    insert_unexplained_rises,
    upsert_baseline,
    upsert_invite_owner,
    upsert_known_invites,
)
from storage.joins import insert_joins
from storage.records import Candidate, InviteBaseline, Join, KnownInvite, Source
from tests.storage.rows import (
    ELSEWHERE,
    GUILD,
    ORDINARY_INVITE,
    ORDINARY_JOIN,
    ORDINARY_RISE,
    insert_bonus,
    joins_of,
)

FULL_INVITE = KnownInvite(
    guild_id=GUILD,
    code="fUll-1",
    channel_id=None,
    inviter_id=None,
    uses=5,
    accounted_uses=4,
    open_since_ms=123,
    max_uses=10,
    is_temporary=True,
    created_at_ms=None,
    expires_at_ms=456,
    label="Newsletter",
    deleted_at_ms=789,
)


def invite(code: str, **changes: object) -> KnownInvite:
    return replace(ORDINARY_INVITE, code=code, **changes)  # type: ignore[arg-type]


def codes(invites: list[KnownInvite]) -> list[str]:
    return [known.code for known in invites]


class TestKnownInvites:
    @pytest.mark.parametrize("stored", [ORDINARY_INVITE, FULL_INVITE], ids=["ordinary", "full"])
    async def test_an_invite_comes_back_as_it_was(self, database: Database, stored: KnownInvite) -> None:
        async with database.write() as tx:
            await upsert_known_invites(tx, [stored])
            found = await fetch_known_invite(tx, GUILD, stored.code)
            assert found == stored
            assert found is not None
            assert type(found.is_temporary) is bool
            assert await fetch_known_invite(tx, ELSEWHERE, stored.code) is None

    async def test_a_thousand_invites_are_stored_and_updated_at_once(self, database: Database) -> None:
        before = [invite(f"code{number:04}") for number in range(1_000)]
        after = [replace(known, uses=9, deleted_at_ms=5) for known in before]
        async with database.write() as tx:
            await upsert_known_invites(tx, before)
            assert await fetch_known_invites(tx, GUILD) == before
            await upsert_known_invites(tx, after)
            assert await fetch_known_invites(tx, GUILD, include_deleted=True) == after

    async def test_an_update_keeps_the_label(self, database: Database) -> None:
        async with database.write() as tx:
            await upsert_known_invites(tx, [replace(ORDINARY_INVITE, label="Poster")])
            await upsert_known_invites(tx, [replace(ORDINARY_INVITE, uses=4)])
            assert await fetch_known_invite(tx, GUILD, "code") == replace(
                ORDINARY_INVITE, uses=4, label="Poster"
            )

    async def test_whom_an_invite_was_made_for_is_stored_whether_it_is_known_or_not(
        self, database: Database
    ) -> None:
        made = replace(ORDINARY_INVITE, inviter_id=9, uses=0, accounted_uses=0)
        async with database.write() as tx:
            await upsert_known_invites(tx, [ORDINARY_INVITE])
            await upsert_invite_owner(tx, made)
            await upsert_invite_owner(tx, replace(made, code="fresh"))
            assert await fetch_known_invite(tx, GUILD, "code") == replace(ORDINARY_INVITE, inviter_id=9)
            assert await fetch_known_invite(tx, GUILD, "fresh") == replace(made, code="fresh")

    async def test_tombstones_are_left_out_unless_asked_for(self, database: Database) -> None:
        async with database.write() as tx:
            await upsert_known_invites(tx, [invite("b"), invite("a"), invite("c", deleted_at_ms=5)])
            await upsert_known_invites(tx, [replace(ORDINARY_INVITE, guild_id=ELSEWHERE, code="d")])
            assert codes(await fetch_known_invites(tx, GUILD)) == ["a", "b"]
            assert codes(await fetch_known_invites(tx, GUILD, include_deleted=True)) == ["a", "b", "c"]

    async def test_a_page_holds_the_most_used_live_invites_first(self, database: Database) -> None:
        async with database.write() as tx:
            await upsert_known_invites(
                tx,
                [
                    invite("b", uses=2),
                    invite("a", uses=2),
                    invite("c", uses=9),
                    invite("gone", uses=99, deleted_at_ms=5),
                    replace(ORDINARY_INVITE, guild_id=ELSEWHERE, code="d"),
                ],
            )
            assert codes(await fetch_invite_page(tx, GUILD, 2, 0)) == ["c", "a"]
            assert codes(await fetch_invite_page(tx, GUILD, 2, 2)) == ["b"]
            assert await fetch_invite_count(tx, GUILD) == 3

    async def test_suggestions_begin_with_what_was_typed_in_the_code_or_the_label(
        self, database: Database
    ) -> None:
        async with database.write() as tx:
            await upsert_known_invites(
                tx,
                [
                    invite("Summer"),
                    invite("x1", label="summer party", uses=50),
                    invite("midsummer"),
                    invite("summerGone", deleted_at_ms=5),
                    invite("a%b"),
                    invite("a_b"),
                    invite("axb"),
                ],
            )
            assert codes(await fetch_invites_like(tx, GUILD, "sUm")) == ["x1", "Summer"]
            assert codes(await fetch_invites_like(tx, GUILD, "a%")) == ["a%b"]
            assert codes(await fetch_invites_like(tx, GUILD, "a_")) == ["a_b"]
            assert len(await fetch_invites_like(tx, GUILD, "")) == 6
            assert len(await fetch_invites_like(tx, GUILD, "", 2)) == 2
            assert await fetch_invites_like(tx, ELSEWHERE, "") == []


class TestTombstones:
    async def delete(self, tx: WriteTransaction, join: Join | None) -> int:
        """Store a tombstone and perhaps a join, and return how many tombstones are deleted."""
        await upsert_known_invites(tx, [invite("gone", deleted_at_ms=100)])
        if join is not None:
            await insert_joins(tx, [join])
        return await delete_tombstones_unreferenced(tx, 101, 10)

    @pytest.mark.parametrize(
        ("join", "deleted"),
        [
            (None, 1),
            (replace(ORDINARY_JOIN, code="gone", credited_code=None), 0),
            (replace(ORDINARY_JOIN, code="gone", credited_code="gone"), 0),
            (replace(ORDINARY_JOIN, code=None, credited_code="gone"), 0),
            (replace(ORDINARY_JOIN, code="other", credited_code="gone"), 0),
            (
                replace(
                    ORDINARY_JOIN,
                    code=None,
                    credited_code="other",
                    candidates=(Candidate(Source.INVITE, "other", 1), Candidate(Source.INVITE, "gone", 2)),
                ),
                0,
            ),
            (replace(ORDINARY_JOIN, candidates=(Candidate(Source.INVITE, "gone", 2),)), 0),
            (replace(ORDINARY_JOIN, code="other", credited_code="other"), 1),
            (replace(ORDINARY_JOIN, code="Gone", candidates=(Candidate(Source.VANITY, "gone2", 2),)), 1),
            (replace(ORDINARY_JOIN, guild_id=ELSEWHERE, code="gone", credited_code="gone"), 1),
        ],
        ids=[
            "no join",
            "named",
            "named and credited",
            "credited",
            "credited beside another",
            "one of the candidates",
            "a candidate beside a known code",
            "another code",
            "similar codes",
            "another guild",
        ],
    )
    async def test_a_tombstone_stays_while_a_join_of_its_guild_refers_to_it(
        self, database: Database, join: Join | None, deleted: int
    ) -> None:
        async with database.write() as tx:
            assert await self.delete(tx, join) == deleted
            assert (await fetch_known_invite(tx, GUILD, "gone") is None) == bool(deleted)

    async def test_live_invites_and_fresh_tombstones_stay(self, database: Database) -> None:
        async with database.write() as tx:
            await upsert_known_invites(
                tx, [invite("live"), invite("fresh", deleted_at_ms=500), invite("old", deleted_at_ms=499)]
            )
            assert await delete_tombstones_unreferenced(tx, 500, 10) == 1
            assert codes(await fetch_known_invites(tx, GUILD, True)) == ["fresh", "live"]

    async def test_steps_reach_all_tombstones_past_those_that_stay(self, database: Database) -> None:
        stays = Candidate(Source.INVITE, "a-stays", 1)
        async with database.write() as tx:
            await insert_joins(
                tx, [replace(ORDINARY_JOIN, code=None, credited_code=None, candidates=(stays,))]
            )
            for guild_id in (GUILD, ELSEWHERE):
                await upsert_known_invites(
                    tx,
                    [
                        replace(known, guild_id=guild_id)
                        for known in [invite(f"b{n}", deleted_at_ms=1) for n in range(5)]
                        + [invite("a-stays", deleted_at_ms=1)]
                    ],
                )
            steps = [await delete_tombstones_unreferenced(tx, 500, 4) for _ in range(4)]
            assert steps == [4, 4, 3, 0]
            assert codes(await fetch_known_invites(tx, GUILD, True)) == ["a-stays"]


class TestBaseline:
    async def test_the_baseline_is_replaced_whole(self, database: Database) -> None:
        full = InviteBaseline(GUILD, 5, 6, "vanity", 7, 8, 9)
        bare = InviteBaseline(GUILD, 50, None, None, None, None, None)
        async with database.write() as tx:
            assert await fetch_baseline(tx, GUILD) is None
            await upsert_baseline(tx, full)
            await upsert_baseline(tx, replace(full, guild_id=ELSEWHERE))
            assert await fetch_baseline(tx, GUILD) == full
            await upsert_baseline(tx, bare)
            assert await fetch_baseline(tx, GUILD) == bare
            assert await fetch_baseline(tx, ELSEWHERE) == replace(full, guild_id=ELSEWHERE)


class TestUnexplainedRises:
    async def test_rises_recorded_in_the_same_millisecond_are_all_kept(self, database: Database) -> None:
        vanity = replace(ORDINARY_RISE, code=None, units=3)
        async with database.write() as tx:
            await insert_unexplained_rises(tx, GUILD, [ORDINARY_RISE, vanity], 5_000)
            await insert_unexplained_rises(tx, GUILD, [ORDINARY_RISE], 5_000)
            await insert_unexplained_rises(tx, GUILD, [], 5_000)
            await insert_unexplained_rises(tx, ELSEWHERE, [ORDINARY_RISE], 5_000)
            assert await fetch_unexplained_rises(tx, GUILD, 10) == [ORDINARY_RISE, vanity, ORDINARY_RISE]
            assert await fetch_unexplained_rises(tx, GUILD, 1) == [ORDINARY_RISE]

    async def test_retention_deletes_rises_recorded_before_the_cutoff_in_steps(
        self, database: Database
    ) -> None:
        async with database.write() as tx:
            for recorded_at_ms in (1_000, 2_000, 3_000):
                for guild_id in (GUILD, ELSEWHERE):
                    await insert_unexplained_rises(
                        tx, guild_id, [replace(ORDINARY_RISE, units=recorded_at_ms)] * 2, recorded_at_ms
                    )
            assert [await delete_unexplained_rises_before(tx, 3_000, 3) for _ in range(4)] == [3, 3, 2, 0]
            for guild_id in (GUILD, ELSEWHERE):
                assert [rise.units for rise in await fetch_unexplained_rises(tx, guild_id, 10)] == [
                    3_000,
                    3_000,
                ]


async def test_stored_amounts_count_joins_invites_and_bonuses_of_the_guild(database: Database) -> None:
    async with database.write() as tx:
        assert await fetch_stored_amounts(tx, GUILD) == (0, 0, 0)
        await insert_joins(tx, joins_of(3))
        await insert_joins(tx, joins_of(1, guild_id=ELSEWHERE))
        await upsert_known_invites(tx, [invite("a"), invite("b", deleted_at_ms=5)])
        await insert_bonus(tx, 1, 7, 5)
        assert await fetch_stored_amounts(tx, GUILD) == (3, 2, 1)
