"""The member search on a real wire: what it knows better than the counters comes onto the record a little later."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import Config
from bot.sandbox.world import Invite, JoinSource, User
from storage.records import Certainty, Join, Method, Source
from tests.wire.town import Town, eventually, quick_config, town, without

SEARCH = "/guilds/{id}/members-search"
STEP_SECONDS = 0.05


def confirming_config(**invite_tracker: object) -> Config:
    """Return a configuration in which joins are asked about soon."""
    values = {"members_search_after_seconds": STEP_SECONDS, "late_counter_ms": 200} | invite_tracker
    return quick_config(**values)


def searches(here: Town) -> int:
    """Return how often the bot has searched."""
    return len(here.world.requests("POST", SEARCH))


def asked_about(here: Town) -> list[list[str]]:
    """Return the ids in each search."""
    return [
        (request.json or {})["and_query"]["user_id"]["or_query"]
        for request in here.world.http_requests
        if request.path.endswith("/members-search")
    ]


def waiting(here: Town) -> int:
    """Return how many joins wait to be confirmed."""
    (row,) = here.execute("SELECT COUNT(*) FROM unconfirmed_joins")
    return int(row[0])


async def confirmed(here: Town, *people: User) -> list[Join]:
    """Wait until the joins of these people are known by the search, and return them."""

    async def are_known() -> bool:
        joins = await here.fetch_joins([person.id for person in people])
        return len(joins) == len(people) and all(one.method is Method.MEMBERS_SEARCH for one in joins)

    await eventually(are_known, "the search has told of everybody")
    return await here.fetch_joins([person.id for person in people])


async def all_asked(here: Town) -> None:
    """Wait until no join waits to be confirmed any more."""

    await here.world.until(lambda: waiting(here) == 0, timeout_s=30)


async def tangled(here: Town) -> tuple[list[User], list[Invite]]:
    """Let two people join at once by two invites, and wait until both joins are on record as ambiguous."""
    invites = [here.invite(), here.invite(here.ben)]
    people = [here.join(invite) for invite in invites]
    for person in people:
        assert (await here.recorded(person)).certainty is Certainty.AMBIGUOUS
    return people, invites


def says(here: Town, person: User, **changes: object) -> None:
    """Let the search say something else about how a member came."""
    key = here.guild.id, person.id
    here.world.joins[key] = replace(here.world.joins[key], **changes)  # type: ignore[arg-type]


async def test_ambiguous_joins_become_certain_by_one_request(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=0.6) as here:
        people, invites = await tangled(here)
        here.world.switches.search_delay_s = 0
        joins = await confirmed(here, *people)

        assert [join.code for join in joins] == [invite.code for invite in invites]
        assert [join.inviter_id for join in joins] == [here.ada.id, here.ben.id]
        assert {join.certainty for join in joins} == {Certainty.CERTAIN}
        assert {(join.candidates, join.reason) for join in joins} == {((), None)}
        here.assert_never_wrong(joins)
        here.assert_totals(joins)
        counts = [
            (await here.service.fetch_inviter_stats(here.guild.id, inviter.id, 5)).counts.total
            for inviter in (here.ada, here.ben)
        ]
        assert counts == [1, 1]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (JoinSource.BOT, Source.BOT),
        (JoinSource.INTEGRATION, Source.INTEGRATION),
        (JoinSource.DISCOVERY, Source.DISCOVERY),
        (JoinSource.HUB, Source.HUB),
        (JoinSource.MANUAL_VERIFICATION, Source.MANUAL_VERIFICATION),
    ],
)
async def test_ways_without_a_counter_are_told_apart(
    tmp_path: Path, source: JoinSource, expected: Source
) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        person = here.join(source=source)
        before = await here.recorded(person)
        (join,) = await confirmed(here, person)

        assert before.certainty is Certainty.UNKNOWN
        assert (join.source, join.certainty, join.code, join.inviter_id) == (
            expected,
            Certainty.CERTAIN,
            None,
            None,
        )
        assert join.credited_code is None


async def test_an_invite_made_and_used_up_unseen_is_known_by_the_search(tmp_path: Path) -> None:
    permissions = without("manage_channels")
    async with town(tmp_path, config=confirming_config(), bot_permissions=permissions) as here:
        invite = here.invite(here.ben, max_uses=1)
        person = here.join(invite)
        assert (await here.recorded(person)).certainty is Certainty.UNKNOWN
        (join,) = await confirmed(here, person)

        assert (join.code, join.inviter_id) == (invite.code, here.ben.id)
        here.assert_totals([join])


async def test_who_added_a_bot_is_known_without_the_audit_log(tmp_path: Path) -> None:
    permissions = without("view_audit_log")
    async with town(tmp_path, config=confirming_config(), bot_permissions=permissions) as here:
        bot = here.world.add_bot(here.guild.id, "botty", here.ben.id)
        (join,) = await confirmed(here, bot)

        assert (join.source, join.inviter_id, join.certainty) == (
            Source.BOT,
            here.ben.id,
            Certainty.CERTAIN,
        )
        assert (join.credited_code, join.credited_inviter_id) == (None, None)


async def test_while_the_index_lags_it_is_asked_again_with_growing_pauses(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=1.5) as here:
        people, invites = await tangled(here)
        joins = await confirmed(here, *people)

        assert [join.code for join in joins] == [invite.code for invite in invites]
        # At 0.05, 0.2, 0.65 and 2 seconds, twice where the two are not asked about together.
        assert 3 <= searches(here) <= 8


async def test_a_server_that_is_not_indexed_yet_is_left_alone_for_as_long_as_it_says(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_answer="unindexed") as here:
        people, _ = await tangled(here)
        await here.world.until(lambda: searches(here) == 1)
        asked_at_ms = here.world.now_ms()
        here.world.switches.search_answer = "ok"
        await confirmed(here, *people)

        assert here.world.now_ms() - asked_at_ms >= 900
        assert searches(here) == 2
        assert (await here.info()).status.confirmation_trouble is None


@pytest.mark.parametrize(("status", "reason"), [(403, "403"), (404, "404"), (405, "405"), (400, "request")])
async def test_a_refusal_ends_the_asking_and_is_told_once(
    tmp_path: Path, status: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        here.world.switches.fail("POST", SEARCH, status=status, body={"message": "No", "code": 0}, times=None)
        people, invites = await tangled(here)
        await here.world.until(lambda: searches(here) == 1)

        async def is_told() -> bool:
            return reason in ((await here.info()).status.confirmation_trouble or "")

        await eventually(is_told, "the admin can read why")
        late = await here.recorded(here.join(invites[0]))
        await here.looked()

        assert searches(here) == 1
        assert late.certainty is Certainty.CERTAIN
        assert [(await here.recorded(person)).certainty for person in people] == [Certainty.AMBIGUOUS] * 2
        assert waiting(here) == 3
        refusals = [one for one in caplog.records if getattr(one, "event", None) == "search_refused"]
        assert [vars(one)["status"] for one in refusals] == [status]


async def test_a_certain_join_that_the_search_contradicts_is_corrected_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An old member used a link again, in the very window in which somebody came through Discovery."""
    async with town(tmp_path, config=confirming_config()) as here:
        invite = here.invite()
        await here.looked()
        here.world.use_again(invite.code)
        person = here.join(source=JoinSource.DISCOVERY)
        before = await here.recorded(person)
        (join,) = await confirmed(here, person)

        assert (before.certainty, before.code) == (Certainty.CERTAIN, invite.code)
        assert (join.source, join.code, join.credited_inviter_id) == (Source.DISCOVERY, None, None)
        assert join.evidence == before.evidence
        assert [(rise.code, rise.units) for rise in await here.unexplained()] == [(invite.code, 1)]
        (line,) = [one for one in caplog.records if getattr(one, "event", None) == "join_corrected"]
        assert line.levelno == logging.WARNING
        assert line.getMessage() == (
            f"An earlier decision was wrong: {invite.code} was believed, because the use counter of that invite "
            "rose; the member search says source discovery."
        )


