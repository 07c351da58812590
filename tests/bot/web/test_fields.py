"""What fields take, what they refuse and how, and how ids and times look in answers."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from bot.errors import BadRequestError, UnprocessableEntityError
from bot.web.fields import (
    ID_MOST,
    WHOLE,
    Fields,
    Flag,
    GuildFields,
    Id,
    Text,
    Whole,
    id_text,
    ill_typed,
    iso_time,
    unprocessable,
)
from bot.web.paging import PAGE_MOST, PAGE_SIZE_MOST, Paging
from bot.web.refusals import describe_fields


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refusal(kind: Any, value: Any) -> tuple[type[Exception], str]:
    """Return the error that a request ends in whose body is this value."""
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    errors = [{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]
    found = describe_fields(errors)
    return type(found), found.message


@given(st.integers(1, ID_MOST))
def test_an_id_is_a_number_or_its_digits_and_comes_back_as_digits(snowflake: int) -> None:
    assert read(Id, snowflake) == read(Id, str(snowflake)) == snowflake
    assert id_text(snowflake) == str(snowflake)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " 5",
        "5 ",
        "five",
        "5.0",
        "0x5",
        "1e3",
        "٥",
        "１",
        "+5",
        "--5",
        5.0,
        True,
        False,
        None,
        [5],
        {},
        "9" * 5000,
    ],
)
def test_what_is_no_id_is_ill_typed(value: Any) -> None:
    assert refusal(Id, value) == (
        BadRequestError,
        "The body must be an id: a whole number, or its digits as text.",
    )


@pytest.mark.parametrize("value", [0, -1, "0", "-7", ID_MOST + 1, str(ID_MOST + 1), "9" * 100])
def test_a_number_that_no_id_can_be_is_out_of_range(value: Any) -> None:
    assert refusal(Id, value)[0] is UnprocessableEntityError


@given(st.integers(1, ID_MOST))
def test_the_schema_of_an_id_takes_what_is_taken(snowflake: int) -> None:
    is_valid = jsonschema_rs.validator_for(TypeAdapter(Id).json_schema()).is_valid
    assert is_valid(snowflake)
    # Those that Discord gives out have 18 or 19 digits, and begin with 9 in the year 2083.
    assert is_valid(str(snowflake)) is (snowflake < 9 * 10**18)
    assert not is_valid(str(ID_MOST + snowflake))


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (1, True), (0, False)])
def test_a_flag_is_a_truth_value_or_one_or_zero(value: Any, expected: bool) -> None:
    assert read(Flag, value) is expected


@pytest.mark.parametrize("value", ["true", "1", 2, -1, 1.0, None, [], "yes"])
def test_anything_else_is_no_flag(value: Any) -> None:
    assert refusal(Flag, value) == (BadRequestError, "The body must be true or false.")


@pytest.mark.parametrize(("value", "expected"), [(5, 5), ("5", 5), ("-5", -5), (0, 0)])
def test_a_whole_number_may_come_as_its_digits(value: Any, expected: int) -> None:
    assert read(Whole, value) == expected


@pytest.mark.parametrize("value", ["x", "5.5", 5.5, 5.0, True, None, "", [1]])
def test_anything_else_is_no_whole_number(value: Any) -> None:
    assert refusal(Whole, value) == (BadRequestError, "The body must be a whole number.")


Days = Annotated[int, Field(ge=1, le=30), WHOLE]


@pytest.mark.parametrize(
    ("value", "rule"), [(0, "greater than or equal to 1"), ("31", "less than or equal to 30")]
)
def test_a_number_outside_of_its_bounds_is_told_the_bound(value: Any, rule: str) -> None:
    assert refusal(Days, value) == (UnprocessableEntityError, f"The body must be {rule}.")


def test_bounds_are_part_of_the_schema() -> None:
    assert TypeAdapter(Days).json_schema() == {"type": "integer", "minimum": 1, "maximum": 30}


@pytest.mark.parametrize("value", ["", "plain", "Grüße 👋", "\U0001f600", "zero\0byte", "a\nb"])
def test_text_of_whole_characters_can_be_stored(value: str) -> None:
    assert read(Text, value) == value


@pytest.mark.parametrize("value", ["\ud800", "half \udc00 sign"])
def test_half_a_character_cannot(value: str) -> None:
    assert refusal(Text, value) == (BadRequestError, "The body must be text of whole characters.")


@pytest.mark.parametrize("value", [5, None, True, ["a"]])
def test_what_is_no_text_is_ill_typed(value: Any) -> None:
    assert refusal(Text, value) == (BadRequestError, "The body must be text.")


class Visit(GuildFields):
    count: Days
    note: Text = ""


def test_a_field_that_is_missing_is_named() -> None:
    assert refusal(Visit, {"count": 3}) == (BadRequestError, "guild_id is missing.")


def test_a_field_that_is_not_known_is_refused() -> None:
    assert refusal(Visit, {"guild_id": 1, "count": 3, "colour": "red"}) == (
        BadRequestError,
        "colour is not a field of this request.",
    )


def test_what_is_no_value_of_its_type_comes_before_what_is_out_of_range() -> None:
    assert refusal(Visit, {"guild_id": 0, "count": 99, "note": 7}) == (BadRequestError, "note must be text.")
    assert refusal(Visit, {"guild_id": 1, "count": 99}) == (
        UnprocessableEntityError,
        "count must be less than or equal to 30.",
    )


@pytest.mark.parametrize("value", [[], "text", 5, None])
def test_a_body_that_is_no_object_is_told(value: Any) -> None:
    assert refusal(Visit, value) == (BadRequestError, "The body must be a JSON object.")


def test_the_errors_of_validators_decide_which_status_fits() -> None:
    def look(value: Any) -> Any:
        raise ill_typed("must be a colour") if value == "x" else unprocessable("names no channel {here}")

    kind = Annotated[str, BeforeValidator(look)]
    assert refusal(kind, "x") == (BadRequestError, "The body must be a colour.")
    assert refusal(kind, "y") == (UnprocessableEntityError, "The body names no channel {here}.")


def test_fields_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        Visit(guild_id=1, count=1).count = 2


def test_what_is_wrong_never_shows_the_value() -> None:
    """It may be a key, or what somebody wrote."""

    class Colour(Fields):
        red: int

    with pytest.raises(ValidationError) as caught:
        Colour.model_validate({"red": "a-secret"})
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("page", "page_size", "status"),
    [(1, PAGE_SIZE_MOST, None), (PAGE_MOST, 1, None), (0, 1, 422), (1, 0, 422), (1, PAGE_SIZE_MOST + 1, 422)],
)
def test_pages_have_bounds(page: int, page_size: int, status: int | None) -> None:
    values = {"page": page, "page_size": page_size}
    if status is None:
        assert read(Paging, values).offset == (page - 1) * page_size
    else:
        assert refusal(Paging, values)[0] is UnprocessableEntityError


def test_a_list_begins_with_its_first_page_of_a_thousand() -> None:
    assert (Paging().offset, Paging().page_size) == (0, 1000)
    assert Paging(page=3, page_size=50).offset == 100


@given(st.integers(-62_000_000_000_000, 253_000_000_000_000))
def test_a_time_is_told_in_utc_with_milliseconds(at_ms: int) -> None:
    text = iso_time(at_ms)
    assert text is not None
    assert text.endswith("Z")
    found = datetime.strptime(text.zfill(24), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert (found - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) == at_ms


def test_what_is_not_known_is_null() -> None:
    assert id_text(None) is None
    assert iso_time(None) is None


def test_a_time_as_the_documentation_has_it() -> None:
    assert iso_time(1_769_886_857_003) == "2026-01-31T19:14:17.003Z"
