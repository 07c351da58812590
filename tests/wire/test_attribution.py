"""Joins through invites: what the bot concludes from real counters over a real wire."""

from pathlib import Path

import pytest

from bot.sandbox.world import JoinSource
from storage.records import Certainty, Method, Reason, Source
from tests.wire.town import INVITE_LIST, AnswersLate, eventually, quick_config, town, without


async def test_a_single_join_is_certain(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        join = await here.recorded(here.join(invite))

        assert (join.source, join.code, join.inviter_id) == (Source.INVITE, invite.code, here.ada.id)
        assert (join.certainty, join.method) == (Certainty.CERTAIN, Method.USES_RISE)
        assert join.reason is None


async def test_joins_one_after_the_other_on_different_codes_are_all_certain(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invites = [here.invite(), here.invite(here.ben), here.invite()]
        for invite in invites:
            await here.recorded(here.join(invite))
        joins = await here.all_recorded()

        here.assert_never_wrong(joins)
        assert [join.certainty for join in joins] == [Certainty.CERTAIN] * 3


async def test_two_joins_on_two_codes_at_once_are_ambiguous(tmp_path: Path) -> None:
    async with town(tmp_path, rest_latency_ms=(5, 30)) as here:
        first, second = here.invite(), here.invite(here.ben)
        people = [here.join(first), here.join(second)]
        joins = [await here.recorded(person) for person in people]

        here.assert_never_wrong(joins)
        here.assert_totals(joins)
        for join in joins:
            assert join.certainty is Certainty.AMBIGUOUS
            assert join.inviter_id is None
            assert {candidate.code for candidate in join.candidates} == {first.code, second.code}


@pytest.mark.parametrize("second_after_ms", [0, 10, 25, 40, 60])
async def test_a_join_while_the_request_for_another_is_under_way_is_never_named_wrongly(
    tmp_path: Path, second_after_ms: int
) -> None:
    async with town(tmp_path) as here:
        here.world.switches.route_latency_ms["GET", INVITE_LIST] = (50, 50)
        first, second = here.invite(), here.invite(here.ben)
        await here.looked()
        started = here.world.now_ms()
        here.join(first)
        await here.world.until(lambda: here.world.now_ms() - started >= second_after_ms)
        here.join(second)
        joins = await here.all_recorded()

        here.assert_never_wrong(joins)
        here.assert_totals(joins)


async def test_where_all_that_fits_is_by_one_person_the_inviter_is_certain(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        people = [here.join(here.invite()), here.join(here.invite())]
        for person in people:
            join = await here.recorded(person)

            assert (join.certainty, join.code) == (Certainty.AMBIGUOUS, None)
            assert join.inviter_id == here.ada.id


@pytest.mark.parametrize("order", ["before", "after"])
async def test_a_used_up_invite_is_certain_in_either_order_of_events(tmp_path: Path, order: str) -> None:
    async with town(tmp_path, invite_delete_order=order) as here:
        invite = here.invite(max_uses=1)
        join = await here.recorded(here.join(invite))

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)
        assert (join.method, join.inviter_id) == (Method.USED_UP, here.ada.id)
        assert (await here.known_invites())[invite.code].deleted_at_ms is not None


@pytest.mark.parametrize("order", ["before", "after"])
async def test_an_invite_used_up_without_any_event_of_it_is_certain(tmp_path: Path, order: str) -> None:
    """Without Manage Channels no INVITE_CREATE and no INVITE_DELETE come."""
    permissions = without("manage_channels")
    async with town(tmp_path, bot_permissions=permissions, invite_delete_order=order) as here:
        invite = here.invite(max_uses=1)
        await here.looked()
        join = await here.recorded(here.join(invite))

        assert (join.certainty, join.code, join.method) == (Certainty.CERTAIN, invite.code, Method.USED_UP)


async def test_an_expired_invite_is_not_blamed(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        limited, lasting = here.invite(max_age_s=1, max_uses=1), here.invite(here.ben)
        await here.looked()
        await here.expired(limited)
        join = await here.recorded(here.join(lasting))

        assert (join.certainty, join.code) == (Certainty.CERTAIN, lasting.code)


async def test_a_join_without_a_counter_is_unknown_although_an_invite_expired(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        limited = here.invite(max_age_s=1)
        await here.looked()
        await here.expired(limited)
        join = await here.recorded(here.join(source=JoinSource.DISCOVERY))

        assert (join.certainty, join.credited_code) == (Certainty.UNKNOWN, None)


async def test_an_invite_that_is_gone_without_a_trace_is_never_certain(tmp_path: Path) -> None:
    """Neither its time was up, nor does the audit log tell of a deletion: its channel may have gone, for instance."""
    async with town(tmp_path) as here:
        place = here.world.text_channel(here.guild.id, "place")
        invite = here.world.make_invite(place.id, here.ada.id, max_uses=1)
        await here.looked()
        here.world.delete_channel(place.id)
        join = await here.recorded(here.join(source=JoinSource.DISCOVERY))

        assert join.certainty is not Certainty.CERTAIN
        assert invite.code not in {each.code for each in here.world.live_invites(here.guild.id)}


async def test_an_invite_deleted_by_hand_is_not_blamed(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite(max_uses=1)
        await here.looked()
        here.world.remove_invite(invite.code, here.ben.id)
        join = await here.recorded(here.join(source=JoinSource.DISCOVERY))

        assert (join.certainty, join.reason) == (Certainty.UNKNOWN, Reason.NO_COUNTER_ROSE)


async def test_a_use_just_before_a_deletion_by_hand_is_certain(tmp_path: Path) -> None:
    """The audit log tells how often the invite was used when it was deleted."""
    async with town(tmp_path) as here:
        invite = here.invite(max_uses=5)
        await here.looked()
        person = here.join(invite)
        here.world.remove_invite(invite.code, here.ben.id)
        join = await here.recorded(person)

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)


async def test_without_the_audit_log_a_vanished_invite_is_never_certain(tmp_path: Path) -> None:
    async with town(tmp_path, bot_permissions=without("view_audit_log")) as here:
        invite = here.invite(max_uses=1)
        await here.looked()
        here.world.remove_invite(invite.code, here.ben.id)
        join = await here.recorded(here.join(source=JoinSource.DISCOVERY))

        assert join.certainty is Certainty.AMBIGUOUS
        assert join.reason is Reason.AUDIT_LOG_MISSING
        here.assert_never_wrong([join])


async def test_an_invite_made_and_used_between_two_looks_is_certain(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        people = [here.join(invite), here.join(invite)]
        joins = [await here.recorded(person) for person in people]

        assert [(join.certainty, join.code) for join in joins] == [(Certainty.CERTAIN, invite.code)] * 2


async def test_an_invite_made_and_used_up_between_two_looks_is_known_from_its_events(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite(max_uses=1)
        person = here.join(invite)
        join = await here.recorded(person)

        assert (join.certainty, join.code, join.method) == (Certainty.CERTAIN, invite.code, Method.USED_UP)


async def test_an_invite_made_and_used_up_unseen_is_unknown(tmp_path: Path) -> None:
    """Without Manage Channels nothing tells of it, and nobody else may be blamed."""
    async with town(tmp_path, bot_permissions=without("manage_channels")) as here:
        here.invite(here.ben)
        await here.looked()
        join = await here.recorded(here.join(here.invite(max_uses=1)))

        assert (join.certainty, join.reason) == (Certainty.UNKNOWN, Reason.NO_COUNTER_ROSE)


async def test_an_invite_made_while_the_list_was_on_its_way_is_not_taken_for_used_up(tmp_path: Path) -> None:
    """The list was put together before the invite was made, and arrives after INVITE_CREATE."""
    async with town(tmp_path, config=quick_config(clock_margin_ms=400)) as here:
        here.world.switches.chance = AnswersLate()
        here.world.switches.route_latency_ms["GET", INVITE_LIST] = (300, 300)
        listed = here.lists_put_together
        person = here.join(source=JoinSource.DISCOVERY)
        await here.world.until(lambda: here.lists_put_together > listed)
        here.invite(max_uses=1)
        join = await here.recorded(person)

        assert join.certainty is Certainty.UNKNOWN


async def test_a_vanity_join_is_measured(tmp_path: Path) -> None:
    async with town(tmp_path, vanity_code="harbour") as here:
        join = await here.recorded(here.join(vanity=True))

        assert (join.source, join.code, join.inviter_id) == (Source.VANITY, "harbour", None)
        assert (join.certainty, join.method) == (Certainty.CERTAIN, Method.VANITY_DELTA)


async def test_the_vanity_url_is_not_concluded_by_elimination(tmp_path: Path) -> None:
    async with town(tmp_path, vanity_code="harbour") as here:
        join = await here.recorded(here.join(source=JoinSource.DISCOVERY))

        assert (join.certainty, join.source) == (Certainty.UNKNOWN, Source.UNKNOWN)
        assert join.reason is Reason.NO_COUNTER_ROSE


async def test_a_bot_is_looked_up_in_the_audit_log(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        bot = here.world.add_bot(here.guild.id, "botty", here.ben.id)
        person = here.join(invite)
        join, other = await here.recorded(bot), await here.recorded(person)

        assert (join.source, join.inviter_id, join.method) == (Source.BOT, here.ben.id, Method.AUDIT_LOG)
        assert (join.credited_code, join.credited_inviter_id) == (None, None)
        assert (other.certainty, other.code) == (Certainty.CERTAIN, invite.code)


async def test_without_the_audit_log_who_added_a_bot_is_unknown(tmp_path: Path) -> None:
    async with town(tmp_path, bot_permissions=without("view_audit_log")) as here:
        join = await here.recorded(here.world.add_bot(here.guild.id, "botty", here.ben.id))

        assert (join.source, join.certainty) == (Source.BOT, Certainty.UNKNOWN)
        assert join.reason is Reason.AUDIT_LOG_MISSING


@pytest.mark.parametrize("source", [JoinSource.DISCOVERY, JoinSource.INTEGRATION, JoinSource.HUB])
async def test_a_join_that_raised_no_counter_is_unknown(tmp_path: Path, source: JoinSource) -> None:
    async with town(tmp_path) as here:
        here.invite()
        join = await here.recorded(here.join(source=source))

        assert (join.source, join.certainty, join.reason) == (
            Source.UNKNOWN,
            Certainty.UNKNOWN,
            Reason.NO_COUNTER_ROSE,
        )


async def test_an_invite_without_a_channel_counts_like_any_other(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.world.make_invite(0, here.ada.id, guild_id=here.guild.id)
        await here.looked()
        join = await here.recorded(here.join(invite))

        assert (join.certainty, join.code, join.inviter_id) == (Certainty.CERTAIN, invite.code, here.ada.id)
        assert (await here.known_invites())[invite.code].channel_id is None


async def test_one_of_a_thousand_invites_is_found(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invites = [here.invite() for _ in range(1000)]
        await here.looked()
        join = await here.recorded(here.join(invites[617]))

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invites[617].code)
        assert len(await here.known_invites()) == 1000


async def test_an_old_link_used_again_is_not_credited_to_the_next_who_joins(tmp_path: Path) -> None:
    async with town(tmp_path, config=quick_config(late_counter_ms=300)) as here:
        again, other = here.invite(), here.invite(here.ben)
        here.world.use_again(again.code)
        await here.looked()
        await here.world.until(lambda: here.execute("SELECT 1 FROM unexplained_rises"))
        join = await here.recorded(here.join(other))

        assert (join.certainty, join.code) == (Certainty.CERTAIN, other.code)
        assert [(rise.code, rise.units) for rise in await here.unexplained()] == [(again.code, 1)]


async def test_an_invite_that_the_bot_makes_counts_for_who_asked_for_it(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        made = await here.service.create_invite(
            here.guild.id,
            here.channel.id,
            max_uses=0,
            max_age_seconds=0,
            is_temporary=False,
            for_user_id=here.ben.id,
        )
        join = await here.recorded(here.join(here.world.get_invite(made.code)))

        assert (join.certainty, join.code, join.inviter_id) == (Certainty.CERTAIN, made.code, here.ben.id)
        assert (await here.service.fetch_inviter_stats(here.guild.id, here.ben.id, 5)).counts.total == 1


@pytest.mark.parametrize("skew_ms", [-300, 300])
async def test_clocks_that_differ_within_the_margin_cost_no_certainty(tmp_path: Path, skew_ms: int) -> None:
    config = quick_config(clock_margin_ms=400)
    async with town(tmp_path, config=config, skew_ms=skew_ms) as here:
        first, second = here.invite(), here.invite(here.ben, max_uses=1)
        joins = [await here.recorded(here.join(invite)) for invite in (first, second)]

        assert [(join.certainty, join.code) for join in joins] == [
            (Certainty.CERTAIN, first.code),
            (Certainty.CERTAIN, second.code),
        ]


async def test_a_deleted_invite_is_soon_not_listed_any_more(tmp_path: Path) -> None:
    """Nobody joins, so nothing but the deletion itself gives a reason to look."""
    async with town(tmp_path) as here:
        by_command, by_hand = here.invite(), here.invite(here.ben)
        await here.looked()

        async def only_one_is_left() -> bool:
            page = await here.service.fetch_invite_page(here.guild.id, 1, 10)
            return [invite.code for invite in page.invites] == [by_hand.code]

        async def none_is_left() -> bool:
            return (await here.service.fetch_invite_page(here.guild.id, 1, 10)).total == 0

        await here.service.delete_invite(here.guild.id, by_command.code)
        await eventually(only_one_is_left, "the list knows of the deletion by command")
        here.world.remove_invite(by_hand.code, here.ada.id)
        await eventually(none_is_left, "the list knows of the deletion by hand")
