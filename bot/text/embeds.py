"""Embed messages: the JSON object that embed builders export, checked against Discord's limits when saved.

Limits: Discord documentation, Message Resource, Embed Limits. That there are at most five embeds is our own
limit. Other keys are ignored.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, NoReturn, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.text.language import _
from bot.text.templates import TemplateError, units
from bot.text.variables import VARIABLES

MAX_EMBEDS = 5
MAX_TITLE = 256
MAX_DESCRIPTION = 4096
MAX_FIELDS = 25
MAX_FIELD_NAME = 256
MAX_FIELD_VALUE = 1024
MAX_FOOTER = 2048
MAX_AUTHOR = 256
MAX_TOTAL = 6000
MAX_URL = 2048

ISO_VARIABLE = "<current_datetime_iso>"
_URL_VARIABLES = frozenset(f"<{variable.name}>" for variable in VARIABLES if variable.name.endswith("_url"))
_HOST = re.compile(r"[^\s<>\"'\\/@?#]+\.[^\s<>\"'\\/@?#]+")


def is_web_address(text: str) -> bool:
    """Whether Discord accepts this as the address of a link or picture."""
    if len(text) > MAX_URL or re.search(r"\s", text):
        return False
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises ValueError when the port is none
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(_HOST.fullmatch(parts.netloc))


def parse_timestamp(text: str) -> datetime | None:
    """Return an ISO 8601 time, or None when it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _check_url(text: str) -> str:
    if text not in _URL_VARIABLES and not is_web_address(text):
        raise PydanticCustomError("url", "no address")
    return text


def _check_timestamp(text: str) -> str:
    if text != ISO_VARIABLE and parse_timestamp(text) is None:
        raise PydanticCustomError("timestamp", "no time")
    return text


def _none_if_blank(given: Any) -> Any:
    # Builders export what is not filled in as null, as empty text, or as an object of such.
    parts = given.values() if isinstance(given, dict) else [given]
    is_blank = all(part is None or (isinstance(part, str) and not part.strip()) for part in parts)
    return None if is_blank else given


_Blankable = BeforeValidator(_none_if_blank)
_Url = Annotated[str, AfterValidator(_check_url)]
_OptionalUrl = Annotated[_Url | None, _Blankable]


def _filled(max_length: int) -> StringConstraints:
    # `strip_whitespace` would change what is shown; the pattern only asks for something to see.
    return StringConstraints(max_length=max_length, pattern=r"\S")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class EmbedFooter(_Part):
    """The line under an embed; without markdown."""

    text: Annotated[str, _filled(MAX_FOOTER)]
    icon_url: _OptionalUrl = None


class EmbedAuthor(_Part):
    """The line above an embed; without markdown."""

    name: Annotated[str, _filled(MAX_AUTHOR)]
    url: _OptionalUrl = None
    icon_url: _OptionalUrl = None


class EmbedImage(_Part):
    """A picture or thumbnail."""

    url: _Url


class EmbedField(_Part):
    """A titled paragraph."""

    name: Annotated[str, _filled(MAX_FIELD_NAME)]
    value: Annotated[str, _filled(MAX_FIELD_VALUE)]
    inline: Annotated[bool, BeforeValidator(lambda given: False if given is None else given)] = False


class EmbedTemplate(_Part):
    """One embed, with variables in its texts and addresses."""

    title: Annotated[Annotated[str, StringConstraints(max_length=MAX_TITLE)] | None, _Blankable] = None
    description: Annotated[
        Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION)] | None, _Blankable
    ] = None
    url: _OptionalUrl = None
    color: Annotated[int, Field(ge=0, le=0xFFFFFF)] | None = None
    timestamp: Annotated[Annotated[str, AfterValidator(_check_timestamp)] | None, _Blankable] = None
    author: Annotated[EmbedAuthor | None, _Blankable] = None
    footer: Annotated[EmbedFooter | None, _Blankable] = None
    image: Annotated[EmbedImage | None, _Blankable] = None
    thumbnail: Annotated[EmbedImage | None, _Blankable] = None
    fields: Annotated[
        tuple[EmbedField, ...],
        Field(max_length=MAX_FIELDS, strict=False),
        BeforeValidator(lambda given: () if given is None else given),
    ] = ()

    @model_validator(mode="after")
    def _require_something_to_see(self) -> Self:
        if not (self.image or self.thumbnail or any(True for _text in self.visible_texts())):
            raise PydanticCustomError("empty", "nothing to see")
        return self

    def visible_texts(self) -> Iterator[str]:
        """Yield the texts that count towards Discord's total."""
        yield from filter(None, (self.title, self.description))
        if self.author:
            yield self.author.name
        if self.footer:
            yield self.footer.text
        for field in self.fields:
            yield field.name
            yield field.value

    def all_texts(self) -> Iterator[str]:
        """Yield everything in which variables are replaced."""
        yield from self.visible_texts()
        yield from filter(None, (self.url, self.timestamp))
        for part in (self.author, self.footer, self.image, self.thumbnail):
            yield from filter(None, (getattr(part, "url", None), getattr(part, "icon_url", None)))


