"""InviteLogger's two requests: its own shapes, parameters in the query or in the body."""

from typing import Any

import pytest

from bot.web.callers import Right
from bot.web.fields import iso_time
from tests.cogs.invite_tracker.routes.outside import Outside
from tests.storage.rows import insert_bonus

DAY_MS = 86_400_000


def parameters(outside: Outside, **more: Any) -> dict[str, Any]:
    """Return what both requests need."""
    ours = {"bot_id": str(outside.stage.service.bot_id), "guild_id": str(outside.stage.guild.id)}
    return ours | more


async def ask(outside: Outside, path: str, query: dict[str, Any] | None = None, body: Any = None) -> Any:
    """Return the answer to a request that succeeds."""
    response = await outside.api.ask("GET", f"/v1/invites{path}", query=query, body=body, with_guild=False)
    assert response.status_code == 200, response.text
    return response.json()


async def refused(outside: Outside, path: str, query: dict[str, Any] | None = None, body: Any = None) -> str:
    status, message = await outside.api.refusal(
        "GET", f"/v1/invites{path}", query=query, body=body, with_guild=False
    )
    return f"{status} {message}"


async def grant_bonus(outside: Outside, inviter_id: int, amount: int) -> None:
    async with outside.stage.place.client.parts.database.write() as tx:
        await insert_bonus(tx, 1, inviter_id, amount, outside.stage.guild.id)


async def test_the_counts_of_an_inviter_come_in_their_own_shape(outside: Outside) -> None:
    stage = outside.stage
    await stage.save(fake_without_avatar=True)
    await stage.record_joins(
        [
            stage.join(1, stage.member.id),
            stage.join(2, stage.member.id, had_avatar=False, left_at_ms=5),
            stage.join(3, stage.member.id, left_at_ms=5),
            stage.join(4, stage.member.id, cleared_at_ms=5),
        ]
    )
    await grant_bonus(outside, stage.member.id, 10)
    answer = await ask(outside, "/user", parameters(outside, inviter_id=stage.member.id))
    assert list(answer.items()) == [("total", 3), ("leaves", 1), ("fake", 1), ("bonus", 10), ("real", 11)]


async def test_parameters_may_stand_in_the_query_or_in_the_body_or_in_both(outside: Outside) -> None:
    stage = outside.stage
    await stage.record_joins([stage.join(1, stage.member.id)])
    wanted = {"total": 1, "leaves": 0, "fake": 0, "bonus": 0, "real": 1}
    given = parameters(outside, inviter_id=str(stage.member.id))
    as_numbers = {name: int(value) for name, value in given.items()}
    assert await ask(outside, "/user", given) == wanted
    assert await ask(outside, "/user", body=as_numbers) == wanted
    assert await ask(outside, "/user", given, as_numbers) == wanted
    inviter = {"inviter_id": given.pop("inviter_id")}
    assert await ask(outside, "/user", given, inviter) == wanted


async def test_two_places_must_not_contradict_each_other(outside: Outside) -> None:
    given = parameters(outside, inviter_id=5)
    assert await refused(outside, "/user", given, {"inviter_id": 6}) == (
        "400 BadRequestError! inviter_id is one in the query and another in the body."
    )


@pytest.mark.parametrize(("path", "own"), [("/user", "inviter_id"), ("/code", "invite_code")])
async def test_what_is_missing_or_unknown_is_named(outside: Outside, path: str, own: str) -> None:
    given = parameters(outside, **{own: "5"})
    for name in given:
        rest = {key: value for key, value in given.items() if key != name}
        assert await refused(outside, path, rest) == f"400 BadRequestError! {name} is missing."
        assert await refused(outside, path, body=rest) == f"400 BadRequestError! {name} is missing."
    assert await refused(outside, path, given | {"spoon": 1}) == (
        "400 BadRequestError! spoon is not a field of this request."
    )
    assert await refused(outside, path, given, {"spoon": 1}) == (
        "400 BadRequestError! spoon is not a field of this request."
    )


