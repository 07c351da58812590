"""Findings on record: in any order of joins, leaves and answers nothing certain is wrong, and all totals are right."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cogs.invite_tracker.attribution.verdicts import NO_COUNTER, Decision, unknown
from cogs.invite_tracker.confirming.findings import Finding
from cogs.invite_tracker.confirming.pace import TRIES_MOST, Pace
from cogs.invite_tracker.confirming.recording import (
    Confirmed,
    await_confirmation,
    decided_for_good,
    record_findings,
)
from storage.confirmations import (
    JoinMessage,
    UnconfirmedJoin,
    fetch_join_message,
    fetch_unconfirmed_joins,
    insert_join_message,
)
from storage.database import Database, WriteTransaction
from storage.invite_counts import fetch_counts
from storage.invites import (
    fetch_unexplained_rises,
    insert_unexplained_rises,
    upsert_known_invites,
)
from storage.joins import fetch_joins_by_id, insert_joins, upsert_left
from storage.records import (
    Candidate,
    Certainty,
    Evidence,
    FakeRules,
    Join,
    Method,
    Reason,
    Source,
    UnexplainedRise,
)
from tests.storage.rows import GUILD, ORDINARY_ARRIVAL, ORDINARY_INVITE, ORDINARY_JOIN

PACE = Pace(step_ms=5_000, late_counter_ms=30_000)
NO_RULES = FakeRules(own_invite=False, rejoin=False, no_avatar=False, minimum_account_age_days=0)
INVITERS = {"a": 11, "b": 12, "c": 13}
NOW_MS = 2_000_000
AMBIGUOUS = replace(
    ORDINARY_JOIN,
    join_id=1 << 20,
    code=None,
    inviter_id=None,
    certainty=Certainty.AMBIGUOUS,
    candidates=(Candidate(Source.INVITE, "a", 11), Candidate(Source.INVITE, "b", 12)),
    credited_code="a",
    credited_inviter_id=11,
)


def nobody(_user_id: int) -> bool:
    return False


async def find(
    tx: WriteTransaction, *findings: Finding, now_ms: int = NOW_MS, tolerance_ms: int = 0
) -> Confirmed:
    """Record these findings as the answer about everybody who waits."""
    return await record_findings(
        tx,
        GUILD,
        await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 100),
        {finding.member_id: finding for finding in findings},
        pace=PACE,
        now_ms=now_ms,
        tolerance_ms=tolerance_ms,
        is_opted_out=nobody,
    )


def by(code: str | None, member_id: int = 1, joined_at_ms: int = 1_000) -> Finding:
    source = Source.DISCOVERY if code is None else Source.INVITE
    return Finding(member_id, joined_at_ms, source, code, None if code is None else INVITERS[code])


async def expect(tx: WriteTransaction, *joins: Join) -> None:
    await insert_joins(tx, joins)
    await await_confirmation(tx, joins, PACE, 0)


async def stored(tx: WriteTransaction, join: Join) -> Join:
    return (await fetch_joins_by_id(tx, GUILD, [join.join_id]))[join.join_id]


async def test_a_repaired_join_waits_no_more_and_its_message_is_outdated(database: Database) -> None:
    async with database.write() as tx:
        await expect(tx, AMBIGUOUS)
        await insert_join_message(tx, GUILD, AMBIGUOUS.join_id, JoinMessage(5, 6, 0))
        confirmed = await find(tx, by("b"))
        assert [repair.after for repair in confirmed.repairs] == [await stored(tx, AMBIGUOUS)]
        assert await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10) == []
        assert await fetch_join_message(tx, GUILD, AMBIGUOUS.join_id) == JoinMessage(5, 6, 1)


async def test_who_is_missing_is_asked_about_later_and_given_up_in_the_end(database: Database) -> None:
    async with database.write() as tx:
        await expect(tx, AMBIGUOUS)
        now_ms = NOW_MS
        for tries in range(1, TRIES_MOST):
            assert (await find(tx, now_ms=now_ms)).repairs == ()
            due_at_ms = PACE.again_at_ms(tries, now_ms)
            assert due_at_ms is not None
            assert await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10) == [
                UnconfirmedJoin(AMBIGUOUS.join_id, due_at_ms, tries)
            ]
            now_ms = due_at_ms
        await find(tx, now_ms=now_ms)
        assert await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10) == []
        assert await stored(tx, AMBIGUOUS) == AMBIGUOUS


async def test_who_only_went_along_loses_no_try(database: Database) -> None:
    async with database.write() as tx:
        await expect(tx, AMBIGUOUS)
        before = await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10)
        await find(tx, now_ms=0)
        assert await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10) == before


async def test_a_finding_about_another_join_leaves_the_join_waiting(database: Database) -> None:
    async with database.write() as tx:
        await expect(tx, AMBIGUOUS)
        assert (await find(tx, by("b", joined_at_ms=9_000), tolerance_ms=1_000)).repairs == ()
        assert len(await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10)) == 1


@pytest.mark.parametrize(
    "changes",
    [{"left_at_ms": 5}, {"method": Method.MANUAL}, {"member_id": None}],
    ids=["left", "manual", "anonymous"],
)
async def test_what_changed_while_the_request_was_under_way_counts(
    database: Database, changes: dict[str, object]
) -> None:
    async with database.write() as tx:
        await expect(tx, AMBIGUOUS)
        asked = await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10)
        await tx.execute("DELETE FROM joins")
        changed = replace(AMBIGUOUS, **changes)  # type: ignore[arg-type]
        await insert_joins(tx, [changed])
        confirmed = await record_findings(
            tx,
            GUILD,
            asked,
            {1: by("b")},
            pace=PACE,
            now_ms=NOW_MS,
            tolerance_ms=0,
            is_opted_out=nobody,
        )
        assert confirmed.repairs == ()
        assert await stored(tx, AMBIGUOUS) == changed
        assert await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10) == []


async def test_a_use_that_no_join_explains_any_more_goes_on_record(database: Database) -> None:
    rise = Evidence("code", 1, Method.USES_RISE, 900, 1_100)
    certain = replace(ORDINARY_JOIN, join_id=1 << 20, evidence=(rise,))
    async with database.write() as tx:
        await expect(tx, certain)
        await insert_unexplained_rises(tx, GUILD, [UnexplainedRise("a", 2, 800, 1_200)], 1)
        await find(tx, by("a"))
        assert sorted(await fetch_unexplained_rises(tx, GUILD, 10), key=lambda one: one.code or "") == [
            UnexplainedRise("a", 1, 800, 1_200),
            UnexplainedRise("code", 1, 900, 1_100),
        ]


async def test_anonymous_joins_never_change_again(database: Database) -> None:
    anonymous = replace(AMBIGUOUS, join_id=2 << 20, member_id=None, credited_code="b", credited_inviter_id=12)
    async with database.write() as tx:
        await expect(tx, AMBIGUOUS, anonymous)
        await find(tx, by("b"))
        assert await stored(tx, anonymous) == anonymous


async def test_what_an_admin_or_another_bot_said_is_not_passed_on(database: Database) -> None:
    others = [
        replace(AMBIGUOUS, join_id=number << 20, member_id=number, method=method, credited_code="b")
        for number, method in enumerate((Method.MANUAL, Method.IMPORTED), start=2)
    ]
    async with database.write() as tx:
        await expect(tx, AMBIGUOUS, *others)
        await find(tx, by("b"))
        assert [await stored(tx, other) for other in others] == others


def test_what_is_decided_provisionally_is_not_asked_about_yet() -> None:
    provisional = unknown(ORDINARY_ARRIVAL, Reason.REQUEST_FAILED, is_provisional=True)
    settled = replace(provisional, arrival=replace(ORDINARY_ARRIVAL, member_id=2), is_provisional=False)
    joins = [ORDINARY_JOIN, replace(ORDINARY_JOIN, member_id=2)]
    assert decided_for_good(joins, Decision(verdicts=(provisional, settled))) == joins[1:]
    assert decided_for_good(joins, Decision(repairs=(provisional, settled))) == joins[1:]


# Histories


@dataclass
class History:
    """A guild as it is, the events that the bot has not heard yet, and the answers that are under way."""

    tx: WriteTransaction
    draw: st.DataObject
    now_ms: int = 10_000
    members: int = 0
    joins: int = 0
    present: dict[int, Finding] = field(default_factory=dict)
    """By member, what the search would say of their latest join."""
    truth: dict[int, Finding] = field(default_factory=dict)
    """By join id."""
    unheard: list[tuple[int, list[Join]]] = field(default_factory=list)
    """Joins that are decided together, or the id of a member who left, in their order."""
    under_way: list[tuple[list[UnconfirmedJoin], dict[int, Finding]]] = field(default_factory=list)

    def pick(self, *options: object) -> object:
        return self.draw.draw(st.sampled_from(options))

    def make_join(self, member_id: int, code: str | None) -> Join:
        """Let somebody come, and return the join as it would be recorded if all were known."""
        self.joins += 1
        finding = by(code, member_id, self.now_ms)
        self.present[member_id] = finding
        join = replace(
            ORDINARY_JOIN,
            join_id=self.joins << 20,
            member_id=member_id,
            joined_at_ms=self.now_ms,
            recorded_at_ms=self.now_ms,
            source=finding.source or Source.UNKNOWN,
            code=code,
            inviter_id=finding.inviter_id,
            credited_code=code,
            credited_inviter_id=finding.inviter_id,
        )
        self.truth[join.join_id] = finding
        return join

    def come_at_once(self) -> None:
        """Let several people come whose ways cannot be told apart."""
        codes = self.draw.draw(st.lists(st.sampled_from([*INVITERS, None]), min_size=2, max_size=4))
        credited = self.draw.draw(st.permutations(codes))
        fits = tuple(
            NO_COUNTER if code is None else Candidate(Source.INVITE, code, INVITERS[code])
            for code in dict.fromkeys(codes)
        )
        joins = []
        for code, credit in zip(codes, credited, strict=True):
            self.members += 1
            self.now_ms += 1
            join = replace(
                self.make_join(self.members, code),
                source=Source.UNKNOWN,
                code=None,
                inviter_id=None,
                certainty=Certainty.AMBIGUOUS,
                candidates=fits,
                credited_code=credit,
                credited_inviter_id=None if credit is None else INVITERS[credit],
            )
            joins.append(join)
        self.unheard.append((0, joins))

    def come_alone(self) -> None:
        """Let somebody come, new or again."""
        gone = [one for one in range(1, self.members + 1) if one not in self.present]
        member_id = self.draw.draw(st.sampled_from([self.members + 1, *gone]))
        self.members = max(self.members, member_id)
        join = self.make_join(member_id, self.draw.draw(st.sampled_from([*INVITERS])))
        self.unheard.append((member_id, [join]))

    def leave(self) -> None:
        if self.present:
            member_id = self.draw.draw(st.sampled_from(sorted(self.present)))
            del self.present[member_id]
            self.unheard.append((member_id, []))

    async def hear(self) -> None:
        """Let the bot hear of the next few events."""
        number = self.draw.draw(st.integers(1, 4))
        events, self.unheard = self.unheard[:number], self.unheard[number:]
        for member_id, joins in events:
            # Who comes again has left before.
            await upsert_left(self.tx, GUILD, member_id, self.now_ms)
            await expect(self.tx, *joins)

    async def ask(self) -> None:
        """Let the search see who is indexed at this moment."""
        asked = await fetch_unconfirmed_joins(self.tx, GUILD, NOW_MS, 10)
        indexed = self.draw.draw(st.sets(st.sampled_from(sorted(self.present)))) if self.present else set()
        self.under_way.append((asked, {one: self.present[one] for one in indexed}))

    async def answer(self) -> None:
        """Let one of the answers arrive, not always the oldest."""
        if self.under_way:
            asked, findings = self.under_way.pop(self.draw.draw(st.integers(0, len(self.under_way) - 1)))
            await record_findings(
                self.tx,
                GUILD,
                asked,
                findings,
                pace=PACE,
                now_ms=self.now_ms,
                # Nobody leaves and comes back within a second here.
                tolerance_ms=self.draw.draw(st.sampled_from([0, 1_000])),
                is_opted_out=nobody,
            )

    async def step(self) -> None:
        self.now_ms += 2_000
        match self.pick("together", "alone", "leave", "hear", "hear", "ask", "ask", "answer", "answer"):
            case "together":
                self.come_at_once()
            case "alone":
                self.come_alone()
            case "leave":
                self.leave()
            case "hear":
                await self.hear()
            case "ask":
                await self.ask()
            case _:
                await self.answer()

    async def check(self) -> None:
        """Check every join on record against the truth, and every count against a recount."""
        joins = (await fetch_joins_by_id(self.tx, GUILD, list(self.truth))).values()
        for join in joins:
            truth = self.truth[join.join_id]
            if join.certainty is Certainty.CERTAIN:
                assert (join.source, join.code, join.inviter_id) == (
                    truth.source,
                    truth.code,
                    truth.inviter_id,
                )
        if not self.unheard:
            credited = Counter(join.credited_code for join in joins)
            assert credited == Counter(finding.code for finding in self.truth.values())
        first = {}
        for join in sorted(joins, key=lambda join: join.joined_at_ms, reverse=True):
            first[join.member_id] = join
        for inviter_id in INVITERS.values():
            counts = await fetch_counts(self.tx, GUILD, inviter_id, NO_RULES, None)
            assert counts.total == sum(join.credited_inviter_id == inviter_id for join in first.values())


@given(st.data())
# A shorter example of a failure would take minutes to find.
@settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_in_any_order_nothing_certain_is_wrong_and_every_total_is_right(data: st.DataObject) -> None:
    async def live() -> None:
        with TemporaryDirectory() as folder:
            database = await Database.open(Path(folder) / "one.sqlite3", now_ms=1)
            try:
                async with database.write() as tx:
                    invites = [
                        replace(ORDINARY_INVITE, code=code, inviter_id=inviter_id)
                        for code, inviter_id in INVITERS.items()
                    ]
                    await upsert_known_invites(tx, invites)
                    await live_through(History(tx, data))
            finally:
                await database.close()

    asyncio.run(live())


async def live_through(history: History) -> None:
    for _ in range(history.draw.draw(st.integers(5, 30))):
        await history.step()
        await history.check()
    while history.unheard:
        await history.hear()
    while history.under_way:
        await history.answer()
    await history.check()
    # Everybody is indexed in the end.
    while asked := await fetch_unconfirmed_joins(history.tx, GUILD, NOW_MS, 10):
        history.under_way.append((asked, dict(history.present)))
        history.now_ms += 10_000_000
        await history.answer()
        await history.check()
