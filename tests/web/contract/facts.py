"""What a row of the contract is: one way to call one endpoint, as clients of the systems we replace know it.

Fields are written `name:type`; `name?:type` may be left out, `name~:type` may be left out or null, `name!:type` may be null
(beyond what is published: settings that are read as null can be written so). The types:

- `id`: an integer, or its digits as a string; `place`: an id, or the word `create`;
- `int`, `float`, `flag` (a boolean, or 0 and 1), `text`, `list`;
- `days`: 1 to 30; `page` and `size`: from 1; `kind`: one of the ten types of counters.
"""

from dataclasses import dataclass, field
from enum import StrEnum

PAGES = "page?:page page_size?:size"

BAD = "BadRequestError"
SETTINGS = "SettingsError"
ENABLED = "ModuleEnabledError"
DISABLED = "ModuleDisabledError"
FORBIDDEN = "ForbiddenError"
UNPROCESSABLE = "Unprocessable Entity"
DISCORD = "DiscordApiInteractionError"
DATABASE = "DatabaseError"
INTERNAL = "InternalServerError"

STATUS_OF = {
    BAD: 400,
    "UnauthorizedError": 401,
    FORBIDDEN: 403,
    SETTINGS: 404,
    "NotFoundError": 404,
    "MethodNotAllowedError": 405,
    ENABLED: 409,
    DISABLED: 409,
    "ConflictError": 409,
    "PayloadTooLargeError": 413,
    UNPROCESSABLE: 422,
    "TooManyRequestsError": 429,
    INTERNAL: 500,
    DISCORD: 502,
    DATABASE: 503,
    "ServiceUnavailableError": 503,
}
"""Each name of an error, and its HTTP status."""


class Needs(StrEnum):
    """What a key must be allowed."""

    ANY = "any"
    READ = "read"
    WRITE = "write"
    INTAKE = "intake"
    OPERATOR = "operator"


class Sent(StrEnum):
    """Where the fields go."""

    NOWHERE = "nowhere"
    QUERY = "query"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request."""

    name: str
    type: str
    is_required: bool
    may_be_null: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint with one set of fields; a pair of method and path with two known bodies has two rows."""

    method: str
    path: str
    needs: Needs
    sent: Sent
    fields: tuple[Field, ...]
    errors: tuple[str, ...]
    answer: str
    """The record that `data` is: `nothing`, a name of RECORDS, or `[name]` for a list of it."""
    is_legacy: bool = False
    is_settings: bool = field(default=False)
    """Whether the record has fields of ours behind the published ones, and the body takes other names as well."""

    @property
    def pair(self) -> str:
        """Method and path, which several rows may share."""
        return f"{self.method} {self.path}"

    @property
    def name(self) -> str:
        """How the row is told from all others."""
        return f"{self.pair} (older body)" if self.is_legacy and self.sent is Sent.BODY else self.pair

    @property
    def required(self) -> frozenset[str]:
        """The names of the fields that may not be left out."""
        return frozenset(one.name for one in self.fields if one.is_required)

    @property
    def is_list(self) -> bool:
        """Whether `data` is a list of records."""
        return self.answer.startswith("[")

    @property
    def is_of_a_guild(self) -> bool:
        """Whether the request names a guild."""
        return "guild_id" in self.required


def fields_of(text: str) -> tuple[Field, ...]:
    """Return the fields that are written so; see the module's docstring."""
    fields = []
    for word in text.split():
        name, _, type_name = word.partition(":")
        bare = name.rstrip("?~!")
        mark = name.removeprefix(bare)
        fields.append(Field(bare, type_name, is_required=mark in {"", "!"}, may_be_null=mark in {"~", "!"}))
    return tuple(fields)


def row(
    pair: str,
    needs: Needs,
    fields: str,
    errors: tuple[str, ...],
    answer: str = "nothing",
    *,
    sent: Sent | None = None,
    is_legacy: bool = False,
    is_settings: bool = False,
) -> Row:
    """Return a row; fields go in the query of a GET and in the body of everything else, unless `sent` says otherwise."""
    method, path = pair.split()
    if sent is None:
        sent = Sent.NOWHERE if not fields else Sent.QUERY if method == "GET" else Sent.BODY
    return Row(method, path, needs, sent, fields_of(fields), errors, answer, is_legacy, is_settings)
