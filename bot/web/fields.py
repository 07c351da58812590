"""The types of fields in requests and answers: lenient as the published APIs are, and exact in what is refused."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, overload

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

ILL_TYPED: Final = "ill_typed"
"""The kind of a validation error that means: this is not a value of the field's type."""
UNPROCESSABLE: Final = "unprocessable"
"""The kind that means: a value of the right type that the field cannot have."""

ID_MOST: Final = (1 << 63) - 1
_DIGITS_MOST: Final = 100
"""Longer numbers are none that anybody means, and take long to read."""


def ill_typed(sentence: str) -> PydanticCustomError:
    """Return the error of a validator for a value of another type, e.g. `must be true or false`: answered with 400."""
    return PydanticCustomError(ILL_TYPED, "{sentence}", {"sentence": sentence})


def unprocessable(sentence: str) -> PydanticCustomError:
    """Return the error of a validator for a value that the field cannot have: answered with 422."""
    return PydanticCustomError(UNPROCESSABLE, "{sentence}", {"sentence": sentence})


def _read_whole(value: Any) -> int | None:
    if isinstance(value, str) and len(value) <= _DIGITS_MOST and value.isascii():
        return int(value) if value.removeprefix("-").isdigit() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _read_id(value: Any) -> int:
    found = _read_whole(value)
    if found is None:
        raise ill_typed("must be an id: a whole number, or its digits as text")
    return found


def _read_number(value: Any) -> int:
    found = _read_whole(value)
    if found is None:
        raise ill_typed("must be a whole number")
    return found


def _read_flag(value: Any) -> bool:
    if isinstance(value, bool | int) and value in {0, 1}:
        return bool(value)
    raise ill_typed("must be true or false")


def _read_storable(value: Any) -> Any:
    # Half of a pair of UTF-16, which JSON can spell, is text that neither the database nor Discord takes.
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ill_typed("must be text of whole characters") from None
    return value


Id = Annotated[
    int,
    Field(ge=1, le=ID_MOST),
    BeforeValidator(_read_id),
    WithJsonSchema(
        {
            "anyOf": [
                # First, as the documentation shows it: JavaScript would round the number. Discord's ids are far from 9e18.
                {"type": "string", "pattern": "^([1-9][0-9]{0,17}|[1-8][0-9]{18})$"},
                {"type": "integer", "minimum": 1, "maximum": ID_MOST},
            ],
            "examples": ["868946730878632047"],
        }
    ),
]
"""One of Discord's ids, as a number or as its digits."""

WHOLE: Final = BeforeValidator(_read_number)
"""Takes digits as text for a number; after the bounds: `Annotated[int, Field(ge=1), WHOLE]`, so that the schema tells them."""

Whole = Annotated[int, WHOLE]
"""A whole number without bounds."""

Flag = Annotated[
    bool,
    BeforeValidator(_read_flag),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "integer", "enum": [0, 1]}]}),
]
"""True or false; 1 or 0 are taken, too."""

Text = Annotated[str, BeforeValidator(_read_storable)]
"""Text that can be stored."""


class Fields(BaseModel):
    """What a request carries, in its body or in its query; a field that it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GuildFields(Fields):
    """What nearly every request carries."""

    guild_id: Annotated[Id, Field(description="The server.")]


class Record(BaseModel):
    """What an answer holds; the fields are all there, in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid")


IdText = Annotated[str, Field(pattern="^[0-9]+$", examples=["868946730878632047"])]
"""One of Discord's ids in an answer."""

TimeText = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-01-31T19:14:17.123Z"])
]
"""A time in an answer: ISO 8601, UTC, with milliseconds."""


@overload
def id_text(snowflake: int) -> str: ...
@overload
def id_text(snowflake: int | None) -> str | None: ...
def id_text(snowflake: int | None) -> str | None:
    """Return an id as answers have it: JavaScript cannot count as far as Discord's ids."""
    return None if snowflake is None else str(snowflake)


@overload
def iso_time(at_ms: int) -> str: ...
@overload
def iso_time(at_ms: int | None) -> str | None: ...
def iso_time(at_ms: int | None) -> str | None:
    """Return a time (UTC epoch milliseconds) as answers have it."""
    if at_ms is None:
        return None
    seconds, milliseconds = divmod(at_ms, 1000)
    return f"{_second_text(seconds)}.{milliseconds:03d}Z"


@lru_cache(maxsize=4096)
def _second_text(seconds: int) -> str:
    # Formatting is most of what a page of 10,000 records costs, and neighbours share their second.
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
