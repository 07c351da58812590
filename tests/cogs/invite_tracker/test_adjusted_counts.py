"""Counts are what a recount of the joins in plain Python says, whatever admins did in between."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import UnprocessableEntityError
from storage.invites import delete_invite_tracker_data
from storage.joins import upsert_left
from storage.records import FakeRules, InviteCounts
from tests.cogs.invite_tracker.commands.stage import Stage

DAY_MS = 86_400_000

MEMBERS = (101, 102, 103)
INVITERS = (101, 102, 501)
"""Two of the members invite, too: links of their own are possible."""
NO_RULES = FakeRules(own_invite=False, rejoin=False, no_avatar=False, minimum_account_age_days=0)

members = st.sampled_from(MEMBERS)
inviters = st.sampled_from((None, *INVITERS))
all_rules = st.builds(
    FakeRules,
    own_invite=st.booleans(),
    rejoin=st.booleans(),
    no_avatar=st.booleans(),
    minimum_account_age_days=st.integers(0, 3),
)


@dataclass(eq=False)
class Joined:
    """A join as a list in Python would keep it."""

    member_id: int
    inviter_id: int | None
    had_avatar: bool
    age_days: int
    is_rejoin: bool
    has_left: bool = False
    inviters_before: list[int | None] = field(default_factory=list)
    """What corrections replaced, the last one last."""


@dataclass(eq=False)
class Cleared:
    """A reset: whose, and how many joins there were."""

    inviter_id: int | None
    joins: int


class Ledger:
    """What was done, and what follows for the counts, by the definition and without a database."""

    def __init__(self) -> None:
        self.joins: list[Joined] = []
        self.resets: list[Cleared] = []
        self.bonuses: dict[int, int] = {}
        self.rules = NO_RULES

    def of_member(self, member_id: int) -> list[Joined]:
        return [join for join in self.joins if join.member_id == member_id]

    def is_present(self, member_id: int) -> bool:
        joins = self.of_member(member_id)
        return bool(joins) and not joins[-1].has_left

    def counted(self, inviter_id: int | None) -> list[Joined]:
        """Return the joins that count for an inviter, for anybody with None."""
        found = []
        for number, join in enumerate(self.joins):
            is_cleared = any(
                number < reset.joins and reset.inviter_id in (None, join.inviter_id) for reset in self.resets
            )
            is_first = join is self.of_member(join.member_id)[0]
            if join.inviter_id is None or is_cleared or not is_first:
                continue
            if inviter_id in (None, join.inviter_id):
                found.append(join)
        return found

    def is_fake(self, join: Joined, rules: FakeRules) -> bool:
        return (
            (rules.own_invite and join.inviter_id == join.member_id)
            or (rules.rejoin and join.is_rejoin)
            or (rules.no_avatar and not join.had_avatar)
            or join.age_days < rules.minimum_account_age_days
        )

    def count(self, inviter_id: int) -> InviteCounts:
        counted = self.counted(inviter_id)
        fake = [join for join in counted if self.is_fake(join, self.rules)]
        left = [join for join in counted if join not in fake and not self.is_present(join.member_id)]
        return InviteCounts(len(counted), len(fake), len(left), self.bonuses.get(inviter_id, 0))


class Play:
    """Does each thing twice: with the real use cases, and in the ledger."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ledger = Ledger()
        self.guild_id = stage.guild.id
        self.began_ms = stage.place.clock.now_ms() - 10 * DAY_MS

    async def join(
        self, member_id: int, inviter_id: int | None, had_avatar: bool, age_days: int, was_here: bool
    ) -> None:
        if self.ledger.is_present(member_id):
            return
        was_here = was_here or bool(self.ledger.of_member(member_id))
        self.ledger.joins.append(Joined(member_id, inviter_id, had_avatar, age_days, was_here))
        joined_at_ms = self.began_ms + len(self.ledger.joins) * 1_000
        await self.stage.record_joins(
            [
                self.stage.join(
                    member_id,
                    inviter_id,
                    joined_at_ms=joined_at_ms,
                    account_created_at_ms=joined_at_ms - age_days * DAY_MS,
                    had_avatar=had_avatar,
                    is_rejoin=was_here,
                    is_own_invite=inviter_id == member_id,
                )
            ]
        )

    async def leave(self, member_id: int) -> None:
        if self.ledger.is_present(member_id):
            self.ledger.of_member(member_id)[-1].has_left = True
            async with self.stage.place.client.parts.database.write() as tx:
                await upsert_left(tx, self.guild_id, member_id, self.began_ms + DAY_MS)

    async def correct(self, member_id: int, inviter_id: int | None, number: int) -> None:
        person = cast("discord.User", SimpleNamespace(id=inviter_id, bot=False))
        correction = self.stage.service.correct_join(
            self.guild_id,
            member_id,
            inviter=None if inviter_id is None else person,
            code=None,
            number=number,
        )
        joins = self.ledger.of_member(member_id)
        if len(joins) < number:
            await refused(correction)
            return
        join = joins[-number]
        try:
            await correction
        except UnprocessableEntityError:
            assert join.inviters_before, "only what was corrected to just this is refused"
            assert join.inviter_id == inviter_id
            return
        join.inviters_before.append(join.inviter_id)
        join.inviter_id = inviter_id

    async def undo_correction(self, member_id: int, number: int) -> None:
        undo = self.stage.service.undo_correction(self.guild_id, member_id, number=number)
        joins = self.ledger.of_member(member_id)
        if len(joins) < number or not joins[-number].inviters_before:
            await refused(undo)
            return
        await undo
        joins[-number].inviter_id = joins[-number].inviters_before.pop()

    async def reset(self, inviter_id: int | None) -> None:
        reset = self.stage.service.reset(self.guild_id, inviter_id)
        counted = self.ledger.counted(inviter_id)
        if not counted:
            await refused(reset)
            return
        assert await reset == len(counted)
        self.ledger.resets.append(Cleared(inviter_id, len(self.ledger.joins)))

    async def undo_reset(self) -> None:
        undo = self.stage.service.undo_reset(self.guild_id)
        if not self.ledger.resets:
            await refused(undo)
            return
        before = len(self.ledger.counted(None))
        self.ledger.resets.pop()
        assert (await undo).joins == len(self.ledger.counted(None)) - before

    async def grant(self, inviter_id: int, amount: int) -> None:
        self.ledger.bonuses[inviter_id] = self.ledger.bonuses.get(inviter_id, 0) + amount
        await self.stage.service.grant_bonus(self.guild_id, inviter_id, amount, "why")

    async def set_rules(self, rules: FakeRules) -> None:
        self.ledger.rules = rules
        version = (await self.stage.service.fetch_settings(self.guild_id)).version
        await self.stage.service.save_rules(self.guild_id, rules, version)

    async def compare(self, other_rules: FakeRules) -> None:
        """Compare all that counts with the ledger."""
        service, ledger = self.stage.service, self.ledger
        expected = {one: ledger.count(one) for one in INVITERS}
        assert {one: await service.fetch_counts(self.guild_id, one) for one in INVITERS} == expected
        board = await service.fetch_leaderboard(self.guild_id, days=None, page=1, page_size=10)
        listed = [(one, counts) for one, counts in expected.items() if counts.total or one in ledger.bonuses]
        assert list(board.rows) == sorted(listed, key=lambda row: (-row[1].real, -row[1].total, row[0]))
        counted = ledger.counted(None)
        preview = await service.preview_rules(self.guild_id, other_rules, 10)
        assert preview.joins == len(counted)
        assert preview.saved_fake == sum(ledger.is_fake(join, ledger.rules) for join in counted)
        assert preview.chosen_fake == sum(ledger.is_fake(join, other_rules) for join in counted)
        for effect in preview.effects:
            before = getattr(other_rules, effect.rule)
            after = 0 if effect.age_days and before else effect.age_days or not before
            changes: dict[str, Any] = {effect.rule: after}
            toggled = replace(other_rules, **changes)
            assert effect.fake_if_toggled == sum(ledger.is_fake(join, toggled) for join in counted)
        for inviter in preview.inviters:
            assert inviter.saved == expected[inviter.inviter_id].real
        for member_id in MEMBERS:
            await self.compare_explanations(member_id)

    async def compare_explanations(self, member_id: int) -> None:
        joins = self.ledger.of_member(member_id)
        for number, join in enumerate(reversed(joins), 1):
            explanation = await self.stage.service.explain_join(self.guild_id, member_id, number)
            assert explanation is not None
            is_cleared = explanation.join.cleared_at_ms is not None
            counts = explanation.standing.is_earliest and not is_cleared
            assert (counts and join.inviter_id is not None) == (join in self.ledger.counted(None))
            marks = explanation.standing.marks
            assert marks.is_fake(self.ledger.rules) == self.ledger.is_fake(join, self.ledger.rules)
            assert (explanation.standing.left_at_ms is None) == self.ledger.is_present(member_id)


