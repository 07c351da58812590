"""How features declare endpoints: with the right that they need, the errors that they end in, and what they answer.

Every handler is wrapped, so that none can forget that a key of one guild reaches no other.
"""

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Literal

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.routing import Match
from starlette.types import Scope

from bot.errors import (
    BadRequestError,
    DatabaseError,
    ForbiddenError,
    HeadcountError,
    NotReadyError,
    PayloadTooLargeError,
    TooManyRequestsError,
    UnauthorizedError,
    UnprocessableEntityError,
)
from bot.web.callers import Right, current_caller
from bot.web.envelope import TOTAL_HEADER, Answer, Failure, Nothing

Method = Literal["GET", "POST", "PUT", "DELETE"]
Handler = Callable[..., Awaitable[Response]]

_EVERYWHERE: Final = (
    BadRequestError,
    UnauthorizedError,
    ForbiddenError,
    PayloadTooLargeError,
    UnprocessableEntityError,
    TooManyRequestsError,
    HeadcountError,
    DatabaseError,
    NotReadyError,
)
_BEARER: Final = HTTPBearer(auto_error=False, description="A key, made with `/api_key create` at Discord.")
_HEADER: Final = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="The same key, in another header."
)


class _Route(APIRoute):
    """A route whose path, when nothing in it varies, is compared as a whole: a request comes past nearly all of them."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the request is for this route (Starlette)."""
        if not self.param_convertors and scope["path"] != self.path:
            return Match.NONE, {}
        return super().matches(scope)


class ApiRouter(APIRouter):
    """Endpoints of a feature."""

    def __init__(self, prefix: str, tag: str) -> None:
        """`tag` is the heading under which the documentation shows them."""
        super().__init__(
            prefix=prefix,
            tags=[tag],
            dependencies=[Security(_BEARER), Security(_HEADER)],
            route_class=_Route,
        )

    def endpoint(
        self,
        method: Method,
        path: str,
        *,
        right: Right | None,
        data: Any = Nothing,
        errors: Sequence[type[HeadcountError]] = (),
        operator_only: bool = False,
        is_bare: bool = False,
        is_deprecated: bool = False,
        in_schema: bool = True,
        summary: str | None = None,
        description: str | None = None,
        operation_id: str | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated function as the endpoint of this method and path.

        `right` None: any key will do. `data` is the type of what it answers, `is_bare`: without the envelope. `errors` are
        those of its own, besides what every endpoint can answer. The docstring becomes the documentation.
        """

        def declare(handler: Handler) -> Handler:
            is_list = getattr(data, "__origin__", None) is list
            self.add_api_route(
                path,
                _guarded(handler),
                methods=[method],
                dependencies=[Depends(_requirement(right, operator_only=operator_only))],
                response_model=data if is_bare else Answer[data],
                responses=_documented([*_EVERYWHERE, *errors], is_list=is_list),
                deprecated=is_deprecated or None,
                include_in_schema=in_schema,
                summary=summary or _first_line(handler),
                description=description,
                operation_id=operation_id or handler.__name__,
                openapi_extra={"x-right": "operator" if operator_only else right.value if right else "any"},
            )
            return handler

        return declare


def provided(service_type: type[Any]) -> Any:
    """Return the dependency that gives a handler the service of this type, which a module has registered."""

    async def find(request: Request) -> Any:
        service = request.app.state.context.find_service(service_type)
        if service is None:
            raise NotReadyError("I am still starting; try again in a moment.")
        return service

    return Depends(find)


def _first_line(handler: Handler) -> str | None:
    """Return what the documentation shows while an endpoint is folded up."""
    return (handler.__doc__ or "").strip().partition("\n")[0].rstrip(".") or None


def _requirement(right: Right | None, *, operator_only: bool) -> Callable[[], Awaitable[None]]:
    async def require() -> None:
        caller = current_caller()
        if operator_only:
            caller.require_operator()
        if right is not None:
            caller.require(right)

    return require


def _guarded(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def guarded(**values: Any) -> Response:
        caller = current_caller()
        for name, value in values.items():
            guild_id = value if name == "guild_id" else getattr(value, "guild_id", None)
            if isinstance(guild_id, int):
                caller.require_guild(guild_id)
        return await handler(**values)

    return guarded


def _documented(errors: Sequence[type[HeadcountError]], *, is_list: bool) -> dict[int | str, dict[str, Any]]:
    names: dict[int, list[str]] = {}
    for error in errors:
        names.setdefault(error.status, []).append(error.name)
    responses: dict[int | str, dict[str, Any]] = {
        status: {"model": Failure, "description": " or ".join(dict.fromkeys(names[status]))}
        for status in sorted(names)
    }
    if is_list:
        header = {"description": "How many entries all pages have.", "schema": {"type": "integer"}}
        responses[200] = {"headers": {TOTAL_HEADER: header}}
    return responses
