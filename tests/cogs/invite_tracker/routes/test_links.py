"""Invite links over HTTP: listed, made, deleted, and told to whoever asked another application."""

from typing import Any

import pytest

from cogs.invite_tracker.routes.records import number_of_code
from storage.invites import fetch_known_invite
from tests.cogs.invite_tracker.routes.outside import ROOT, Outside

HOUR_MS = 3_600_000
TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5.Secret-Token_of_Another=="


async def make(outside: Outside, **changes: Any) -> Any:
    body = {
        "channel_id": outside.stage.channel.id,
        "max_uses": 0,
        "max_age": 0,
        "is_temporary": False,
        **changes,
    }
    return await outside.send("POST", "/invite", **body)


async def make_refused(outside: Outside, **changes: Any) -> str:
    body = {
        "channel_id": outside.stage.channel.id,
        "max_uses": 0,
        "max_age": 0,
        "is_temporary": False,
        **changes,
    }
    return await outside.refused("POST", "/invite", **body)


def live_codes(outside: Outside) -> set[str]:
    """Return the invites that Discord has."""
    return set(outside.world.invites)


async def test_an_invite_is_made_counts_for_the_bot_and_is_told(outside: Outside) -> None:
    await outside.choose_log_channel()
    made = await make(outside, max_uses="100", max_age=604_800, is_temporary=1)
    code = made["invite_code"]
    assert made == {"invite_code": code, "invite_url": f"https://discord.gg/{code}"}
    invite = outside.world.invites[code]
    assert (invite.channel_id, invite.max_uses, invite.max_age, invite.temporary) == (
        outside.stage.channel.id,
        100,
        604_800,
        True,
    )
    async with outside.stage.place.client.parts.database.read() as rx:
        known = await fetch_known_invite(rx, outside.stage.guild.id, code)
    assert known is not None
    assert known.inviter_id == outside.stage.service.bot_id
    assert await outside.told() == [f"**Known invite links:** added `{code}`\n-# by an API key (`key 1`)"]


async def test_invites_that_people_make_by_command_are_not_told(outside: Outside) -> None:
    await outside.choose_log_channel()
    await outside.stage.use(outside.stage.admin, "create")
    assert await outside.told() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_uses", -1), ("max_uses", 101), ("max_age", -1), ("max_age", 604_801), ("channel_id", 0)],
)
async def test_numbers_out_of_range_are_refused(outside: Outside, field: str, value: int) -> None:
    before = live_codes(outside)
    refusal = await make_refused(outside, **{field: value})
    assert refusal.startswith(f"422 Unprocessable Entity! {field} must be ")
    assert live_codes(outside) == before


async def test_a_channel_that_is_not_there_is_refused(outside: Outside) -> None:
    assert await make_refused(outside, channel_id=5) == (
        "422 Unprocessable Entity! Invites can be made for text, voice, stage and forum channels only."
    )


async def test_the_permission_that_the_bot_lacks_is_named(outside: Outside) -> None:
    outside.stage.place.deny_bot(outside.stage.channel, create_instant_invite=False)
    await outside.stage.env.settle()
    refusal = await make_refused(outside)
    assert refusal.startswith("502 DiscordApiInteractionError! I need the permission Create Invite in ")


async def test_an_invite_is_deleted_and_that_is_told(outside: Outside) -> None:
    code = (await make(outside))["invite_code"]
    await outside.choose_log_channel()
    assert await outside.send("DELETE", "/invite", invite_code=f"https://discord.gg/{code}") == {}
    assert code not in live_codes(outside)
    assert await outside.told() == [f"**Known invite links:** removed `{code}`\n-# by an API key (`key 1`)"]
    assert await outside.refused("DELETE", "/invite", invite_code="nosuch") == (
        "422 Unprocessable Entity! This server has no invite with the code `nosuch`."
    )
    assert (await outside.refused("DELETE", "/invite", invite_code="a/../b")).startswith(
        "422 Unprocessable Entity! “a/../b” is not an invite: "
    )


async def test_deleting_needs_a_permission_of_the_bot_which_is_named(outside: Outside) -> None:
    code = (await make(outside))["invite_code"]
    outside.stage.env.inject_error("DELETE", f"/invites/{code}", status=403, code=50013, message="Missing")
    refusal = await outside.refused("DELETE", "/invite", invite_code=code)
    assert refusal.startswith("502 DiscordApiInteractionError! I need the permission Manage Channels in ")
    assert code in live_codes(outside)


