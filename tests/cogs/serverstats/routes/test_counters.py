"""Counters over HTTP."""

from typing import Any

import pytest

from tests.cogs.serverstats.routes.outside import ROOT, Outside
from tests.web.api import OPERATOR_KEY

NOBODYS_ID = 175928847299117063
MINUTE_SECONDS = 60


async def make(outside: Outside, **fields: Any) -> Any:
    """Make a counter of members and return its record."""
    return await outside.send(
        "POST", "/counters", **{"counter_type": 6, "new_format": "M: <value>", **fields}
    )


async def test_a_counter_is_made_read_and_deleted(outside: Outside) -> None:
    made = await make(outside, new_goal="100")
    assert list(made.items()) == [
        ("id", int(made["counter_id"])),
        ("guild_id", str(outside.guild_id)),
        ("channel_id", made["channel_id"]),
        ("counter_id", made["counter_id"]),
        ("counter_type", 6),
        ("format", "M: <value>"),
        ("role_id", None),
        ("goal_count", 100),
    ]
    members = len(outside.world.guilds[outside.guild_id].members)
    assert outside.channel(made["channel_id"]).name == f"M: {100 - members}"
    assert outside.module.require_settings(outside.guild_id).counters_enabled
    path = f"/counter/{made['counter_id']}"
    assert await outside.get(path) == made
    assert await outside.api.data("DELETE", ROOT + path) == {}
    assert int(made["channel_id"]) not in outside.world.channels
    gone = "422 Unprocessable Entity! This server has no such counter; choose one from the list."
    assert await outside.refused("GET", path) == gone
    assert await outside.refused("DELETE", path) == gone


async def test_a_counter_of_another_server_is_none_of_this_one(outside: Outside) -> None:
    made = await make(outside)
    elsewhere = outside.place.env.create_guild("Elsewhere")
    await outside.place.env.settle()
    await outside.module.enable(elsewhere.id)
    key = await outside.api.make_key(guild_id=elsewhere.id)
    path = f"{ROOT}/counter/{made['counter_id']}"
    status, _message = await outside.api.refusal("DELETE", path, query={"guild_id": elsewhere.id}, key=key)
    assert status == 422
    answer = await outside.api.refusal("DELETE", path, key=key)
    assert answer == (403, "ForbiddenError! This key belongs to another server.")
    assert int(made["channel_id"]) in outside.world.channels


async def test_the_list_comes_in_pages_of_ten_with_the_total_beside(outside: Outside) -> None:
    made = [await make(outside, new_format=f"{number}: <value>") for number in range(12)]
    answer = await outside.api.ask("GET", f"{ROOT}/counters")
    assert answer.headers["X-Total-Count"] == "12"
    assert answer.json()["data"] == made[:10]
    assert await outside.get("/counters", page=2) == made[10:]
    assert await outside.get("/counters", page=3) == []
    assert await outside.get("/counters", page=2, page_size=5) == made[5:10]
    assert await outside.get("/counters", page_size=10_000) == made


async def test_a_role_is_taken_by_the_types_with_one(outside: Outside) -> None:
    role = outside.place.guild.create_role("Crew")
    made = await make(outside, counter_type=7, new_format="<role_name>: <value>", new_role_id=role.id)
    assert made["role_id"] == str(role.id)
    assert outside.channel(made["channel_id"]).name == "Crew: 0"
    assert (await make(outside, new_role_id=str(role.id)))["role_id"] is None


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"counter_type": 0}, "422 Unprocessable Entity! counter_type must be greater than or equal to 1."),
        ({"counter_type": 11}, "422 Unprocessable Entity! counter_type must be less than or equal to 10."),
        ({"counter_type": "six"}, "400 BadRequestError! counter_type must be a whole number."),
        (
            {"new_format": "  "},
            "422 Unprocessable Entity! The format is empty; leave it out to use the one of this type.",
        ),
        (
            {"new_format": "x" * 201},
            "422 Unprocessable Entity! The format has 201 characters; at most 200 are possible.",
        ),
        ({"new_format": None}, "400 BadRequestError! new_format must be text."),
        ({"new_goal": 0}, "422 Unprocessable Entity! new_goal must be greater than or equal to 1."),
        (
            {"counter_type": 7},
            "422 Unprocessable Entity! A counter of the type Members with a role needs a role.",
        ),
        (
            {"counter_type": 7, "new_role_id": NOBODYS_ID},
            "422 Unprocessable Entity! This server has no such role.",
        ),
        (
            {"counter_type": 1, "new_goal": 5},
            "422 Unprocessable Entity! A counter of all statuses has no single number to set a goal for.",
        ),
        ({"colour": "red"}, "400 BadRequestError! colour is not a field of this request."),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_made(
    outside: Outside, changes: dict[str, Any], refusal: str
) -> None:
    channels = set(outside.world.channels)
    fields = {"counter_type": 6, "new_format": "M: <value>", **changes}
    assert await outside.refused("POST", "/counters", **fields) == refusal
    assert set(outside.world.channels) == channels
    assert await outside.get("/counters") == []


async def test_the_permission_that_is_missing_is_named(outside: Outside) -> None:
    made = await make(outside)
    outside.take_bot_permission(manage_channels=False)
    refusal = await outside.refused("POST", "/counters", counter_type=6, new_format="M: <value>")
    assert refusal.startswith("502 DiscordApiInteractionError! I need the permission Manage Channels")
    outside.deny_bot(int(made["channel_id"]), manage_channels=False)
    refusal = await outside.refused("DELETE", f"/counter/{made['counter_id']}")
    assert refusal.startswith("502 DiscordApiInteractionError! Discord did not let me delete")
    assert await outside.get("/counters") == [made]


async def test_what_is_made_and_deleted_is_told_as_that_of_an_api_key(outside: Outside) -> None:
    await outside.choose_log_channel()
    made = await make(outside)
    await outside.api.data("DELETE", f"{ROOT}/counter/{made['counter_id']}")
    told = await outside.told()
    assert [text for text in told if "Counter “Members”" in text] == [told[1], told[3]]
    assert all("by an API key (`key 1`)" in text for text in told)


@pytest.mark.parametrize("path", ["/counters/check-delete", "/stats/counter-panel/check-deleted-channel"])
async def test_a_counter_goes_only_when_discord_says_that_its_channel_is_gone(
    outside: Outside, path: str
) -> None:
    made = await make(outside)
    assert await outside.send("POST", path, channel_id=made["channel_id"]) == {}
    assert await outside.get("/counters") == [made]
    with outside.silently():
        outside.world.delete_channel(int(made["channel_id"]))
    assert len(await outside.get("/counters")) == 1
    assert await outside.send("POST", path, channel_id=made["channel_id"]) == {}
    assert await outside.get("/counters") == []
    assert await outside.send("POST", path, channel_id=NOBODYS_ID) == {}


@pytest.mark.parametrize("path", ["/counters/update", "/stats/counter-panel/update"])
async def test_the_operator_has_all_counters_updated(outside: Outside, path: str) -> None:
    env = outside.place.env
    channel = outside.channel((await make(outside))["channel_id"])
    members = len(outside.world.guilds[outside.guild_id].members)
    # Past the time for which Discord wants a name to be left alone.
    await env.advance_time(10 * MINUTE_SECONDS)
    outside.place.add_member("one")
    for _ in range(5):
        assert await outside.api.data("POST", ROOT + path, with_guild=False, key=OPERATOR_KEY) == {}
    await env.settle()
    assert channel.name == f"M: {members + 1}"
