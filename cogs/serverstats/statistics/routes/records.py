"""The published records: what the documentation says of them, and how an answer is written.

A page may hold 10,000 of them, so no model is made of each: rows of the database become dicts, and those JSON.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import orjson
from fastapi import Response
from pydantic import Field, create_model

from bot.web.envelope import TOTAL_HEADER, write_in_turns
from bot.web.fields import IdText, Record, TimeText, iso_time
from storage.statistics.catalogue import CATALOGUE, Kind, Part
from storage.statistics.pages import Record as StoredRecord
from storage.statistics.pages import RecordPage, RecordRow
from storage.statistics.record_ids import time_ms_of

RECORDS_PER_TURN: Final = 250
"""So many are written before everything else has its turn: less than a millisecond or two."""

MICROSECONDS: Final = 1_000_000
DAY_MS: Final = 86_400_000

_ANONYMOUS: Final = "Null where it is not known, or the person opted out."

_TYPES: Final[dict[Part, Any]] = {
    Part.RECORD_ID: (int, Field(description="Unique in the server and kind, and rising with time.")),
    Part.GUILD_ID: (IdText, ...),
    Part.AT: (TimeText, ...),
    Part.USER_ID: (IdText | None, Field(description=_ANONYMOUS)),
    Part.CHANNEL_ID: (IdText | None, ...),
    Part.MESSAGE_ID: (IdText | None, ...),
    Part.TEXT: (str | None, ...),
    Part.ACTIVITY_TYPE: (int | None, Field(description="The number of Discord's activity type.")),
    Part.DURATION: (float | None, Field(description="In seconds.")),
    Part.STARTED_AT: (TimeText, ...),
    Part.ENDED_AT: (TimeText | None, Field(description="Null while it goes on.")),
    Part.FIRST: (int, ...),
    Part.SECOND: (int | None, ...),
    Part.THIRD: (int | None, ...),
}
"""What the documentation says of a field."""

RECORDS: Final[dict[str, type[Record]]] = {
    kind.key: create_model(
        kind.record,
        __base__=Record,
        __doc__=f"{kind.title}.",
        **{name: _TYPES[part] for name, part in kind.shape},
    )
    for kind in CATALOGUE
}
"""The published record of each kind, for the documentation."""

_POSITIONS: Final = {name: position for position, name in enumerate(StoredRecord._fields)}

Read = Callable[[RecordRow], object]


def _at(position: int) -> Read:
    return lambda row: row[position]


def _id_at(position: int) -> Read:
    return lambda row: None if row[position] is None else str(row[position])


def _message_id(row: RecordRow) -> str:
    # A message that was sent is recorded under its own id.
    return str(row[0] if row[3] is None else row[3])


def _seconds(row: RecordRow) -> float | None:
    return None if row[6] is None else row[6] / MICROSECONDS


def _ended_at(row: RecordRow) -> str | None:
    return None if row[7] is None else iso_time(row[7])


def _began_at(row: RecordRow) -> str:
    return iso_time(time_ms_of(row[0]))


_READ: Final[dict[Part, Read]] = {
    Part.RECORD_ID: _at(0),
    Part.AT: _began_at,
    Part.USER_ID: _id_at(_POSITIONS["user_id"]),
    Part.CHANNEL_ID: _id_at(_POSITIONS["channel_id"]),
    Part.MESSAGE_ID: _message_id,
    Part.TEXT: _at(_POSITIONS["text"]),
    Part.ACTIVITY_TYPE: _at(_POSITIONS["activity_type"]),
    Part.DURATION: _seconds,
    Part.STARTED_AT: _began_at,
    Part.ENDED_AT: _ended_at,
    Part.FIRST: _at(_POSITIONS["first"]),
    Part.SECOND: _at(_POSITIONS["second"]),
    Part.THIRD: _at(_POSITIONS["third"]),
}
"""What of a row each part shows; the guild's id stands in no row."""


async def answer_with(kind: Kind, guild_id: int, page: RecordPage) -> Response:
    """Answer with a page of records, in the shape that clients know; everything else has its turn meanwhile."""
    guild_text = str(guild_id)
    fields: list[tuple[str, Read]] = [
        (name, (lambda _row: guild_text) if part is Part.GUILD_ID else _READ[part])
        for name, part in kind.shape
    ]
    written = await write_in_turns(page.rows, partial(_write, fields), per_turn=RECORDS_PER_TURN)
    content = b'{"success":true,"data":' + written + b"}"
    headers = {TOTAL_HEADER: str(page.total)}
    return Response(content, media_type="application/json", headers=headers)


def _write(fields: Sequence[tuple[str, Read]], rows: Sequence[RecordRow]) -> bytes:
    return orjson.dumps([{name: read(row) for name, read in fields} for row in rows])
