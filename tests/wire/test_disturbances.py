"""Failed requests, missing permissions, broken connections, repeated events: nothing is lost, doubled or blamed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.world import JoinSource
from storage.records import Certainty, Reason, Source
from tests.wire.town import (
    INVITE_LIST,
    VANITY_URL,
    AnswersLate,
    TakesEffectLate,
    Town,
    eventually,
    quick_config,
    town,
    without,
)

AUDIT_LOG = "/guilds/{id}/audit-logs"

FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 503, "times": 1},
    {"status": 500, "times": 1},
    # aiohttp itself repeats a request whose connection broke once.
    {"drop_connection": True, "times": 2},
    {"status": 503, "times": 1, "after_effect": True},
    {"status": 200, "times": 1, "body": "<html>A proxy is in the way.</html>"},
    {"status": 200, "times": 1, "body": {"unforeseen": "answer"}},
    {"status": 200, "times": 1, "body": [{"uses": 1}]},
)


@pytest.mark.parametrize(
    "fault", FAULTS, ids=lambda fault: "-".join(f"{key}={fault[key]}" for key in fault)[:40]
)
async def test_a_failed_look_empties_nothing_and_blames_nobody(tmp_path: Path, fault: dict[str, Any]) -> None:
    async with town(tmp_path) as here:
        invites = [here.invite(), here.invite(here.ben, max_uses=1), here.invite(here.ben)]
        await here.looked()
        here.world.switches.fail("GET", INVITE_LIST, **fault)
        join = await here.recorded(here.join(invites[0]))

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invites[0].code)
        known = await here.known_invites()
        assert [known[invite.code].deleted_at_ms for invite in invites] == [None] * 3
        assert not any(fault.times for fault in here.world.switches.faults)


async def test_joins_during_a_failing_look_are_decided_together_after_it(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        await here.looked()
        fault = here.world.switches.fail("GET", INVITE_LIST, status=503, times=2)
        people = [here.join(invite)]
        await here.world.until(lambda: fault.times == 1)
        people.append(here.join(invite))
        joins = [await here.recorded(person) for person in people]

        assert [(join.certainty, join.code) for join in joins] == [(Certainty.CERTAIN, invite.code)] * 2


async def test_a_failed_look_at_the_vanity_url_blames_no_invite(tmp_path: Path) -> None:
    async with town(tmp_path, vanity_code="harbour") as here:
        invite = here.invite()
        await here.looked()
        here.world.switches.fail("GET", VANITY_URL, status=503, times=1)
        join = await here.recorded(here.join(vanity=True))
        other = await here.recorded(here.join(invite))

        assert (join.certainty, join.source) == (Certainty.CERTAIN, Source.VANITY)
        assert (other.certainty, other.code) == (Certainty.CERTAIN, invite.code)


async def test_when_discord_does_not_answer_in_time_a_join_is_recorded_and_repaired_later(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, config=quick_config(patience_ms=300)) as here:
        invite = here.invite()
        await here.looked()
        fault = here.world.switches.fail("GET", INVITE_LIST, status=503, times=None)
        person = here.join(invite)
        first = await here.recorded(person)
        fault.times = 0

        async def is_certain() -> bool:
            return (await here.joins_of(person))[0].certainty is Certainty.CERTAIN

        await eventually(is_certain, "the join is repaired")
        join = await here.recorded(person)
        assert (first.certainty, first.reason) == (Certainty.UNKNOWN, Reason.REQUEST_FAILED)
        assert (join.join_id, join.code) == (first.join_id, invite.code)


async def test_a_tracker_that_fails_begins_anew_from_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it was: what was undecided is decided, leaves that waited in memory count."""
    async with town(tmp_path) as here:
        invite = here.invite()
        await here.looked()
        tracker: Any = here.service._tracking._trackers[here.guild.id]

        def fail(*_: Any) -> None:
            raise KeyError("something that nobody foresaw")

        monkeypatch.setattr(tracker._ledger, "note_invites", fail)
        goes, stays = here.join(invite), here.join(invite)
        here.leave(goes)
        joins = [await here.recorded(goes), await here.recorded(stays)]

        assert [(join.certainty, join.code) for join in joins] == [(Certainty.CERTAIN, invite.code)] * 2
        assert [join.left_at_ms is None for join in joins] == [False, True]