async def test_a_certain_join_that_the_search_confirms_stays_as_it_is(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        person = here.join(here.invite())
        before = await here.recorded(person)
        await all_asked(here)

        assert searches(here) == 1
        assert await here.recorded(person) == before


async def test_unspecified_says_nothing(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        people, invites = await tangled(here)
        certain = here.join(invites[0])
        before = await here.recorded(certain)
        for person in (*people, certain):
            says(here, person, source=JoinSource.UNSPECIFIED, code=None, inviter_id=None)
        here.world.switches.search_delay_s = 0
        asked = searches(here)
        await here.world.until(lambda: searches(here) >= asked + 2)

        assert await here.recorded(certain) == before
        assert [(await here.recorded(person)).certainty for person in people] == [Certainty.AMBIGUOUS] * 2


async def test_who_left_before_the_answer_stays_ambiguous_and_the_totals_stay_right(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=0.5) as here:
        people, invites = await tangled(here)
        here.leave(people[0])
        await here.left(people[0])
        (known,) = await confirmed(here, people[1])
        await all_asked(here)
        gone = await here.recorded(people[0])

        assert (gone.certainty, gone.method) == (Certainty.AMBIGUOUS, Method.USES_RISE)
        assert known.code == invites[1].code
        here.assert_totals([gone, known])


async def test_a_later_join_is_not_taken_for_the_earlier_one(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=0.4) as here:
        people, _ = await tangled(here)
        other = here.invite(here.old_member("cyd"))
        await here.looked()
        here.leave(people[0])
        here.join(other, person=people[0])
        await here.recorded(people[0], 2)
        await all_asked(here)
        earlier, later = await here.joins_of(people[0])

        assert earlier.certainty is Certainty.AMBIGUOUS
        assert (later.certainty, later.code) == (Certainty.CERTAIN, other.code)


async def test_a_restart_goes_on_with_what_was_not_confirmed(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        people, invites = await tangled(here)
        await here.stop()
        here.world.switches.search_delay_s = 0
        await here.start()
        joins = await confirmed(here, *people)

        assert [join.code for join in joins] == [invite.code for invite in invites]


async def test_many_joins_cost_few_requests_of_at_most_ten_members(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), rest_latency_ms=(5, 30)) as here:
        invites = [here.invite(), here.invite(here.ben), here.invite(here.old_member("cyd"))]
        await here.looked()
        for number in range(60):
            here.join(invites[number % 3])
        joins = await here.all_recorded()
        await all_asked(here)
        joins = await here.all_recorded()
        sizes = [len(member_ids) for member_ids in asked_about(here)]

        assert [join.certainty for join in joins] == [Certainty.CERTAIN] * 60
        here.assert_never_wrong(joins)
        here.assert_totals(joins)
        assert max(sizes) == 10
        assert len(sizes) <= 12


async def test_who_opted_out_is_not_asked_about(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(members_search_after_seconds=0.5)) as here:
        people, _ = await tangled(here)
        await here.client.parts.recorder.opt_out(here.guild.id, people[0].id)
        await confirmed(here, people[1])
        await all_asked(here)

        assert (await here.recorded(people[0])).certainty is Certainty.AMBIGUOUS
        assert asked_about(here) == [[str(people[1].id)]]


async def test_who_opts_out_while_the_request_is_under_way_stays_as_they_are(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=600) as here:
        people, _ = await tangled(here)
        here.world.switches.search_delay_s = 0
        held = here.world.switches.hold_answer("POST", SEARCH)
        await here.world.until(lambda: held.taken)
        await here.client.parts.recorder.opt_out(here.guild.id, people[0].id)
        held.release()
        await confirmed(here, people[1])
        await all_asked(here)

        assert (await here.recorded(people[0])).certainty is Certainty.AMBIGUOUS


async def test_an_inviter_who_opted_out_is_not_named(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(), search_delay_s=0.4) as here:
        people, invites = await tangled(here)
        await here.client.parts.recorder.opt_out(here.guild.id, here.ada.id)
        joins = await confirmed(here, *people)

        assert [(join.code, join.inviter_id) for join in joins] == [
            (invites[0].code, None),
            (invites[1].code, here.ben.id),
        ]
        assert joins[0].credited_inviter_id is None


async def test_without_manage_server_nothing_is_asked_until_it_is_granted(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(members_search_after_seconds=0.3)) as here:
        people, _ = await tangled(here)
        here.world.set_bot_permissions(here.guild.id, without("manage_guild"))
        await here.world.until(lambda: not here.seen_permissions.manage_guild)
        asked = searches(here)
        # Somebody else is decided meanwhile, well after the time of the first request.
        await here.recorded(here.join())
        await here.world.until(
            lambda: here.world.now_ms() - here.world.history[0].at.timestamp() * 1000 > 1200
        )
        assert searches(here) == asked == 0
        here.world.set_bot_permissions(here.guild.id, without())
        await confirmed(here, *people)


async def test_switched_off_nothing_is_asked_and_nothing_waits(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config(members_search=False)) as here:
        await tangled(here)
        await here.recorded(here.join(here.invite()))

        assert waiting(here) == 0
        assert searches(here) == 0
        assert (await here.info()).status.confirmation_trouble is None


async def test_a_module_that_is_disabled_while_the_search_answers_stays_empty(tmp_path: Path) -> None:
    async with town(tmp_path, config=confirming_config()) as here:
        held = here.world.switches.hold_answer("POST", SEARCH)
        await tangled(here)
        await here.world.until(lambda: held.taken)
        await here.service.disable(here.guild.id)
        held.release()
        await here.enable()
        person = here.join(here.invite())
        await here.recorded(person)
        await all_asked(here)

        assert here.execute("SELECT COUNT(*) FROM joins") == [(1,)]
        assert here.execute("SELECT COUNT(*) FROM unexplained_rises") == [(0,)]