class EmbedMessage(_Part):
    """The embeds of one message."""

    embeds: Annotated[tuple[EmbedTemplate, ...], Field(min_length=1, max_length=MAX_EMBEDS, strict=False)]

    @model_validator(mode="after")
    def _limit_total(self) -> Self:
        total = sum(units(text) for embed in self.embeds for text in embed.visible_texts())
        if total > MAX_TOTAL:
            raise PydanticCustomError("total", "too much text", {"total": total})
        return self


def parse_embeds(text: str) -> EmbedMessage:
    """Return the checked embeds of a JSON text; raises TemplateError naming the first field that is wrong."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise TemplateError(
            _(
                "The embed is not valid JSON: line {line}, column {column}: {reason}.",
                line=error.lineno,
                column=error.colno,
                reason=reason,
            )
        ) from None
    except RecursionError:
        raise TemplateError(_("The embed is not valid JSON: it is nested too deeply.")) from None
    except ValueError:
        # Python reads no whole number of more than 4300 digits.
        raise TemplateError(_("The embed is not valid JSON: a number in it is too long.")) from None
    if not isinstance(document, dict) or "embeds" not in document:
        raise TemplateError(_('The embed JSON must be an object with a list `embeds`: {"embeds": [ … ]}.'))
    try:
        return EmbedMessage.model_validate(document)
    except ValidationError as error:
        raise TemplateError(_sentence(error.errors()[0])) from None


def _refuse_constant(name: str) -> NoReturn:
    raise TemplateError(_("The embed is not valid JSON: {name} is no JSON number.", name=name))


def _sentence(error: ErrorDetails) -> str:
    limits: dict[str, Any] = error.get("ctx", {})
    field = _path(error["loc"])
    match error["type"]:
        case "missing":
            return _("{field} is missing.", field=field)
        case "string_too_long":
            limit = limits["max_length"]
            return _("{field} is longer than {limit} characters.", field=field, limit=limit)
        case "string_pattern_mismatch":
            return _("{field} is empty.", field=field)
        case "too_long":
            # `actual_length` stops one past the limit.
            limit = limits["max_length"]
            return _("{field} has more than {limit} entries.", field=field, limit=limit)
        case "too_short":
            return _("{field} is empty; at least one embed is needed.", field=field)
        case "string_type" | "string_unicode":
            return _("{field} must be text.", field=field)
        case "int_type" | "int_from_float" | "greater_than_equal" | "less_than_equal" | "int_parsing_size":
            return _("{field} must be a whole number from 0 to {limit}.", field=field, limit=0xFFFFFF)
        case "bool_type":
            return _("{field} must be true or false.", field=field)
        case "tuple_type":
            return _("{field} must be a list.", field=field)
        case "model_type" | "model_attributes_type":
            return _("{field} must be an object.", field=field)
        case "url":
            return _(
                "{field} must be an http or https address, or a variable such as `<user_avatar_url>`.",
                field=field,
            )
        case "timestamp":
            return _("{field} must be a time in ISO 8601, or `<current_datetime_iso>`.", field=field)
        case "empty":
            return _(
                "{field} is empty; give it a title, description, author, footer, field, image or thumbnail.",
                field=field,
            )
        case "total":
            return _(
                "embeds hold {total} characters of text in all; Discord allows {limit}.",
                total=limits["total"],
                limit=MAX_TOTAL,
            )
        case _unforeseen:
            return f"{field} {error['msg']}."


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".")