async def test_a_record_that_contradicts_a_decision_does_not_stop_the_tracker(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        await here.looked()
        doubled = here.join(invite)
        await here.world.until(lambda: here.execute("SELECT 1 FROM arrivals"))
        # In a thread: the bot may hold the writer, and needs this loop to let go of it.
        await asyncio.to_thread(
            here.execute,
            "INSERT INTO joins SELECT guild_id, 1, member_id, joined_at_ms, received_at_ms, 'unknown', NULL, NULL, "
            "'none', 'unknown', '[]', '[]', 'request_failed', NULL, NULL, 0, 1, 0, 0, NULL, NULL FROM arrivals",
        )
        join = await here.recorded(here.join(invite))

        async def is_certain() -> bool:
            return (await here.joins_of(doubled))[0].certainty is Certainty.CERTAIN

        await eventually(is_certain, "the join on record is repaired")
        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)


async def test_a_slow_audit_log_holds_up_nobody_else(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        once, others = here.invite(max_uses=1), [here.invite(), here.invite(here.ben)]
        await here.looked()
        here.world.switches.chance = AnswersLate()
        here.world.switches.route_latency_ms["GET", AUDIT_LOG] = (2_500, 2_500)
        used_up = here.join(once)
        request = "HTTP", f"GET /guilds/{here.guild.id}/audit-logs"
        await here.world.until(lambda: any(entry[:2] == request for entry in here.world.transcript))
        joins = [await here.recorded(here.join(invite)) for invite in others]
        undecided = await here.joins_of(used_up)
        last = await here.recorded(used_up)

        assert [(join.certainty, join.code) for join in joins] == [
            (Certainty.CERTAIN, invite.code) for invite in others
        ]
        assert undecided == []
        assert (last.certainty, last.code) == (Certainty.CERTAIN, once.code)


@pytest.mark.parametrize("answer", [{"status": 403}, {"status": 200, "body": {"audit_log_entries": []}}])
async def test_a_bot_of_which_the_audit_log_says_nothing_is_recorded_all_the_same(
    tmp_path: Path, answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path) as here:
        monkeypatch.setattr("cogs.invite_tracker.tracking.bot_arrivals.TRY_AFTER_MS", (0, 100, 300))
        here.world.switches.fail("GET", AUDIT_LOG, times=None, **answer)
        join = await here.recorded(here.world.add_bot(here.guild.id, "botty", here.ben.id))

        assert (join.source, join.certainty, join.inviter_id) == (Source.BOT, Certainty.UNKNOWN, None)
        assert join.reason in {Reason.REQUEST_FAILED, Reason.NOT_IN_AUDIT_LOG}


async def test_manage_server_that_comes_and_goes_in_a_burst_makes_nothing_wrong(tmp_path: Path) -> None:
    async with town(tmp_path, rest_latency_ms=(5, 30), event_lag_ms=(0, 30)) as here:
        invites = [here.invite(), here.invite(here.ben)]
        await here.looked()
        for number in range(60):
            here.join(invites[number % 2])
            if number % 20 == 7:
                here.world.set_bot_permissions(here.guild.id, without("manage_guild"))
            if number % 20 == 15:
                here.world.set_bot_permissions(here.guild.id, without())
            await asyncio.sleep(0.02)
        here.assert_never_wrong(await here.all_recorded())
        await here.looked()
        join = await here.recorded(here.join(invites[0]))

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invites[0].code)


