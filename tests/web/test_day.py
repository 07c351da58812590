"""A day in the life: a plain HTTP client sets everything up, uses it, and leaves nothing behind."""

from pathlib import Path
from typing import Any

from bot.web.callers import Right
from tests.web.api import OPERATOR_KEY, Api, api_in_process
from tests.web.contract.requests import SWITCHES

TRACKER = "/modules/invite-tracker"
STATS = "/modules/serverstats"


def tracker_settings(channel_id: int) -> dict[str, Any]:
    return {
        "join_messages_enabled": True,
        "join_messages_channel": str(channel_id),
        "join_message_content": "<user_display_name> came with <invite_code>.",
        "join_message_is_embed": 0,
        "leave_messages_enabled": False,
        "leave_messages_channel": None,
        "leave_message_content": None,
        "leave_message_is_embed": 0,
        "prevent_own_invite_code": False,
        "server_shared_invite_link": None,
    }


def stats_settings(channel_id: int) -> dict[str, Any]:
    return dict.fromkeys(SWITCHES, True) | {
        "counters_enabled": True,
        "counters_category_id": "create",
        "starboard_enabled": True,
        "starboard_channel": channel_id,
        "starboard_count": 2,
    }


async def test_a_day_in_the_life(tmp_path: Path) -> None:
    """Enable, set up, create a counter, record through the intake, read back, erase, disable."""
    async with api_in_process(tmp_path) as api:
        place, world = api.place, api.place.world
        admin_key = await api.make_key(Right.READ, Right.WRITE)
        intake_key = await api.make_key(Right.INTAKE)
        empty = await stored_rows(api)

        # The morning: enable and set up.
        for module in (TRACKER, STATS):
            assert await api.data("GET", f"{module}/status", key=admin_key) == {"enabled": False}
            assert await api.data("POST", f"{module}/enable", key=admin_key, body={}) == {}
            assert await api.data("GET", f"{module}/status", key=admin_key) == {"enabled": True}
        await api.data(
            "PUT", f"{TRACKER}/settings", key=admin_key, body=tracker_settings(place.other_channel.id)
        )
        await api.data("PUT", f"{STATS}/settings", key=admin_key, body=stats_settings(place.other_channel.id))
        settings = await api.data("GET", f"{STATS}/settings", key=admin_key)
        assert settings["guild_id"] == str(api.guild_id)
        assert settings["stats_modules_tickets_enabled"] is settings["counters_enabled"] is True
        category = world.channels[int(settings["counters_category_id"])]
        assert category.guild_id == api.guild_id

        # A counter, whose channel is there at once.
        counter = await api.data(
            "POST",
            f"{STATS}/counters",
            key=admin_key,
            body={"counter_type": 6, "new_format": "People: <value>", "new_role_id": None, "new_goal": None},
        )
        channel = world.channels[int(counter["channel_id"])]
        assert channel.parent_id == category.id
        assert channel.name == f"People: {len(world.guilds[api.guild_id].members)}"
        assert await api.data("GET", f"{STATS}/counters", key=admin_key) == [counter]
        one = f"{STATS}/counter/{counter['counter_id']}"
        assert await api.data("GET", one, key=admin_key) == counter

        # An invite, and somebody who comes with it.
        made = await api.data(
            "POST",
            f"{TRACKER}/invite",
            key=admin_key,
            body={
                "channel_id": place.channel.id,
                "max_uses": 0,
                "max_age": 0,
                "is_temporary": False,
                "application_id": None,
                "token": None,
            },
        )
        assert made["invite_url"].endswith(made["invite_code"])
        links = await api.data("GET", f"{TRACKER}/invite-links", key=admin_key)
        assert made["invite_code"] in {link["invite_id"] for link in links}
        person = world.add_person("nell")
        world.join(api.guild_id, person.id, code=made["invite_code"])
        await place.env.settle()
        await place.env.advance_time(10)
        uses = await api.data(
            "POST", f"{TRACKER}/stats/uses", key=admin_key, query={"inviter_id": str(world.bot_user.id)}
        )
        assert [(use["member_id"], use["invite_id"], use["has_left"]) for use in uses] == [
            (str(person.id), made["invite_code"], False)
        ]
        said = [message.content for message in world.messages[place.other_channel.id].values()]
        assert f"{person.name} came with {made['invite_code']}." in said

        # Work: another program reports tickets of hers, and she talks.
        for _ in range(3):
            report = {"creating_user_id": str(person.id)}
            told = await api.data(
                "POST", f"{STATS}/stats/modules/tickets/created", key=intake_key, body=report
            )
            assert told == {"recorded": True}
        world.say(place.channel.id, person.id, "hello")
        await place.env.settle()
        await place.client.parts.recorder.flush()
        mine = {"user_id": str(person.id)}
        tickets = await api.data("GET", f"{STATS}/stats/modules/tickets/created", key=admin_key, query=mine)
        assert [ticket["user_id"] for ticket in tickets] == [str(person.id)] * 3
        assert len({ticket["id"] for ticket in tickets}) == 3
        [message] = await api.data("GET", f"{STATS}/stats/messages/sent", key=admin_key, query=mine)
        assert message["channel_id"] == str(place.channel.id)

        # The evening: she wants to be forgotten, which is for the operator alone.
        about = {"privacy_member_id": str(person.id)}
        refused = await api.refusal(
            "DELETE", f"{STATS}/privacy/delete-user-entries", key=admin_key, body=about
        )
        assert refused[0] == 403
        for module, least in ((TRACKER, 1), (STATS, 4)):
            before = await api.data(
                "GET", f"{module}/privacy/get-user-entries", key=OPERATOR_KEY, query=about
            )
            assert before["id"] >= least
            await api.data("DELETE", f"{module}/privacy/delete-user-entries", key=OPERATOR_KEY, body=about)
            after = await api.data("GET", f"{module}/privacy/get-user-entries", key=OPERATOR_KEY, query=about)
            assert after["id"] == 0
        tickets = await api.data("GET", f"{STATS}/stats/modules/tickets/created", key=admin_key)
        assert [ticket["user_id"] for ticket in tickets] == [None] * 3

        # The night: everything goes.
        assert await api.data("DELETE", one, key=admin_key, query={}) == {}
        assert channel.id not in world.channels
        await api.data(
            "DELETE",
            f"{TRACKER}/invite",
            key=admin_key,
            body={"invite_code": made["invite_code"], "application_id": None, "token": None},
        )
        assert world.live_invites(api.guild_id) == []
        for module in (TRACKER, STATS):
            await api.data("POST", f"{module}/disable", key=admin_key, body={})
            refused = await api.refusal("GET", f"{module}/settings", key=admin_key)
            assert refused[0] == 409
            assert refused[1].startswith("ModuleDisabledError! ")
        assert await stored_rows(api) == empty


async def stored_rows(api: Api) -> dict[str, int]:
    """How many rows about the server each table has, but for what is about the bot rather than about what happens."""
    found = {}
    async with api.place.client.parts.database.read() as rx:
        tables = await rx.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'", ())
        for (name,) in tables:
            if name not in {"api_keys", "heartbeats"}:
                row = await rx.fetch_one(f"SELECT COUNT(*) FROM {name}", ())
                assert row is not None
                found[str(name)] = int(row[0])
    return found
