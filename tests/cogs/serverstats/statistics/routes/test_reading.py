"""Raw records over HTTP: the published shapes, filters, pages."""

from datetime import UTC, datetime
from typing import Any

from storage.statistics.catalogue import (
    CATALOGUE,
    KINDS,
    MEMBERS_TOTAL,
    MESSAGES_DELETED,
    MESSAGES_SENT,
    PRESENCE,
    STATUSES,
    VOICE,
    Aggregate,
    Group,
    Kind,
    Part,
)
from storage.statistics.changes import Change, EventRecorded, Sampled, SessionClosed, SessionOpened
from tests.cogs.serverstats.statistics.routes.program import STATS, Program
from tests.web.api import OPERATOR_KEY

USER, CHANNEL, MESSAGE = 7_000_000_000_000_000_001, 70, 700
DAY_MS = 86_400_000
CREATED = KINDS["modules/tickets/created"]
CHECKED = KINDS["modules/rules/check-time"]


def time_text(at_ms: int) -> str:
    """Return a time as the answers have it."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


SHOWN: list[tuple[Kind, dict[str, Any]]] = [
    (
        MESSAGES_SENT,
        {"channel_id": "70", "message_id": "RECORD", "author_id": str(USER), "timestamp": "AT"},
    ),
    (
        MESSAGES_DELETED,
        {"channel_id": "70", "message_id": "700", "author_id": str(USER), "timestamp": "AT"},
    ),
    (CREATED, {"timestamp": "AT", "user_id": str(USER)}),
    (CHECKED, {"timestamp": "AT", "check_time": 0.25}),
    (KINDS["commands/used"], {"user_id": str(USER), "command": "play", "timestamp": "AT"}),
    (
        KINDS["modules/autoresponder/triggers/hit"],
        {"timestamp": "AT", "triggering_user_id": str(USER), "trigger_id": "play"},
    ),
    (VOICE, {"channel_id": "70", "user_id": str(USER), "joined_at": "AT", "left_at": "END"}),
    (
        PRESENCE,
        {
            "user_id": str(USER),
            "start_time": "AT",
            "end_time": "END",
            "presence_name": "play",
            "activity_type": 2,
        },
    ),
    (MEMBERS_TOTAL, {"current_members": 5, "timestamp": "AT"}),
    (STATUSES, {"online_count": 5, "offline_count": 4, "dnd_count": 3, "timestamp": "AT"}),
]


async def test_a_record_is_shown_as_it_is_published(program: Program) -> None:
    for kind, expected in SHOWN:
        at_ms = program.now_ms - 61_001
        record_id = program.recorder.next_id(at_ms)
        await program.store(*changes_of(program, kind, record_id, at_ms))
        (record,) = [record for record in await program.get(kind.key) if record["id"] == record_id]
        words = {
            "AT": time_text(at_ms),
            "END": time_text(at_ms + 999),
            "RECORD": str(record_id),
        }
        shown = {name: words.get(str(value), value) for name, value in expected.items()}
        assert record == {"id": record_id, "guild_id": str(program.guild_id), **shown}
        assert list(record) == [name for name, _part in kind.shape]


def changes_of(program: Program, kind: Kind, record_id: int, at_ms: int) -> list[Change]:
    match kind.aggregate:
        case Aggregate.LAST:
            return [Sampled(program.guild_id, kind.number, record_id, 5, 4, 3)]
        case Aggregate.SECONDS:
            doing = (None, "play", 2) if kind is PRESENCE else (CHANNEL, None)
            opened = SessionOpened(program.guild_id, kind.number, record_id, USER, *doing)
            return [opened, SessionClosed(*opened, at_ms + 999)]
        case Aggregate.COUNT | Aggregate.MEAN:
            message_id = MESSAGE if kind is MESSAGES_DELETED else None
            text = "play" if kind.has_text else None
            place = (USER, CHANNEL, message_id, text, 250_000)
            return [EventRecorded(program.guild_id, kind.number, record_id, *place)]


async def test_somebody_without_a_name_is_null_and_so_is_an_end_that_is_to_come(program: Program) -> None:
    at_ms = program.now_ms - 1
    opened = SessionOpened(program.guild_id, VOICE.number, program.recorder.next_id(at_ms), None, CHANNEL)
    await program.store(opened)
    (record,) = await program.get("voice")
    assert (record["user_id"], record["left_at"]) == (None, None)


async def store_tickets(program: Program, *days_ago: int, user_id: int | None = USER) -> list[int]:
    """Let tickets be on record, and return their ids."""
    ids = [
        program.recorder.next_id(program.now_ms - days * DAY_MS - number)
        for number, days in enumerate(days_ago)
    ]
    await program.store(
        *(EventRecorded(program.guild_id, CREATED.number, record_id, user_id) for record_id in ids)
    )
    return ids


async def test_without_a_number_of_days_it_is_today(program: Program) -> None:
    today, before = await store_tickets(program, 0, 1)
    assert [record["id"] for record in await program.get(CREATED.key)] == [today]
    assert [record["id"] for record in await program.get(CREATED.key, days=2)] == [today, before]


async def test_days_are_from_1_to_30(program: Program) -> None:
    for days in (0, 31, -1):
        assert (await program.refused("GET", CREATED.key, days=days)).startswith(
            "422 Unprocessable Entity! days "
        )
    assert (await program.refused("GET", CREATED.key, days="soon")).startswith("400 BadRequestError! days ")
    assert await program.get(CREATED.key, days=30) == []


async def test_pages_follow_each_other_and_the_total_stands_beside(program: Program) -> None:
    ids = sorted(await store_tickets(program, *range(5)), reverse=True)
    found = []
    for page in (1, 2, 3):
        answer = await program.ask(CREATED.key, days=30, page=page, page_size=2)
        assert answer.headers["X-Total-Count"] == "5"
        found += [record["id"] for record in answer.json()["data"]]
    assert found == ids
    assert await program.get(CREATED.key, days=30, page=4, page_size=2) == []


async def test_a_page_may_have_ten_thousand_records(program: Program) -> None:
    at_ms = program.now_ms
    await program.store(
        *(
            EventRecorded(
                program.guild_id, CREATED.number, program.recorder.next_id(at_ms - number // 50), USER
            )
            for number in range(2_345)
        )
    )
    answer = await program.ask(CREATED.key, page_size=10_000)
    records = answer.json()["data"]
    assert len(records) == 2_345
    assert [record["id"] for record in records] == sorted((record["id"] for record in records), reverse=True)
    assert "page_size" in await program.refused("GET", CREATED.key, page_size=10_001)


async def test_records_of_one_user_or_channel_can_be_asked_for(program: Program) -> None:
    at_ms = program.now_ms
    await program.store(
        *(
            EventRecorded(
                program.guild_id, MESSAGES_SENT.number, program.recorder.next_id(at_ms), user_id, channel_id
            )
            for user_id, channel_id in ((1, 10), (1, 20), (2, 10), (None, 10))
        )
    )

    async def found(**filters: int) -> list[tuple[Any, Any]]:
        records = await program.get("messages/sent", **filters)
        return sorted((record["author_id"] or "", record["channel_id"]) for record in records)

    assert await found(user_id=1) == [("1", "10"), ("1", "20")]
    assert await found(channel_id=10) == [("", "10"), ("1", "10"), ("2", "10")]
    assert await found(user_id=1, channel_id=20) == [("1", "20")]
    assert await found(user_id=3) == []


async def test_every_kind_takes_the_filters_that_it_has_and_no_other(program: Program) -> None:
    for kind in CATALOGUE:
        for name, is_taken in (("user_id", kind.has_user), ("channel_id", kind.has_channel)):
            answer = await program.ask(kind.key, **{name: 5})
            assert answer.status_code == (200 if is_taken else 400), (kind.key, name, answer.text)
            if not is_taken:
                assert f"{name} is not a field of this request" in answer.text


async def test_what_was_recorded_can_be_read_when_the_group_is_off(program: Program) -> None:
    """It is kept for as long as everything else."""
    (record_id,) = await store_tickets(program, 0)
    await program.switch_on(Group.MESSAGES)
    assert [record["id"] for record in await program.get(CREATED.key)] == [record_id]


async def test_a_module_that_is_off_and_a_server_without_the_bot_are_told_apart(stranger: Program) -> None:
    assert (await stranger.refused("GET", "voice")).startswith("409 ModuleDisabledError! ")
    answer = await stranger.api.ask("GET", f"{STATS}voice", key=OPERATOR_KEY, query={"guild_id": 5})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        404,
        "SettingsError! I am not in this server.",
    )


async def test_the_older_paths_show_the_same(program: Program) -> None:
    (record_id,) = await store_tickets(program, 0)
    older = [kind.legacy for kind in CATALOGUE if kind.legacy is not None]
    assert len(older) == 13
    for legacy in older:
        assert await program.get(legacy.view_key, days=30) == []
    await program.recorder.record_and_store("commands/used", program.guild_id, user_id=USER, text="play")
    assert await program.get("command/view") == await program.get("commands/used") != []
    assert await program.get("command/view", user_id=USER + 1) == []
    assert [record["id"] for record in await program.get(CREATED.key)] == [record_id]


async def test_no_record_shows_more_than_its_shape(program: Program) -> None:
    """The creator of a temporary channel is on record for the filter alone."""
    body = {"initial_creator_id": USER, "creation_time_delay": 2}
    assert await program.report("modules/tempchannels/creation-time", **body)
    (record,) = await program.get("modules/tempchannels/creation-time/view", user_id=USER)
    assert list(record) == ["id", "guild_id", "timestamp", "check_time"]
    assert record["check_time"] == 2
    assert await program.get("modules/tempchannels/creation-time/view", user_id=USER + 1) == []
    assert await program.get("modules/tempchannels/created-check-time") == [record]


def test_every_part_of_a_shape_can_be_shown() -> None:
    shown = {part for kind in CATALOGUE for _name, part in kind.shape}
    assert shown == set(Part) - {Part.ACTIVITIES, Part.IS_BOT}