@pytest.mark.parametrize(("path", "own"), [("/user", "inviter_id"), ("/code", "invite_code")])
async def test_keys_rights_servers_and_modules_hold_here_too(outside: Outside, path: str, own: str) -> None:
    given = parameters(outside, **{own: "5"})
    elsewhere = given | {"guild_id": "999999999999999999"}
    for query, body in ((elsewhere, None), (None, elsewhere)):
        assert await refused(outside, path, query, body) == (
            "403 ForbiddenError! This key belongs to another server."
        )
    outside.api.key, key = await outside.api.make_key(Right.WRITE, Right.INTAKE), outside.api.key
    assert (await refused(outside, path, given)).startswith("403 ForbiddenError! ")
    outside.api.key = "operator-key-of-the-tests-0123456789abcdef"
    assert await refused(outside, path, elsewhere) == "404 SettingsError! I am not in this server."
    outside.api.key = key
    await outside.send("POST", "/disable")
    assert (await refused(outside, path, given)).startswith("409 ModuleDisabledError! ")


async def test_the_bot_must_be_this_one(outside: Outside) -> None:
    given = parameters(outside, bot_id="77", inviter_id="5")
    own_id = outside.stage.service.bot_id
    assert await refused(outside, "/user", given) == (
        f"422 Unprocessable Entity! bot_id must be {own_id}: I know nothing of other bots."
    )


async def test_who_came_by_a_code_comes_in_its_own_shape(outside: Outside) -> None:
    stage = outside.stage
    await stage.save(fake_rejoins=True)
    base_ms = stage.place.clock.now_ms() // 1000 * 1000 - DAY_MS
    at = [base_ms + 1000 * number for number in range(10)]
    await stage.record_joins(
        [
            stage.join(1, 5, joined_at_ms=at[1]),
            stage.join(2, 5, joined_at_ms=at[2], left_at_ms=at[8], is_rejoin=True),
            stage.join(3, 5, joined_at_ms=at[3], left_at_ms=at[8], cleared_at_ms=at[9]),
            # Came back by another invite: here, and counted where they came first.
            stage.join(4, 5, joined_at_ms=at[4], left_at_ms=at[5]),
            stage.join(4, 5, joined_at_ms=at[6], code="other", credited_code="other"),
            stage.join(None, 5, joined_at_ms=at[7]),
            stage.ambiguous_join(6, [5, 7], joined_at_ms=at[7]),
            stage.join(7, 5, joined_at_ms=at[0] - 31 * DAY_MS),
        ]
    )
    answer = await ask(outside, "/code", parameters(outside, invite_code="abc"))

    def entry(member_id: str | None, created: int, updated: int, **facts: bool) -> dict[str, Any]:
        ordinary = {"fake": False, "left": False, "cleared": False}
        times = {"created_at": moment(created), "updated_at": moment(updated), "member_id": member_id}
        return times | ordinary | facts

    def moment(number: int) -> str:
        text = iso_time(at[number])
        assert text is not None
        assert text.endswith(".000Z")
        return text

    assert answer == [
        entry(None, 7, 7),
        entry("4", 4, 4),
        entry("3", 3, 9, left=True, cleared=True),
        entry("2", 2, 8, left=True, fake=True),
        entry("1", 1, 1),
    ]
    assert list(answer[0]) == ["created_at", "updated_at", "member_id", "fake", "left", "cleared"]
    assert await ask(outside, "/code", parameters(outside, invite_code="other")) == []
    assert await ask(outside, "/code", parameters(outside, invite_code="nobody-made-it")) == []


async def test_the_joins_of_a_code_come_in_pages(outside: Outside) -> None:
    stage = outside.stage
    await stage.record_joins([stage.join(number, 5) for number in range(1, 8)])
    given = parameters(outside, invite_code="abc", page_size=3)
    found: list[str] = []
    for page in (1, 2, 3):
        response = await outside.api.ask(
            "GET", "/v1/invites/code", query=given, body={"page": page}, with_guild=False
        )
        assert response.headers["X-Total-Count"] == "7"
        found += [each["member_id"] for each in response.json()]
    assert found == ["7", "6", "5", "4", "3", "2", "1"]
