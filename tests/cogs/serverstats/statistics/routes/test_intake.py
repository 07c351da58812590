"""Reports of other software: stored before they are answered, once, and only where they are wanted."""

import sqlite3
from contextlib import closing
from typing import Any

from storage.database import Database
from storage.statistics.catalogue import CATALOGUE, KINDS, Group, Kind, Part, Shape, Source
from tests.cogs.serverstats.statistics.routes.program import Program
from tests.web.api import OPERATOR_KEY

USER, CHANNEL = 7_000_000_000_000_000_001, 70
TICKET = "modules/tickets/created"
CREATED = KINDS[TICKET]
ENTERED = KINDS["functions/giveaways/responders"]

VALUES: dict[Part, Any] = {
    Part.USER_ID: str(USER),
    Part.CHANNEL_ID: CHANNEL,
    Part.MESSAGE_ID: 700,
    Part.TEXT: "a name",
    Part.DURATION: 0.25,
    Part.IS_BOT: False,
    Part.ACTIVITIES: [{"activity_type": 0, "name": "Chess", "details": None}],
}

REPORTED = [kind for kind in CATALOGUE if kind.intake is not None]


def body_of(fields: Shape) -> dict[str, Any]:
    return {name: VALUES[part] for name, part in fields}


async def test_a_report_is_on_record_when_it_is_answered(program: Program) -> None:
    """But for what Discord itself tells: that is accepted, and nothing is recorded a second time."""
    for kind in REPORTED:
        assert kind.intake is not None
        is_heard = kind.source is Source.GATEWAY
        assert await program.report(kind.key, **body_of(kind.intake)) is not is_heard, kind.key
        assert await program.stored(kind, "user_id, duration_us") == expected_of(kind, kind.intake), kind.key


def expected_of(kind: Kind, said: Shape) -> list[Any]:
    """Return the user and the duration that a report in these words leaves behind."""
    if kind.source is Source.GATEWAY:
        return []
    parts = {part for _name, part in said}
    return [(USER if Part.USER_ID in parts else None, 250_000 if Part.DURATION in parts else None)]


async def test_the_end_of_a_session_is_accepted(program: Program) -> None:
    assert not await program.report_end("voice", left_member_id=USER, channel_id=CHANNEL)


async def test_the_older_words_are_understood(program: Program) -> None:
    """Also under a path that both generations share: without a user, nobody is named."""
    for kind in CATALOGUE:
        if kind.legacy is not None:
            said = kind.legacy.intake
            recorded = await program.report(kind.legacy.report_key, **body_of(said))
            assert recorded is (kind.source is not Source.GATEWAY), kind.key
            assert await program.stored(kind, "user_id, duration_us") == expected_of(kind, said), kind.key


async def test_a_report_is_in_one_generation_or_the_other(program: Program) -> None:
    key = "modules/reactionroles/check-time"
    either = "400 BadRequestError! The body must have either `check_time` or `check_time_delay`."
    assert await program.refused("POST", key) == either
    assert await program.refused("POST", key, check_time=1, check_time_delay=1) == either
    assert await program.report(key, check_time_delay=3)
    assert await program.report(key, check_time=0.5)
    records = await program.get(key)
    assert sorted(record["check_time"] for record in records) == [0.5, 3]


async def test_who_is_not_named_is_left_out_not_null(program: Program) -> None:
    key = "functions/reminders/created"
    assert await program.report(key)
    assert (await program.get(key))[0]["user_id"] is None
    assert (await program.refused("POST", key, creating_user_id=None)).startswith("400 BadRequestError! ")


async def test_nothing_is_recorded_where_the_group_is_off(program: Program) -> None:
    await program.switch_on(Group.RULES)
    assert not await program.report(TICKET, creating_user_id=USER)
    assert await program.report("modules/rules/check-time", check_time=1)
    assert await program.stored(CREATED) == [(0,)]


async def test_who_opted_out_is_not_named(program: Program) -> None:
    await program.recorder.opt_out(program.guild_id, USER)
    assert await program.report(TICKET, creating_user_id=USER)
    assert await program.stored(CREATED, "user_id") == [(None,)]


async def test_what_happens_once_is_recorded_once_however_often_it_is_reported(program: Program) -> None:
    """A giveaway and who responded to it are the natural id of a response."""
    body = {"responding_user_id": USER, "old_giveaway_id": "summer"}
    answers = await program.report_at_once(ENTERED.key, *[body] * 20)
    assert {answer.json()["data"]["recorded"] for answer in answers} == {True}
    assert await program.stored(ENTERED) == [(1,)]
    program.place.clock.skip_to(program.now_ms + 3 * 86_400_000)
    assert await program.report(ENTERED.key, **body)
    assert await program.stored(ENTERED) == [(1,)]
    assert await program.report(ENTERED.key, **{**body, "old_giveaway_id": "winter"})
    assert await program.report(ENTERED.key, **{**body, "responding_user_id": USER + 1})
    assert await program.stored(ENTERED) == [(3,)]


