"""The errors that a use case can end in: what people read of them, and the HTTP status that fits.

The names are those that clients of the systems we replace already know.
"""

from typing import ClassVar


class HeadcountError(Exception):
    """A refusal or failure that a person is told about in one sentence; nothing was changed."""

    name: ClassVar[str] = "InternalServerError"
    status: ClassVar[int] = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequestError(HeadcountError):
    """A field is missing or of the wrong type."""

    name = "BadRequestError"
    status = 400


class UnprocessableEntityError(HeadcountError):
    """A value is out of range, or names something that does not exist."""

    name = "Unprocessable Entity"
    status = 422


class ForbiddenError(HeadcountError):
    """The person may not do this; the sentence names the permission."""

    name = "ForbiddenError"
    status = 403


class UnauthorizedError(HeadcountError):
    """A request without a key, or with one that nobody has."""

    name = "UnauthorizedError"
    status = 401


class TooManyRequestsError(HeadcountError):
    """More requests than a key may make."""

    name = "TooManyRequestsError"
    status = 429


class PayloadTooLargeError(HeadcountError):
    """The body of a request is larger than any that makes sense."""

    name = "PayloadTooLargeError"
    status = 413


class NotReadyError(HeadcountError):
    """The bot has just started and does not know its servers yet, or is stopping."""

    name = "ServiceUnavailableError"
    status = 503


class SettingsError(HeadcountError):
    """The bot is not in this server."""

    name = "SettingsError"
    status = 404


class ModuleEnabledError(HeadcountError):
    """The module is enabled already."""

    name = "ModuleEnabledError"
    status = 409


class ModuleDisabledError(HeadcountError):
    """The module is not enabled in this server."""

    name = "ModuleDisabledError"
    status = 409


class DiscordRefusedError(HeadcountError):
    """Discord refused, or the bot lacks the permission; the sentence names it."""

    name = "DiscordApiInteractionError"
    status = 502


class DatabaseError(HeadcountError):
    """The database could not be read or written."""

    name = "DatabaseError"
    status = 503


class ConflictError(HeadcountError):
    """Somebody else changed the same thing in the meantime."""

    name = "ConflictError"
    status = 409