async def test_without_manage_server_joins_are_unknown_and_the_admin_is_told_why(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        await here.looked()
        here.world.set_bot_permissions(here.guild.id, without("manage_guild"))
        await here.world.until(lambda: not here.seen_permissions.manage_guild)
        blind = await here.recorded(here.join(invite))
        info = await here.info()

        assert (blind.certainty, blind.reason) == (Certainty.UNKNOWN, Reason.MANAGE_SERVER_MISSING)
        assert (blind.code, blind.credited_code) == (None, None)
        assert "manage_guild" in info.missing_permissions
        assert "Manage Server" in (info.status.trouble or "")


async def test_after_manage_server_is_granted_a_fresh_count_begins(tmp_path: Path) -> None:
    async with town(tmp_path, bot_permissions=without("manage_guild"), is_enabled=False) as here:
        invite, other = here.invite(), here.invite(here.ben)
        await here.service.enable(here.guild.id)
        blind = await here.recorded(here.join(invite))
        here.world.set_bot_permissions(here.guild.id, without())
        await here.caught_up()
        join = await here.recorded(here.join(other))

        assert blind.reason is Reason.MANAGE_SERVER_MISSING
        assert (join.certainty, join.code) == (Certainty.CERTAIN, other.code)
        assert (await here.joins_of(here.world.users[blind.member_id or 0]))[0].credited_code is None
        assert (await here.info()).status.trouble is None


async def test_manage_server_through_another_role_is_noticed_too(tmp_path: Path) -> None:
    async with town(tmp_path, bot_permissions=without("manage_guild"), is_enabled=False) as here:
        await here.service.enable(here.guild.id)
        blind = await here.recorded(here.join(here.invite()))
        role = here.world.create_role(here.guild.id, "Trusted")
        here.world.edit_role(here.guild.id, role.id, {"permissions": without().value})
        here.world.add_member_role(here.guild.id, here.world.bot_user.id, role.id)
        await here.caught_up()

        assert blind.reason is Reason.MANAGE_SERVER_MISSING
        assert (await here.info()).status.trouble is None


async def test_a_join_of_someone_whom_the_library_has_cached_is_recorded(tmp_path: Path) -> None:
    """discord.py drops GUILD_MEMBER_ADD of a member in its cache, for instance of one put there by a late update."""
    async with town(tmp_path) as here:
        invite, person = here.invite(), here.newcomer()
        here.world.add_old_member(here.guild.id, person.id)
        here.world.announce_member_update(here.guild.id, person.id)
        await here.world.until(lambda: here.seen_guild.get_member(person.id))
        del here.world.guilds[here.guild.id].members[person.id]
        join = await here.recorded(here.join(invite, person=person))

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)


async def test_a_join_that_discord_sends_twice_is_recorded_once(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        person = here.join(invite)
        here.world.repeat_member_add(here.guild.id, person.id, shift_ms=400)
        join = await here.recorded(person)
        here.world.repeat_member_add(here.guild.id, person.id, shift_ms=-400)
        await here.recorded(here.join(invite))
        joins = await here.all_recorded()

        assert (join.certainty, join.code) == (Certainty.CERTAIN, invite.code)
        here.assert_never_wrong(joins)
        here.assert_totals(joins)


async def test_a_resume_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        before = here.join(invite)
        await here.recorded(before)
        await here.server.gateway.drop_sockets()
        during = [here.join(invite), here.join(invite)]
        here.leave(before)
        joins = [await here.recorded(person) for person in during]
        left = await here.left(before)

        assert here.world.identifies == 1
        assert [(join.certainty, join.code) for join in joins] == [(Certainty.CERTAIN, invite.code)] * 2
        assert left.left_at_ms is not None
        here.assert_totals(await here.all_recorded())


async def test_a_refused_resume_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        before = here.join(invite)
        await here.recorded(before)
        here.world.switches.refuse_resumes = 1
        await here.server.gateway.drop_sockets()
        during = [here.join(invite), here.join(invite)]
        here.leave(before)
        for person in during:
            await here.recorded(person)
        await here.left(before)
        joins = await here.all_recorded()

        assert here.world.identifies == 2
        here.assert_never_wrong(joins)
        here.assert_totals(joins)


async def test_nothing_is_final_until_a_new_session_has_presented_the_guild(tmp_path: Path) -> None:
    """A join that was missed may explain what the counter shows: nobody else may be blamed for it meanwhile."""
    async with town(tmp_path) as here:
        invite, switches = here.invite(), here.world.switches
        await here.looked()
        switches.chance = TakesEffectLate()
        switches.route_latency_ms["GET", INVITE_LIST] = (400, 400)
        found = here.join(source=JoinSource.DISCOVERY)
        await here.world.until(lambda: here.execute("SELECT 1 FROM arrivals"))
        switches.refuse_resumes = 1
        # READY comes at once, the guild much later than the list that shows the use.
        switches.event_lag_ms = (900, 900)
        await here.server.gateway.drop_sockets()
        missed = here.join(invite)
        joins = [await here.recorded(found), await here.recorded(missed)]

        assert here.world.identifies == 2
        here.assert_never_wrong(joins)


async def test_an_outage_of_the_guild_loses_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        invite = here.invite()
        stays, goes = here.join(invite), here.join(invite)
        await here.recorded(stays)
        await here.recorded(goes)
        here.world.begin_outage(here.guild.id)
        await here.world.until(lambda: here.seen_guild.unavailable)
        await silently(here, goes.id)
        here.world.end_outage(here.guild.id)
        left = await here.left(goes)

        assert left.left_at_ms is not None
        assert (await here.joins_of(stays))[0].left_at_ms is None


async def silently(here: Town, member_id: int) -> None:
    """Let a member leave without an event, as during an outage."""
    del here.world.guilds[here.guild.id].members[member_id]