async def test_the_list_has_the_published_records_of_live_invites(outside: Outside) -> None:
    stage = outside.stage
    expires_at_ms = 1_800_000_000_123
    await stage.record_invites(["zed"], uses=3, expires_at_ms=expires_at_ms)
    await stage.record_invites(["abc"], inviter_id=None, channel_id=None)
    await stage.record_invites(["gone"], deleted_at_ms=5)
    response = await outside.api.ask("GET", ROOT + "/invite-links")
    assert response.headers["X-Total-Count"] == "2"
    [first, second] = response.json()["data"]
    assert list(first.items()) == [
        ("id", number_of_code("abc")),
        ("guild_id", str(stage.guild.id)),
        ("invite_id", "abc"),
        ("channel_id", None),
        ("current_uses", 0),
        ("expires_at", None),
        ("owner_id", None),
    ]
    assert (second["invite_id"], second["channel_id"], second["current_uses"]) == (
        "zed",
        str(stage.channel.id),
        3,
    )
    assert second["expires_at"] == "2027-01-15T08:00:00.123Z"
    assert second["owner_id"] == str(stage.member.id)


def test_the_number_of_a_code_is_always_the_same_and_exact_in_javascript() -> None:
    assert number_of_code("abc123") == 6_493_828_551_196_402
    numbers = {number_of_code(f"code{n}") for n in range(10_000)}
    assert len(numbers) == 10_000
    assert max(numbers) < 1 << 53


async def test_a_thousand_invites_come_in_pages_that_hold_each_once(outside: Outside) -> None:
    await outside.stage.record_invites([f"code{number}" for number in range(1_000)])
    assert len(await outside.get("/invite-links")) == 1_000
    found: list[str] = []
    for page in range(1, 6):
        found += [each["invite_id"] for each in await outside.get("/invite-links", page=page, page_size=300)]
    assert len(found) == len(set(found)) == 1_000
    assert (await outside.refused("GET", "/invite-links", page_size=10_001)).startswith("422 ")


class TestInteractions:
    async def test_the_first_answer_becomes_the_link(self, outside: Outside) -> None:
        key = await ask_this_bot(outside)
        code = (await make(outside, **key))["invite_code"]
        assert first_answer(outside) == f"Your invite link: https://discord.gg/{code}"
        await outside.send("DELETE", "/invite", invite_code=code, **key)
        assert first_answer(outside) == f"`{code}` does not work any more. Its joins stay counted."

    @pytest.mark.parametrize("given", [{"application_id": 5}, {"token": TOKEN}])
    async def test_one_of_the_two_alone_is_refused(self, outside: Outside, given: dict[str, Any]) -> None:
        before = live_codes(outside)
        assert await make_refused(outside, **given) == (
            "400 BadRequestError! The body must have both application_id and token, or neither."
        )
        assert live_codes(outside) == before

    async def test_both_may_be_null(self, outside: Outside) -> None:
        assert "invite_code" in await make(outside, application_id=None, token=None)

    @pytest.mark.parametrize("token", ["..", "a/b", "a?b", "", "a\n", "%2e", "x" * 600])
    async def test_a_token_that_could_lead_elsewhere_is_refused(self, outside: Outside, token: str) -> None:
        before = live_codes(outside)
        assert await make_refused(outside, application_id=5, token=token) == (
            "422 Unprocessable Entity! token is not the token of an interaction."
        )
        assert live_codes(outside) == before

    async def test_what_was_done_stays_done_when_the_answer_fails_and_the_error_says_so(
        self, outside: Outside, caplog: pytest.LogCaptureFixture
    ) -> None:
        before = live_codes(outside)
        refusal = await make_refused(outside, application_id=5, token=TOKEN)
        [code] = live_codes(outside) - before
        assert refusal == (
            f"502 DiscordApiInteractionError! The invite {code} was made. "
            "The interaction was not answered: Discord does not know it, or its token has expired."
        )
        refusal = await outside.refused("DELETE", "/invite", invite_code=code, application_id=5, token=TOKEN)
        assert refusal == (
            f"502 DiscordApiInteractionError! The invite {code} was deleted. "
            "The interaction was not answered: Discord does not know it, or its token has expired."
        )
        assert live_codes(outside) == before
        assert TOKEN not in caplog.text

    async def test_the_token_is_stored_nowhere(self, outside: Outside) -> None:
        await make_refused(outside, application_id=5, token=TOKEN)
        database = outside.stage.place.client.parts.database
        async with database.read() as rx:
            tables = await rx.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables:
                rows = await rx.fetch_all(f"SELECT * FROM {table}")
                assert TOKEN not in str(rows)


async def ask_this_bot(outside: Outside) -> dict[str, Any]:
    """Let somebody use a command, and return what it takes to answer anew."""
    await outside.stage.use(outside.stage.admin, "info")
    [token] = list(outside.world.interaction_tokens)[-1:]
    return {"application_id": str(outside.world.application_id), "token": token}


def first_answer(outside: Outside) -> str:
    record = outside.world.interaction_by_token(list(outside.world.interaction_tokens)[-1])
    assert record.message_id is not None
    return outside.world.get_message(record.channel_id, record.message_id).content
