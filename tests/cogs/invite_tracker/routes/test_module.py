"""The module over HTTP: home, status, enabled and disabled."""

from typing import Any

import pytest

from bot.web.callers import Right
from tests.cogs.invite_tracker.routes.outside import ROOT, Outside

STRANGER = "999999999999999999"

Requests = list[tuple[str, str, dict[str, Any]]]
"""Methods, paths and fields."""

READING: Requests = [
    ("GET", "/settings", {}),
    ("GET", "/invite-links", {}),
    ("POST", "/stats/uses", {"inviter_id": 5}),
]
INTAKE: Requests = [
    ("POST", "/events/invite/create", {"invite_code": "abc", "channel_id": 5}),
    ("POST", "/events/invite/delete", {"invite_code": "abc"}),
    ("POST", "/events/join/check-invite", {}),
    ("POST", "/events/leave/check-invite", {}),
]
CHANGING: Requests = [
    ("POST", "/disable", {}),
    (
        "PUT",
        "/settings",
        {
            "join_messages_enabled": False,
            "join_message_is_embed": 0,
            "leave_messages_enabled": False,
            "leave_message_is_embed": 0,
            "prevent_own_invite_code": False,
        },
    ),
    (
        "POST",
        "/invite",
        {"channel_id": 5, "max_uses": 0, "max_age": 0, "is_temporary": False},
    ),
    ("DELETE", "/invite", {"invite_code": "abc"}),
]
STATUS: Requests = [("GET", "/status", {})]
ENABLE: Requests = [("POST", "/enable", {})]
RESET: Requests = [("DELETE", "/settings/delete", {})]


@pytest.mark.parametrize("path", ["/", ""])
async def test_the_home_path_says_what_this_is(new_outside: Outside, path: str) -> None:
    data = await new_outside.api.data("GET", ROOT + path, with_guild=False)
    assert data == {"message": "This is the invite tracker."}


async def test_enabling_and_disabling_change_the_status_and_are_told(new_outside: Outside) -> None:
    await new_outside.choose_log_channel()
    assert await new_outside.get("/status") == {"enabled": False}
    assert await new_outside.send("POST", "/enable") == {}
    assert await new_outside.get("/status") == {"enabled": True}
    assert await new_outside.send("POST", "/disable") == {}
    assert await new_outside.get("/status") == {"enabled": False}
    assert await new_outside.told() == [
        "**Module:** off → on\n-# by an API key (`key 1`)",
        "**Module:** on → off\n-# by an API key (`key 1`)",
    ]


async def test_what_is_enabled_cannot_be_enabled_again(outside: Outside) -> None:
    refusal = await outside.refused("POST", "/enable")
    assert refusal == "409 ModuleEnabledError! The invite tracker is enabled already."


async def test_disabling_deletes_what_is_on_record(outside: Outside) -> None:
    await outside.stage.record_joins([outside.stage.join(1, outside.stage.member.id)])
    await outside.send("POST", "/disable")
    await outside.send("POST", "/enable")
    response = await outside.api.ask(
        "POST", ROOT + "/stats/uses", query={"inviter_id": outside.stage.member.id}
    )
    assert response.json()["data"] == []


async def test_where_the_module_is_not_enabled_everything_else_says_so(new_outside: Outside) -> None:
    for method, path, fields in READING + INTAKE + CHANGING:
        refusal = await new_outside.refused(method, path, **fields)
        assert refusal.startswith(
            "409 ModuleDisabledError! The invite tracker is not enabled in this server; "
        ), path


async def test_a_server_that_the_bot_is_not_in_is_named_as_the_reason(new_outside: Outside) -> None:
    """Only the operator can ask for one."""
    new_outside.api.key = "operator-key-of-the-tests-0123456789abcdef"
    for method, path, fields in READING + INTAKE + CHANGING + STATUS + ENABLE:
        refusal = await new_outside.refused(method, path, guild_id=STRANGER, **fields)
        assert refusal == "404 SettingsError! I am not in this server.", path


async def test_a_key_reaches_no_other_server_whatever_it_asks(outside: Outside) -> None:
    for method, path, fields in READING + INTAKE + CHANGING + STATUS + ENABLE + RESET:
        refusal = await outside.refused(method, path, guild_id=STRANGER, **fields)
        assert refusal == "403 ForbiddenError! This key belongs to another server.", path
    assert await outside.get("/status") == {"enabled": True}


async def test_every_request_needs_its_right(outside: Outside) -> None:
    needs = {
        Right.READ: READING + STATUS,
        Right.INTAKE: INTAKE,
        Right.WRITE: CHANGING + ENABLE + RESET,
    }
    for right, requests in needs.items():
        outside.api.key = await outside.api.make_key(*(set(Right) - {right}))
        for method, path, fields in requests:
            refusal = await outside.refused(method, path, **fields)
            assert refusal == f"403 ForbiddenError! This key does not have the right `{right.value}`.", path


async def test_fields_that_are_missing_or_unknown_are_named(outside: Outside) -> None:
    for method, path, fields in READING + INTAKE + CHANGING + STATUS + ENABLE + RESET:
        refusal = await outside.refused(method, path, **fields, spoon=1)
        assert refusal == "400 BadRequestError! spoon is not a field of this request.", path
        for missing in fields:
            rest = {name: value for name, value in fields.items() if name != missing}
            refusal = await outside.refused(method, path, **rest)
            assert refusal == f"400 BadRequestError! {missing} is missing.", path
