"""What a report of other software says, as a model for each kind, made from the catalogue."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, create_model, model_validator
from pydantic.config import JsonDict

from bot.record_values import LONGEST_SECONDS, TEXT_LENGTH
from bot.web.fields import Fields, Flag, GuildFields, Id, Text, ill_typed, unprocessable
from storage.statistics.catalogue import Part, Shape

ACTIVITIES_MOST: Final = 100


class ActivityFields(Fields):
    """One activity of a person, as Discord describes it."""

    activity_type: Annotated[int, Field(strict=True, description="The number of Discord's activity type.")]
    name: Text
    details: Text | None = None
    state: Text | None = None


def _read_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ill_typed("must be a number")
    try:
        return float(value)
    except OverflowError:
        raise unprocessable("must be a number that makes sense") from None


def _read_name(value: Any) -> Any:
    # Ids of other software are text, but theirs may well be numbers.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _check_length(text: str) -> str:
    if not 1 <= len(text) <= TEXT_LENGTH:
        raise unprocessable(f"must have from 1 to {TEXT_LENGTH} characters")
    return text


_LENGTHS: Final[JsonDict] = {"minLength": 1, "maxLength": TEXT_LENGTH}
_Name = Annotated[Text, AfterValidator(_check_length), Field(json_schema_extra=_LENGTHS)]

_TYPES: Final[dict[Part, Any]] = {
    Part.USER_ID: Annotated[
        Id, Field(description="Who it was; of somebody who opted out the id is not kept.")
    ],
    Part.CHANNEL_ID: Id,
    Part.MESSAGE_ID: Id,
    Part.TEXT: _Name,
    Part.DURATION: Annotated[
        float,
        # Before the validator, so that the schema tells the bounds.
        Field(ge=0, le=LONGEST_SECONDS, allow_inf_nan=False, description="In seconds."),
        BeforeValidator(_read_number),
    ],
    Part.IS_BOT: Flag,
    Part.ACTIVITIES: Annotated[list[ActivityFields], Field(max_length=ACTIVITIES_MOST)],
}
_FOREIGN_ID: Final = Annotated[_Name, BeforeValidator(_read_name, json_schema_input_type=str | int)]

ARGUMENTS: Final = {
    Part.USER_ID: "user_id",
    Part.CHANNEL_ID: "channel_id",
    Part.TEXT: "text",
    Part.DURATION: "duration_seconds",
}
"""What is recorded of a report, by the names of the use case; the rest is about what Discord itself tells."""


def make_body(name: str, current: Shape, older: Shape | None = None) -> type[GuildFields]:
    """Return the model of a request; with `older`, one that takes the fields of two generations of the API.

    What only one generation has may be left out, as that one does. What both have under different names must be there once.
    """
    shape = {**dict(current), **dict(older or current)}
    common = {
        field
        for field, part in shape.items()
        if older is None or {(field, part)} <= set(current) & set(older)
    }
    definitions: dict[str, Any] = {
        field: (_type_of(field, part), ... if field in common else Field(default_factory=_nothing))
        for field, part in shape.items()
    }
    choices = [
        {field for field, said in shape.items() if said is part and field not in common}
        for part in dict.fromkeys(shape.values())
    ]
    validators: dict[str, Any] = {
        f"check_{number}": model_validator(mode="after")(_exactly_one_of(choice))
        for number, choice in enumerate(choices)
        if len(choice) > 1
    }
    return create_model(name, __base__=GuildFields, __validators__=validators, **definitions)


def arguments_of(shape: Mapping[str, Part], body: BaseModel) -> dict[str, Any]:
    """Return what a report says, by the names of the use case."""
    return {
        ARGUMENTS[part]: getattr(body, field)
        for field, part in shape.items()
        if part in ARGUMENTS and field in body.model_fields_set
    }


def _type_of(field: str, part: Part) -> Any:
    return _FOREIGN_ID if part is Part.TEXT and field.endswith("_id") else _TYPES[part]


def _nothing() -> None:
    return None


def _exactly_one_of(choice: set[str]) -> Any:
    named = " or ".join(f"`{field}`" for field in sorted(choice))

    def check(body: BaseModel) -> BaseModel:
        if len(choice & body.model_fields_set) != 1:
            raise ill_typed(f"must have either {named}")
        return body

    return check
