"""Leaves, rejoins, and what happened while the bot was not running."""

from datetime import timedelta
from pathlib import Path

from bot.sandbox.world import JoinSource, User
from storage.records import Certainty
from tests.wire.town import AnswersLate, Town, eventually, town, without

MEMBERS = "/guilds/{id}/members"


async def test_a_leave_marks_the_join(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        stays, goes = here.join(here.invite()), here.join(here.invite())
        await here.recorded(stays)
        await here.recorded(goes)
        here.leave(goes)
        join = await here.left(goes)

        assert join.left_at_ms is not None
        assert join.left_at_ms >= join.joined_at_ms
        assert (await here.joins_of(stays))[0].left_at_ms is None


async def test_a_join_and_leave_within_the_lag_bound_is_recorded_as_left(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        person = here.join(invite)
        here.leave(person)
        join = await here.recorded(person)

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)
        assert join.left_at_ms is not None


async def test_who_leaves_and_comes_back_within_a_second_has_two_joins_and_is_here(tmp_path: Path) -> None:
    """A leave in between tells a second join from a second copy of the first."""
    async with town(tmp_path) as here:
        invite, other = here.invite(), here.invite(here.ben)
        person = here.join(invite)
        first_at = here.world.history[-1].at
        here.leave(person)
        await here.world.until(lambda: here.world.clock.now() > first_at + timedelta(milliseconds=200))
        here.join(other, person=person)
        second = await here.recorded(person, number=2)
        first = (await here.joins_of(person))[0]

        here.assert_never_wrong([first, second])
        here.assert_totals([first, second])
        assert first.left_at_ms is not None
        assert (second.left_at_ms, second.is_rejoin) == (None, True)
        here.leave(person)
        assert (await here.left(person)).joined_at_ms == second.joined_at_ms


async def test_a_member_who_still_has_to_pass_the_screening_has_joined_once(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        person = here.join(invite, pending=True)
        join = await here.recorded(person)
        here.world.pass_screening(here.guild.id, person.id)
        await here.recorded(here.join(invite))

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)
        assert len(await here.joins_of(person)) == 1


async def test_who_comes_back_while_the_members_are_compared_is_here(tmp_path: Path) -> None:
    """Without Manage Server joins are decided at once, also while the answer about the members is on its way."""
    async with town(tmp_path, bot_permissions=without("manage_guild"), is_enabled=False) as here:
        await here.service.enable(here.guild.id)
        person = here.join(here.invite())
        first = await here.recorded(person)
        await here.stop()
        here.leave(person)
        await here.world.until(lambda: here.world.now_ms() > first.joined_at_ms + 1_000)
        here.world.switches.chance = AnswersLate()
        here.world.switches.route_latency_ms["GET", MEMBERS] = (800, 800)
        request = f"GET /guilds/{here.guild.id}/members"
        asked = sum(entry[:2] == ("HTTP", request) for entry in here.world.transcript)
        await here.start()
        await here.world.until(
            lambda: sum(entry[:2] == ("HTTP", request) for entry in here.world.transcript) > asked
        )
        here.join(person=person)
        second = await here.recorded(person, number=2)
        before = (await here.info()).status.is_caught_up

        async def has_caught_up() -> bool:
            return (await here.info()).status.is_caught_up

        await eventually(has_caught_up, "the members are compared")
        first, second = await here.joins_of(person)
        assert not before
        assert first.left_at_ms is not None
        assert second.left_at_ms is None


async def test_who_comes_and_goes_while_the_members_are_compared_is_recorded_as_gone(tmp_path: Path) -> None:
    """The answer about the members may still show who has left since it was put together."""
    async with town(tmp_path) as here:
        invite = here.invite()
        old = [here.join(invite), here.join(invite)]
        for person in old:
            await here.recorded(person)
        await here.stop()
        missed = [here.join(invite), here.join(invite)]
        here.world.switches.chance = AnswersLate()
        here.world.switches.route_latency_ms["GET", MEMBERS] = (800, 800)
        request = "HTTP", f"GET /guilds/{here.guild.id}/members"
        asked = sum(entry[:2] == request for entry in here.world.transcript)
        await here.start()
        await here.world.until(lambda: sum(entry[:2] == request for entry in here.world.transcript) > asked)
        during = [here.join(invite), here.join(invite)]
        gone = [people[0] for people in (old, missed, during)]
        for person in gone:
            here.leave(person)
        await here.caught_up()
        joins = await here.all_recorded()

        here.assert_never_wrong(joins)
        here.assert_totals(joins)
        assert {join.member_id for join in joins if join.left_at_ms is not None} == {
            person.id for person in gone
        }


async def rejoin(here: Town, person: User, **how: str | None) -> None:
    """Let someone who left come back, later than a copy of an event could."""
    joined_at_ms = (await here.joins_of(person))[-1].joined_at_ms
    await here.world.until(lambda: here.world.now_ms() > joined_at_ms + 1_000)
    here.world.join(here.guild.id, person.id, code=how.get("code"))


async def test_a_rejoin_credits_nobody_and_the_earlier_join_counts_as_left_only_in_between(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as here:
        invite, other = here.invite(), here.invite(here.ben)
        person = here.join(invite)
        await here.recorded(person)
        here.leave(person)
        await here.left(person)
        away = await here.service.fetch_inviter_stats(here.guild.id, here.ada.id, 5)
        await rejoin(here, person, code=other.code)
        second = await here.recorded(person, number=2)
        back = await here.service.fetch_inviter_stats(here.guild.id, here.ada.id, 5)
        ben = await here.service.fetch_inviter_stats(here.guild.id, here.ben.id, 5)

        assert (away.counts.total, away.counts.leaves, away.counts.real) == (1, 1, 0)
        assert (back.counts.total, back.counts.leaves, back.counts.real) == (1, 0, 1)
        assert (second.certainty, second.code, second.is_rejoin) == (Certainty.CERTAIN, other.code, True)
        assert ben.counts.total == 0


async def test_a_single_join_while_the_bot_was_down_is_certain(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        await here.looked()
        await here.stop()
        person = here.join(invite)
        await here.start()
        join = await here.recorded(person)

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)


async def test_an_invite_used_up_while_the_bot_was_down_is_found(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite(max_uses=1)
        await here.looked()
        await here.stop()
        person = here.join(invite)
        await here.start()
        join = await here.recorded(person)

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)


async def test_two_joins_on_two_codes_while_the_bot_was_down_are_ambiguous(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        first, second = here.invite(), here.invite(here.ben)
        await here.looked()
        await here.stop()
        people = [here.join(first), here.join(second)]
        await here.start()
        joins = [await here.recorded(person) for person in people]

        here.assert_never_wrong(joins)
        here.assert_totals(joins)
        assert [join.certainty for join in joins] == [Certainty.AMBIGUOUS] * 2


async def test_who_left_while_the_bot_was_down_is_marked(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        stays, goes = here.join(invite), here.join(invite)
        await here.recorded(stays)
        await here.recorded(goes)
        await here.stop()
        here.leave(goes)
        await here.start()
        await here.left(goes)
        await here.caught_up()

        assert (await here.joins_of(stays))[0].left_at_ms is None


async def test_who_left_and_came_back_while_the_bot_was_down_has_two_joins(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        person = here.join(invite)
        first = await here.recorded(person)
        await here.stop()
        here.leave(person)
        await here.world.until(lambda: here.world.now_ms() > first.joined_at_ms + 1_000)
        here.join(invite, person=person)
        await here.start()
        second = await here.recorded(person, number=2)
        first = (await here.joins_of(person))[0]

        assert first.left_at_ms is not None
        assert (second.left_at_ms, second.certainty, second.code) == (None, Certainty.CERTAIN, invite.code)


async def test_a_leave_that_a_crash_forgot_is_concluded_from_the_next_join(tmp_path: Path) -> None:
    """Both joins were stored and undecided, the leave between them was held in memory, when the process was killed."""
    async with town(tmp_path) as here:
        invite = here.invite()
        await here.looked()
        await here.stop()
        person = here.join(invite)
        first_at = here.world.history[-1].at
        here.leave(person)
        await here.world.until(lambda: here.world.clock.now() > first_at + timedelta(seconds=1.1))
        here.join(invite, person=person)
        joined_at_ms = [int(record.at.timestamp() * 1000) for record in here.world.history]
        for at_ms in joined_at_ms:
            here.execute(
                f"INSERT INTO arrivals VALUES ({here.guild.id}, {person.id}, {at_ms}, {at_ms + 5}, 0, 1, 0)"
            )
        await here.start()
        second = await here.recorded(person, number=2)
        first = (await here.joins_of(person))[0]

        assert (first.joined_at_ms, first.left_at_ms) == tuple(joined_at_ms)
        assert (second.joined_at_ms, second.left_at_ms) == (joined_at_ms[1], None)


async def test_a_leave_that_a_crash_forgot_is_concluded_also_when_the_next_join_was_decided_first(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as here:
        person = here.join(here.invite())
        second = await here.recorded(person)
        await here.stop()
        first_at_ms = second.joined_at_ms - 1_100
        here.execute(
            f"INSERT INTO arrivals VALUES ({here.guild.id}, {person.id}, {first_at_ms}, {first_at_ms + 5}, 0, 1, 0)"
        )
        here.execute(f"UPDATE guild_modules SET enabled_at_ms = {first_at_ms - 1_000}")
        await here.start()
        second = await here.recorded(person, number=2)
        first = (await here.joins_of(person))[0]

        assert (first.joined_at_ms, first.left_at_ms) == (first_at_ms, second.joined_at_ms)
        assert second.left_at_ms is None


async def test_what_happened_while_the_bot_was_down_is_not_credited_to_the_next_who_joins(
    tmp_path: Path,
) -> None:
    """Somebody came by a link and left again in that time: the counter rose, and nobody is there to explain it."""
    async with town(tmp_path) as here:
        used, other = here.invite(), here.invite(here.ben)
        await here.looked()
        await here.stop()
        here.leave(here.join(used))
        await here.start()
        await here.caught_up()
        await here.calm()
        by_other = await here.recorded(here.join(other))
        by_nothing = await here.recorded(here.join(source=JoinSource.DISCOVERY))

        assert (by_other.certainty, by_other.code) == (Certainty.CERTAIN, other.code)
        assert (by_nothing.certainty, by_nothing.credited_code) == (Certainty.UNKNOWN, None)


async def test_a_stop_while_a_join_is_undecided_loses_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        await here.looked()
        person = here.join(invite)
        await here.world.until(lambda: here.execute("SELECT 1 FROM arrivals"))
        await here.stop()
        await here.start()
        join = await here.recorded(person)

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)