async def refused(doing: Any) -> None:
    with pytest.raises(UnprocessableEntityError):
        await doing


steps = st.one_of(
    st.tuples(st.just("join"), members, inviters, st.booleans(), st.integers(0, 4), st.booleans()),
    st.tuples(st.just("join"), members, inviters, st.booleans(), st.integers(0, 4), st.booleans()),
    st.tuples(st.just("leave"), members),
    st.tuples(st.just("correct"), members, inviters, st.integers(1, 2)),
    st.tuples(st.just("undo_correction"), members, st.integers(1, 2)),
    st.tuples(st.just("reset"), inviters),
    st.tuples(st.just("undo_reset")),
    st.tuples(st.just("grant"), st.sampled_from(INVITERS), st.sampled_from((-2, 1, 3))),
    st.tuples(st.just("set_rules"), all_rules),
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=st.lists(steps, min_size=5, max_size=20), other_rules=all_rules)
async def test_counts_equal_a_plain_recount_after_any_history(
    stage: Stage, story: list[tuple[Any, ...]], other_rules: FakeRules
) -> None:
    async with stage.place.client.parts.database.write() as tx:
        await delete_invite_tracker_data(tx, stage.guild.id)
    play = Play(stage)
    await play.set_rules(NO_RULES)
    for name, *arguments in story:
        await getattr(play, name)(*arguments)
        await play.compare(other_rules)
