"""What other software reports makes the bot look at Discord again; nothing of it is believed."""

from typing import Any

from storage.invites import fetch_known_invites
from storage.joins import fetch_present_member_ids
from tests.cogs.invite_tracker.routes.outside import Outside

EVERY = [
    ("/events/invite/create", {"invite_code": "forged"}),
    ("/events/invite/delete", {"invite_code": "abc"}),
    ("/events/join/check-invite", {}),
    ("/events/leave/check-invite", {}),
]


def looks(outside: Outside) -> int:
    """Return how often the bot has asked Discord for the invites."""
    path = f"/guilds/{outside.stage.guild.id}/invites"
    return sum((entry.method, entry.path) == ("GET", path) for entry in outside.world.http_requests)


async def report(outside: Outside, path: str, body: dict[str, Any]) -> None:
    channel = {"channel_id": outside.stage.channel.id} if path.endswith("/create") else {}
    assert await outside.send("POST", path, **body, **channel) == {}


async def test_each_report_makes_the_bot_look_again(outside: Outside) -> None:
    for path, body in EVERY:
        before = looks(outside)
        await report(outside, path, body)
        await outside.stage.env.advance_time(3)
        assert looks(outside) == before + 1, path


async def test_a_hundred_reports_cost_few_requests(outside: Outside) -> None:
    before = looks(outside)
    for _ in range(25):
        for path, body in EVERY:
            await report(outside, path, body)
    await outside.stage.env.advance_time(10)
    assert 1 <= looks(outside) - before <= 2


async def test_nothing_that_was_reported_is_on_record(outside: Outside) -> None:
    await outside.stage.record_invites(["abc"])
    for path, body in EVERY:
        await report(outside, path, body)
    async with outside.stage.place.client.parts.database.read() as rx:
        known = await fetch_known_invites(rx, outside.stage.guild.id, include_deleted=True)
        members = await fetch_present_member_ids(rx, outside.stage.guild.id)
    assert "forged" not in {invite.code for invite in known}
    assert members == set()


async def test_an_invite_that_really_was_made_becomes_known(outside: Outside) -> None:
    world, stage = outside.world, outside.stage
    code = world.create_invite(stage.channel.id, stage.admin.id, max_age=0).code
    await report(outside, "/events/invite/create", {"invite_code": code})
    await stage.env.advance_time(3)
    assert code in {each["invite_id"] for each in await outside.get("/invite-links")}


async def test_a_code_may_be_a_number_and_a_channel_must_be_of_the_server(outside: Outside) -> None:
    await report(outside, "/events/invite/create", {"invite_code": 123456})
    refusal = await outside.refused(
        "POST", "/events/invite/create", invite_code="abc", channel_id=outside.stage.guild.id + 1
    )
    assert refusal == "422 Unprocessable Entity! channel_id must be a channel of this server."
    for wrong, answer in ((True, "400"), (None, "400"), (1.5, "400"), ("", "422"), ("x" * 201, "422")):
        refusal = await outside.refused("POST", "/events/invite/delete", invite_code=wrong)
        assert refusal.startswith(answer)
        assert "! invite_code must " in refusal, refusal
