"""Uses over HTTP: the joins behind an inviter's total."""

from dataclasses import replace
from typing import Any

from bot.web.fields import iso_time
from storage.records import Candidate, Source
from tests.cogs.invite_tracker.routes.outside import ROOT, Outside

DAY_MS = 86_400_000


async def uses_of(outside: Outside, inviter_id: int, **query: Any) -> tuple[list[dict[str, Any]], int]:
    """Return the records of a page and the announced total."""
    response = await outside.api.ask("POST", ROOT + "/stats/uses", query={"inviter_id": inviter_id, **query})
    assert response.status_code == 200, response.text
    return response.json()["data"], int(response.headers["X-Total-Count"])


async def test_a_use_has_the_published_record(outside: Outside) -> None:
    stage = outside.stage
    join = stage.join(11, stage.member.id)
    await stage.record_joins([join])
    await stage.record_invites(["abc"], deleted_at_ms=5)
    [record], total = await uses_of(outside, stage.member.id)
    assert total == 1
    assert list(record.items()) == [
        ("id", join.join_id),
        ("guild_id", str(stage.guild.id)),
        ("invite_id", "abc"),
        ("member_id", "11"),
        ("timestamp", iso_time(join.joined_at_ms)),
        # Of an invite that is deleted, too.
        ("channel_id", str(stage.channel.id)),
        ("inviter_id", str(stage.member.id)),
        ("has_left", False),
    ]


async def test_what_is_open_about_a_join_is_null(outside: Outside) -> None:
    stage = outside.stage
    inviter_id = stage.member.id
    same_inviter = tuple(Candidate(Source.INVITE, code, inviter_id) for code in ("code1", "code2"))
    await stage.record_invites(["code1", "code2", "abc"])
    await stage.record_joins(
        [
            stage.ambiguous_join(1, [inviter_id, stage.admin.id]),
            replace(
                stage.ambiguous_join(2, [inviter_id, inviter_id]),
                inviter_id=inviter_id,
                candidates=same_inviter,
            ),
            stage.join(None, inviter_id),
        ]
    )
    records, _total = await uses_of(outside, inviter_id)
    names = ("member_id", "invite_id", "channel_id", "inviter_id")
    shown = [tuple(each[name] for name in names) for each in records]
    assert shown == [
        (None, "abc", str(stage.channel.id), str(inviter_id)),
        ("2", None, None, str(inviter_id)),
        ("1", None, None, None),
    ]


async def test_the_list_is_as_long_as_the_total_of_the_inviter(outside: Outside) -> None:
    """Cleared joins, later joins of a member and old ones count for nobody, and are not in the list."""
    stage = outside.stage
    inviter_id = stage.member.id
    old_ms = stage.place.clock.now_ms() - 32 * DAY_MS
    await stage.record_joins(
        [
            stage.join(1, inviter_id, left_at_ms=5),
            stage.join(2, inviter_id, left_at_ms=5),
            stage.join(2, inviter_id, code="other"),
            stage.join(3, inviter_id, cleared_at_ms=5),
            stage.join(4, inviter_id, joined_at_ms=old_ms),
            stage.join(5, stage.admin.id),
            stage.ambiguous_join(6, [inviter_id, stage.admin.id]),
            stage.ambiguous_join(7, [stage.admin.id, inviter_id]),
        ]
    )
    records, total = await uses_of(outside, inviter_id)
    counts = (await stage.service.fetch_inviter_stats(stage.guild.id, inviter_id, 0)).counts
    assert [(each["member_id"], each["has_left"]) for each in records] == [
        ("6", False),
        # Who came back is here, whatever the row of the first join says.
        ("2", False),
        ("1", True),
    ]
    assert total == len(records) == counts.total
    assert sum(each["has_left"] for each in records) == counts.leaves


async def test_pages_hold_every_use_once_the_latest_first(outside: Outside) -> None:
    stage = outside.stage
    await stage.record_joins([stage.join(number, stage.member.id) for number in range(1, 26)])
    found: list[str] = []
    for page in (1, 2, 3, 4):
        records, total = await uses_of(outside, stage.member.id, page=page, page_size=10)
        assert total == 25
        found += [each["member_id"] for each in records]
    assert found == [str(number) for number in range(25, 0, -1)]


async def test_the_inviter_must_be_an_id(outside: Outside) -> None:
    assert await outside.refused("POST", "/stats/uses", inviter_id="mia") == (
        "400 BadRequestError! inviter_id must be an id: a whole number, or its digits as text."
    )
