"""What is sent for a row: fields that are right, and fields that are wrong in one way."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.web.contract.facts import Field, Row, Sent
from tests.web.contract.serverstats import SERVERSTATS

Fields = dict[str, Any]

NOBODYS_ID = 175928847299117063
"""An id that is nobody's here."""


@dataclass(slots=True)
class Spot:
    """A guild, and what stands in it that requests name."""

    guild_id: int
    bot_id: int
    channel_id: int
    board_id: int
    category_id: int
    role_id: int
    member_id: int
    message_id: int
    gone_channel_id: int
    """What was deleted."""
    gone_message_id: int
    invite_code: str = "nosuchcode"
    counter_id: str = "1"


SWITCHES = sorted(
    {
        one.name
        for row in SERVERSTATS
        if not row.is_legacy
        for one in row.fields
        if one.name.startswith("stats_")
    }
)
"""The settings that switch groups of statistics on."""

_IS_ABOUT_DELETED = re.compile(r"/check[-/]delete")

_BY_TYPE: dict[str, Any] = {
    "int": 5,
    "float": 0.25,
    "flag": True,
    "text": "some text",
    "list": [],
    "days": 7,
    "page": 1,
    "size": 10,
    "kind": 6,
}
_BY_NAME: dict[str, Any] = {
    "new_format": "Members: <value>",
    "new_role_id": None,
    "new_goal": None,
    "starboard_count": 1,
    "application_id": None,
    "token": None,
    "join_message_content": "Welcome, <user_mention>!",
    "join_message_is_embed": 0,
    "leave_message_content": "Goodbye, <user_display_name>.",
    "leave_message_is_embed": 0,
    "server_shared_invite_link": None,
    "max_uses": 3,
    "max_age": 3600,
    "counter_panel_member_count_channel": None,
    "counter_panel_online_member_count_channel": None,
    "counter_panel_server_boost_number_channel": None,
    "activities": [{"activity_type": 0, "name": "Chess", "details": None, "state": "thinking"}],
}
_WRONG: dict[str, Any] = {
    "id": "abc",
    "place": ["create"],
    "int": "abc",
    "float": "abc",
    "flag": "perhaps",
    "text": ["some text"],
    "list": "abc",
    "days": "abc",
    "page": "abc",
    "size": "abc",
    "kind": "abc",
}
_OUT_OF_RANGE: dict[str, tuple[Any, ...]] = {
    "id": (0, 1 << 63),
    "days": (0, 31, -1),
    "page": (0,),
    "size": (0, 10_001),
    "kind": (0, 11),
}


def known_ids(spot: Spot) -> dict[str, Any]:
    """Return what stands in the guild by the names that fields have for it; all other ids are of people."""
    return {
        "guild_id": spot.guild_id,
        "bot_id": spot.bot_id,
        "channel_id": spot.channel_id,
        "message_id": spot.message_id,
        "new_role_id": spot.role_id,
        "invite_code": spot.invite_code,
        "join_messages_channel": spot.channel_id,
        "leave_messages_channel": spot.channel_id,
        "starboard_channel": spot.board_id,
        "starboard_channel_id": spot.board_id,
        "counters_category_id": spot.category_id,
        "counter_panel_category_channel": spot.category_id,
    }


def fields_for(row: Row, spot: Spot) -> Fields:
    """Return a value for every field of the row, each of which is fine in that guild."""
    by_spot = known_ids(spot)
    if _IS_ABOUT_DELETED.search(row.path):
        by_spot |= {"channel_id": spot.gone_channel_id, "message_id": spot.gone_message_id}
    known = {**by_spot, **_BY_NAME}
    return {one.name: known.get(one.name, _BY_TYPE.get(one.type, spot.member_id)) for one in row.fields}


def with_ids_as_text(row: Row, fields: Mapping[str, Any]) -> Fields:
    """Return the same fields with every id written as its digits."""
    ids = {one.name for one in row.fields if one.type in {"id", "place"}}
    return {
        name: str(value) if name in ids and value is not None else value for name, value in fields.items()
    }


def wrong_fields(row: Row, fields: Mapping[str, Any]) -> Iterator[tuple[Field, Fields]]:
    """Return the fields with one of another type, for each of them; text in a query is always of the right type."""
    for one in row.fields:
        if row.sent is Sent.QUERY and one.type == "text":
            continue
        yield one, {**fields, one.name: _WRONG[one.type]}


def impossible_fields(row: Row, fields: Mapping[str, Any]) -> Iterator[tuple[Field, Any, Fields]]:
    """Return the fields with one out of its range, for each of them that has one."""
    for one in row.fields:
        for value in _OUT_OF_RANGE.get(one.type, ()):
            yield one, value, {**fields, one.name: value}


async def send(
    http: httpx.AsyncClient,
    row: Row,
    fields: Mapping[str, Any],
    *,
    key: str | None,
    spot: Spot,
    in_body: bool = False,
) -> httpx.Response:
    """Send the request of a row; `in_body` sends in the body what belongs in the query."""
    path = row.path.format(counter_id=spot.counter_id)
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    if row.sent is Sent.BODY or in_body:
        return await http.request(row.method, path, json=dict(fields), headers=headers)
    query = {name: value for name, value in fields.items() if value is not None}
    return await http.request(row.method, path, params=query, headers=headers)
