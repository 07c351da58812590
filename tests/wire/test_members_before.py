"""Members from before on a real wire: put on record once, explained by the member search, gone on with after anything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import Config
from bot.sandbox.members import JoinRecord
from bot.sandbox.world import Invite, JoinSource, User
from storage.member_syncs import MemberSync, Stage
from storage.records import Certainty, Join, Method, Source
from tests.wire.test_confirming import SEARCH, confirming_config, searches, tangled
from tests.wire.town import Town, eventually, town, without

MEMBERS = "/guilds/{id}/members"


def syncing_config(**invite_tracker: object) -> Config:
    """Return a configuration in which enabling puts the members on record."""
    return confirming_config(**{"existing_members": True} | invite_tracker)


def came_by(here: Town, person: User, invite: Invite | None, **facts: object) -> None:
    """Let Discord know how somebody came who has been here for long."""
    at = datetime.fromisoformat(here.guild.members[person.id].joined_at)
    record = JoinRecord(
        here.guild.id,
        person.id,
        JoinSource.UNSPECIFIED if invite is None else JoinSource.INVITE,
        None if invite is None else invite.code,
        None if invite is None else invite.inviter_id,
        at,
    )
    here.world.joins[here.guild.id, person.id] = replace(record, **facts)  # type: ignore[arg-type]


async def state(here: Town) -> MemberSync:
    """Return how far it is."""
    found = await here.service.describe_sync(here.guild.id)
    assert found is not None
    return found.sync


async def ended(here: Town, stage: Stage = Stage.DONE) -> MemberSync:
    """Wait until it ended, and return how."""

    async def is_over() -> bool:
        return not (await state(here)).is_under_way

    await eventually(is_over, "the members from before are done", timeout_s=40)
    found = await state(here)
    assert found.stage is stage
    return found


async def on_record(here: Town, person: User) -> Join:
    """Return the only row of a person."""
    (join,) = await here.joins_of(person)
    return join


def rows(here: Town) -> int:
    """Return how many joins are on record."""
    ((count,),) = here.execute("SELECT COUNT(*) FROM joins")
    return int(count)


async def test_enabling_puts_the_members_on_record_with_who_invited_them(tmp_path: Path) -> None:
    async with town(tmp_path, config=syncing_config(), is_enabled=False) as here:
        invited, vain, found, nobody = (here.old_member(name) for name in ("eve", "fay", "gus", "hal"))
        invite = here.invite()
        came_by(here, invited, invite)
        came_by(here, vain, None, source=JoinSource.VANITY, code="harbour")
        came_by(here, found, None, source=JoinSource.DISCOVERY)
        here.world.add_bot(here.guild.id, "helper", here.ada.id)
        await here.enable()
        done = await ended(here)

        people = [one for one in here.guild.members if not here.world.users[one].bot]
        assert rows(here) == done.recorded == len(people)
        assert done.listed == len(here.guild.members)
        join = await on_record(here, invited)
        assert (join.source, join.code, join.inviter_id) == (Source.EXISTING, invite.code, here.ada.id)
        assert (join.method, join.certainty) == (Method.MEMBERS_SEARCH, Certainty.CERTAIN)
        assert join.credited_inviter_id == here.ada.id
        joins = [await on_record(here, person) for person in (vain, found, nobody)]
        assert [(one.code, one.inviter_id, one.certainty) for one in joins] == [
            ("harbour", None, Certainty.CERTAIN),
            (None, None, Certainty.CERTAIN),
            (None, None, Certainty.UNKNOWN),
        ]
        assert {one.source for one in joins} == {Source.EXISTING}


async def test_they_count_only_where_the_server_wants_it_and_so_do_their_leaves(tmp_path: Path) -> None:
    async with town(tmp_path, config=syncing_config(), is_enabled=False) as here:
        people = [here.old_member("eve"), here.old_member("fay")]
        invite = here.invite()
        for person in people:
            came_by(here, person, invite)
        await here.enable()
        await ended(here)
        here.leave(people[0])
        left = await here.left(people[0])
        assert left.inviter_id == here.ada.id
        assert (await here.service.fetch_counts(here.guild.id, here.ada.id)).total == 0

        await here.save(count_existing=True)
        counts = await here.service.fetch_counts(here.guild.id, here.ada.id)
        assert (counts.total, counts.leaves, counts.real) == (2, 1, 1)
        await here.save(count_existing=False)
        counts = await here.service.fetch_counts(here.guild.id, here.ada.id)
        assert (counts.total, counts.leaves, counts.real) == (0, 0, 0)


async def test_who_comes_back_credits_nobody(tmp_path: Path) -> None:
    async with town(tmp_path, config=syncing_config(), is_enabled=False) as here:
        person = here.old_member("eve")
        await here.enable()
        await ended(here)
        here.leave(person)
        await here.left(person)
        here.join(here.invite(here.ben), person=person)
        again = await here.recorded(person, 2)

        assert again.is_rejoin
        assert (await here.service.fetch_counts(here.guild.id, here.ben.id)).total == 0


@pytest.mark.parametrize("answer", ["forbidden", "missing"])
async def test_where_the_search_is_refused_they_are_recorded_without_inviter_and_asked_about_later(
    tmp_path: Path, answer: str
) -> None:
    async with town(tmp_path, config=syncing_config(), is_enabled=False) as here:
        here.world.switches.search_answer = answer  # type: ignore[assignment]
        person = here.old_member("eve")
        came_by(here, person, here.invite())
        await here.enable()
        done = await ended(here, Stage.UNEXPLAINED)
        assert (done.recorded, done.explained) == (rows(here), 0)
        assert (await on_record(here, person)).method is Method.NONE

        here.world.switches.search_answer = "ok"
        await here.service.sync_members(here.guild.id)
        done = await ended(here)
        assert (done.recorded, done.explained) == (0, 1)
        assert (await on_record(here, person)).inviter_id == here.ada.id


async def test_without_the_search_or_manage_server_they_are_recorded_without_inviter(tmp_path: Path) -> None:
    config = syncing_config(members_search=False)
    async with town(tmp_path, config=config, is_enabled=False) as here:
        came_by(here, here.ben, here.invite())
        await here.enable()
        await ended(here, Stage.UNEXPLAINED)
        assert (await on_record(here, here.ben)).certainty is Certainty.UNKNOWN
        assert searches(here) == 0


async def test_losing_manage_server_ends_the_asking(tmp_path: Path) -> None:
    permissions = without("manage_guild")
    async with town(tmp_path, config=syncing_config(), is_enabled=False, bot_permissions=permissions) as here:
        await here.service.enable(here.guild.id)
        await ended(here, Stage.UNEXPLAINED)
        assert rows(here) > 0
        assert searches(here) == 0


async def test_an_index_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    async with town(tmp_path, config=syncing_config(), is_enabled=False) as here:
        here.world.switches.search_answer = "unindexed"
        here.world.switches.search_retry_after_s = 0.01
        came_by(here, here.ben, here.invite())
        await here.enable()
        await here.world.until(lambda: searches(here) >= 2)
        assert (await state(here)).stage is Stage.SEARCHING
        here.world.switches.search_answer = "ok"
        assert (await ended(here)).explained == 1


async def test_nobody_who_is_on_record_gets_a_second_row(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        people, _ = await tangled(here)
        before = [await here.recorded(person) for person in people]
        await here.service.sync_members(here.guild.id)
        first = await ended(here)
        stored = rows(here)
        await here.service.sync_members(here.guild.id)
        second = await ended(here)

        assert (second.recorded, rows(here)) == (0, stored)
        assert stored == len(people) + first.recorded
        joins = [await on_record(here, person) for person in people]
        assert [join.join_id for join in joins] == [join.join_id for join in before]
        assert Source.EXISTING not in {join.source for join in joins}


async def test_who_joins_while_it_runs_is_a_join_like_any_other(tmp_path: Path) -> None:
    """They stand on the list already when their join comes."""
    async with town(tmp_path, config=confirming_config()) as here:
        invite = here.invite()
        await here.looked()
        here.world.switches.event_lag_ms = (600, 600)
        person = here.join(invite)
        await here.service.sync_members(here.guild.id)
        await ended(here)
        join = await here.recorded(person)

        assert (join.source, join.code) == (Source.INVITE, invite.code)


async def test_who_leaves_while_the_list_is_on_its_way_is_not_put_on_record(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        person = here.old_member("eve")
        held = here.world.switches.hold_answer("GET", MEMBERS)
        await here.service.sync_members(here.guild.id)
        await here.world.until(lambda: held.taken)
        here.leave(person)
        await here.world.until(lambda: here.seen_guild.get_member(person.id) is None)
        held.release()
        await ended(here)

        assert await here.joins_of(person) == []
        assert await here.joins_of(here.ben) != []


async def test_a_list_from_before_an_interruption_is_asked_for_again(tmp_path: Path) -> None:
    """Who left while nothing could be heard stands on it."""
    async with town(tmp_path, config=confirming_config()) as here:
        person = here.old_member("eve")
        held = here.world.switches.hold_answer("GET", MEMBERS)
        await here.service.sync_members(here.guild.id)
        await here.world.until(lambda: held.taken)
        here.world.switches.refuse_resumes = 1
        here.world.switches.refuse_connections = True
        await here.server.gateway.drop_sockets()
        await here.world.until(lambda: here.client.parts.intake.steady_since_ms(0) is None)
        here.leave(person)
        here.world.switches.refuse_connections = False
        held.release()
        await ended(here)

        assert await here.joins_of(person) == []
        assert await here.joins_of(here.ben) != []


async def test_who_opted_out_or_was_forgotten_is_left_out(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        hidden, forgotten = here.old_member("eve"), here.old_member("fay")
        # A link that was gone before we came: only the search knows whose it was.
        came_by(here, here.ben, here.invite(), code="longgone", inviter_id=hidden.id)
        await here.client.parts.recorder.opt_out(here.guild.id, hidden.id)
        await here.service.sync_members(here.guild.id)
        first = await ended(here)
        here.execute(f"UPDATE joins SET member_id = NULL WHERE member_id = {forgotten.id}")
        await here.service.sync_members(here.guild.id)
        second = await ended(here)

        assert first.recorded > 0
        assert second.recorded == 0
        assert await here.joins_of(hidden) == await here.joins_of(forgotten) == []
        join = await on_record(here, here.ben)
        assert (join.code, join.inviter_id, join.credited_inviter_id) == ("longgone", None, None)


async def test_an_admin_can_stop_it_and_begin_again(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        held = here.world.switches.hold_answer("POST", SEARCH)
        await here.service.sync_members(here.guild.id)
        await here.world.until(lambda: held.taken)
        await here.service.stop_sync(here.guild.id)
        held.release()
        stopped = await state(here)
        assert stopped.stage is Stage.STOPPED
        assert rows(here) == stopped.recorded

        await here.service.sync_members(here.guild.id)
        assert (await ended(here)).recorded == 0


async def test_a_module_that_is_disabled_meanwhile_stays_empty(tmp_path: Path) -> None:
    async with town(tmp_path, config=syncing_config(), is_enabled=False) as here:
        held = here.world.switches.hold_answer("POST", SEARCH)
        await here.enable()
        await here.world.until(lambda: held.taken)
        await here.service.disable(here.guild.id)
        held.release()
        assert rows(here) == 0
        assert here.execute("SELECT COUNT(*) FROM member_syncs") == [(0,)]
        await here.enable()
        await ended(here)
        assert rows(here) > 0


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    async with town(tmp_path, config=syncing_config(member_scan=False), is_enabled=False) as here:
        invite = here.invite()
        people = []
        for number in range(2_300):
            made = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=number)
            people.append(here.world.add_person(f"old{number}", created_at=made))
            here.world.add_old_member(here.guild.id, people[-1].id, joined_days_ago=1 + number / 100)
            came_by(here, people[-1], invite)
        await here.enable()
        await here.world.until(lambda: len(here.world.requests("GET", MEMBERS)) >= 2, timeout_s=40)
        await here.stop()
        assert 0 < rows(here) < len(people)
        listed = len(here.world.requests("GET", MEMBERS))
        await here.start()
        await here.world.until(lambda: searches(here) >= 2, timeout_s=60)
        await here.stop()
        assert rows(here) == len([one for one in here.guild.members if not here.world.users[one].bot])
        await here.start()
        done = await ended(here)

        ((explained,),) = here.execute("SELECT COUNT(*) FROM joins WHERE method = 'members_search'")
        assert explained == len(people)
        assert done.recorded == rows(here)
        # The first page was not asked for again, nor all of the search.
        assert len(here.world.requests("GET", MEMBERS)) - listed <= 2
        assert searches(here) <= 4


async def test_a_server_that_the_bot_leaves_and_comes_back_to_is_gone_on_with(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        held = here.world.switches.hold_answer("POST", SEARCH)
        await here.service.sync_members(here.guild.id)
        await here.world.until(lambda: held.taken)
        await here.stop()
        held.release()
        assert here.execute("SELECT stage FROM member_syncs") == [("searching",)]
        await here.start()
        assert (await ended(here)).searched == len(here.guild.members)


async def test_joins_of_the_present_are_asked_about_first(tmp_path: Path) -> None:
    config = confirming_config(members_search_after_seconds=0.6)
    async with town(tmp_path, config=config) as here:
        invites = [here.invite(), here.invite(here.ben)]
        await here.looked()
        people = [here.join(invite) for invite in invites]
        for person in people:
            await here.recorded(person)
        await here.service.sync_members(here.guild.id)
        await ended(here)

        first = next(one for one in here.world.http_requests if one.path.endswith("/members-search"))
        assert "and_query" in (first.json or {})
        assert {(await on_record(here, person)).method for person in people} == {Method.MEMBERS_SEARCH}


async def test_joins_of_the_downtime_are_confirmed_and_leaves_are_noted(tmp_path: Path) -> None:
    async with town(tmp_path, config=syncing_config(), is_enabled=False) as here:
        await here.enable()
        await ended(here)
        invites = [here.invite(), here.invite(here.ben)]
        await here.looked()
        stays = here.join(invites[0])
        await here.recorded(stays)
        old = here.old_member("eve")
        await here.stop()
        people = [here.join(invite) for invite in invites]
        here.leave(stays)
        here.leave(here.ben)
        await here.start()
        await here.caught_up()

        async def are_known() -> bool:
            joins = await here.fetch_joins([person.id for person in people])
            return len(joins) == 2 and all(join.method is Method.MEMBERS_SEARCH for join in joins)

        await eventually(are_known, "the search has told of both")
        joins = [await on_record(here, person) for person in people]
        assert [join.code for join in joins] == [invite.code for invite in invites]
        assert {join.certainty for join in joins} == {Certainty.CERTAIN}
        assert (await here.left(stays)).left_at_ms is not None
        assert (await here.left(here.ben)).source is Source.EXISTING
        assert await here.joins_of(old) == []
        here.assert_never_wrong(joins)