async def test_a_giveaway_may_be_named_by_a_number(program: Program) -> None:
    body = {"responding_user_id": USER, "old_giveaway_id": 5}
    assert await program.report(ENTERED.key, **body)
    assert await program.report(ENTERED.key, **{**body, "old_giveaway_id": "5"})
    assert await program.stored(ENTERED) == [(1,)]


async def test_responses_of_nobody_in_particular_all_count(program: Program) -> None:
    for _ in range(2):
        assert await program.report(ENTERED.key, old_giveaway_id="summer")
    await program.recorder.opt_out(program.guild_id, USER)
    for _ in range(2):
        assert await program.report(ENTERED.key, old_giveaway_id="summer", responding_user_id=USER)
    assert await program.stored(ENTERED, "user_id") == [(None,)] * 4


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (TICKET, {}, "400 BadRequestError! creating_user_id is missing."),
    (TICKET, {"creating_user_id": "me"}, "400 BadRequestError! creating_user_id must be an id"),
    (TICKET, {"creating_user_id": 0}, "422 Unprocessable Entity! creating_user_id must be"),
    (
        TICKET,
        {"creating_user_id": 5, "when": 5},
        "400 BadRequestError! when is not a field of this request.",
    ),
    (
        "modules/rules/check-time",
        {"check_time": "1"},
        "400 BadRequestError! check_time must be a number.",
    ),
    (
        "modules/rules/check-time",
        {"check_time": True},
        "400 BadRequestError! check_time must be a number.",
    ),
    ("modules/rules/check-time", {"check_time": -1}, "422 Unprocessable Entity! check_time must be"),
    ("modules/rules/check-time", {"check_time": 10**400}, "422 Unprocessable Entity! check_time must be"),
    ("modules/rules/check-time", {"check_time": 1e12}, "422 Unprocessable Entity! check_time must be"),
    ("commands/used", {"initiator_id": 5, "command": 5}, "400 BadRequestError! command must be text."),
    (
        "commands/used",
        {"initiator_id": 5, "command": ""},
        "422 Unprocessable Entity! command must have from 1 to 100",
    ),
    (
        "commands/used",
        {"initiator_id": 5, "command": "x" * 101},
        "422 Unprocessable Entity! command must",
    ),
    (
        "activities/presence",
        {"presence_user_id": 5, "activities": [{"name": "Chess"}]},
        "400 BadRequestError! activities.0.activity_type is missing.",
    ),
    (
        "message/check",
        {"member_is_bot": "no", "channel_id": 5, "message_id": 5},
        "400 BadRequestError! member",
    ),
]


async def test_what_cannot_be_recorded_is_refused_by_its_field(program: Program) -> None:
    for key, fields, refusal in REFUSED:
        assert (await program.refused("POST", key, **fields)).startswith(refusal)


async def test_a_duration_is_a_number(program: Program) -> None:
    """Python reads these as JSON although they are none."""
    for number in ("NaN", "Infinity", "1e999"):
        answer = await program.api.http.post(
            "/modules/serverstats/stats/modules/rules/check-time",
            content=f'{{"guild_id": {program.guild_id}, "check_time": {number}}}',
            headers={"Authorization": f"Bearer {program.api.key}"},
        )
        assert answer.status_code in {400, 422}, answer.text


async def test_what_cannot_be_stored_is_told_and_can_be_reported_again(program: Program) -> None:
    with closing(sqlite3.connect(program.database.path, isolation_level=None)) as other:
        await have_no_patience(program.database)
        other.execute("BEGIN IMMEDIATE")
        (answer,) = await program.report_at_once(TICKET, {"creating_user_id": USER})
        other.execute("ROLLBACK")
    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == (
        "DatabaseError! The database could not be written, so nothing was recorded; try again in a minute."
    )
    await program.place.env.advance_time(60)
    assert await program.stored(CREATED) == [(0,)]
    assert await program.report(TICKET, creating_user_id=USER)
    assert await program.stored(CREATED) == [(1,)]


async def have_no_patience(database: Database) -> None:
    """Let the database give up on a lock at once instead of after seconds."""
    async with database.write() as tx:
        await tx.fetch_all("PRAGMA busy_timeout = 0")


async def test_a_module_that_is_off_and_a_server_without_the_bot_are_told_apart(stranger: Program) -> None:
    assert (await stranger.refused("POST", TICKET, creating_user_id=USER)).startswith(
        "409 ModuleDisabledError! "
    )
    status, message = await stranger.api.refusal(
        "POST",
        f"/modules/serverstats/stats/{TICKET}",
        key=OPERATOR_KEY,
        body={"guild_id": 5, "creating_user_id": USER},
    )
    assert (status, message) == (404, "SettingsError! I am not in this server.")
