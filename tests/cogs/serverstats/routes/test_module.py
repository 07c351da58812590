"""Serverstats over HTTP: enabled, asked for, disabled."""

from bot.web.callers import Right
from tests.cogs.serverstats.routes.outside import ROOT, Outside
from tests.web.api import OPERATOR_KEY

ELSEWHERE = 175928847299117063


async def test_the_home_path_says_what_is_there_to_any_key(new_outside: Outside) -> None:
    about = {"message": "This is serverstats."}
    key = await new_outside.api.make_key(Right.INTAKE)
    assert await new_outside.api.data("GET", f"{ROOT}/", with_guild=False, key=key) == about
    assert await new_outside.api.data("GET", ROOT, with_guild=False, key=key) == about


async def test_it_is_enabled_once_and_disabled_once(new_outside: Outside) -> None:
    outside = new_outside
    assert await outside.get("/status") == {"enabled": False}
    assert (await outside.refused("POST", "/disable")).startswith("409 ModuleDisabledError! ")
    assert await outside.send("POST", "/enable") == {}
    assert await outside.get("/status") == {"enabled": True}
    assert (
        await outside.refused("POST", "/enable") == "409 ModuleEnabledError! Serverstats is enabled already."
    )
    assert await outside.send("POST", "/disable") == {}
    assert await outside.get("/status") == {"enabled": False}


async def test_enabling_and_disabling_are_told_in_the_log_channel(new_outside: Outside) -> None:
    outside = new_outside
    await outside.choose_log_channel()
    await outside.send("POST", "/enable")
    await outside.send("POST", "/disable")
    on, off = await outside.told()
    assert "**Module:** off → on" in on
    assert "by an API key (`key 1`)" in on
    assert "**Module:** on → off" in off


async def test_disabling_deletes_the_channels_of_counters_and_what_is_stored(outside: Outside) -> None:
    made = await outside.send("POST", "/counters", counter_type=6, new_format="M: <value>")
    await outside.send("POST", "/disable")
    assert int(made["channel_id"]) not in outside.world.channels
    assert await outside.stored_counters() == ()


async def test_a_server_without_the_bot_is_a_settings_error(outside: Outside) -> None:
    fields = {"guild_id": ELSEWHERE}
    for method, path in (
        ("GET", "/status"),
        ("GET", "/settings"),
        ("GET", "/counters"),
        ("GET", "/counter/1"),
        ("DELETE", "/counter/1"),
    ):
        answer = await outside.api.refusal(method, ROOT + path, query=fields, key=OPERATOR_KEY)
        assert answer == (404, "SettingsError! I am not in this server."), path
    star = {"channel_id": 1, "message_id": 1}
    for path, more in (
        ("/enable", {}),
        ("/disable", {}),
        ("/counters", {"counter_type": 6, "new_format": "M"}),
        ("/counters/check-delete", {"channel_id": 1}),
        ("/stats/counter-panel/check-deleted-channel", {"channel_id": 1}),
        ("/starboard/add", star),
        ("/starboard/remove", star),
        ("/starboard/check/delete", {"channel_id": 1}),
        ("/starboard/check/deleted-message", {"message_id": 1}),
    ):
        answer = await outside.api.refusal("POST", ROOT + path, body={**fields, **more}, key=OPERATOR_KEY)
        assert answer == (404, "SettingsError! I am not in this server."), path


async def test_where_it_is_disabled_nothing_else_can_be_done(new_outside: Outside) -> None:
    outside = new_outside
    star = {"channel_id": outside.place.channel.id, "message_id": 1}
    for method, path, fields in (
        ("GET", "/settings", {}),
        ("GET", "/counters", {}),
        ("POST", "/counters", {"counter_type": 6, "new_format": "M"}),
        ("GET", "/counter/1", {}),
        ("DELETE", "/counter/1", {}),
        ("POST", "/counters/check-delete", {"channel_id": 1}),
        ("POST", "/starboard/add", star),
        ("POST", "/starboard/remove", star),
        ("POST", "/starboard/check/delete", {"channel_id": 1}),
        ("POST", "/starboard/check/deleted-message", {"message_id": 1}),
    ):
        assert (await outside.refused(method, path, **fields)).startswith("409 ModuleDisabledError! "), path


async def test_a_key_without_the_right_is_refused(outside: Outside) -> None:
    read, write = await outside.api.make_key(Right.READ), await outside.api.make_key(Right.WRITE)
    answer = await outside.api.refusal("POST", f"{ROOT}/disable", body={}, key=read)
    assert answer == (403, "ForbiddenError! This key does not have the right `write`.")
    answer = await outside.api.refusal("GET", f"{ROOT}/settings", key=write)
    assert answer == (403, "ForbiddenError! This key does not have the right `read`.")
    answer = await outside.api.refusal(
        "POST", f"{ROOT}/starboard/add", body={"channel_id": 1, "message_id": 1}, key=write
    )
    assert answer == (403, "ForbiddenError! This key does not have the right `intake`.")


async def test_only_the_operator_has_all_servers_updated(outside: Outside) -> None:
    for path in ("/counters/update", "/stats/counter-panel/update"):
        answer = await outside.api.refusal("POST", ROOT + path, with_guild=False)
        assert answer == (403, "ForbiddenError! Only the operator's key may do this.")
