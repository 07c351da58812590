"""What every endpoint has without saying so: its right, its guild, its documentation; and that no feature can forget them."""

import inspect
from collections.abc import AsyncIterator
from dataclasses import fields, is_dataclass, replace
from typing import Annotated, Any, get_args

import httpx
import pytest
from fastapi import Body, Query, Response
from fastapi.routing import APIRoute

from bot.errors import ModuleDisabledError, SettingsError
from bot.web.application import find_routers, make_application
from bot.web.callers import Caller, Right, calling, current_caller
from bot.web.envelope import success
from bot.web.fields import Fields, GuildFields, Id, Record
from bot.web.routing import ApiRouter, provided
from storage.database import Database
from tests.bot.web.http_servers import AS_OPERATOR, asking, message_of

HOME, ELSEWHERE = 5, 6


class ThingRecord(Record):
    """A thing."""

    name: str


class ThingFields(GuildFields):
    name: str = ""


class Shelf:
    """A use case of a feature."""


router = ApiRouter("/things", "Things")


@router.endpoint("GET", "/all", right=Right.READ, data=list[ThingRecord], errors=(SettingsError,))
async def list_things(query: Annotated[GuildFields, Query()]) -> Response:
    """List the things of a server.

    Twice the same thing is one.
    """
    return success([ThingRecord(name="lamp")], total=7)


@router.endpoint("POST", "/new", right=Right.WRITE, errors=(SettingsError, ModuleDisabledError))
async def make_thing(body: Annotated[ThingFields, Body()]) -> Response:
    """Make a thing."""
    return success()


@router.endpoint("PUT", "/report", right=Right.INTAKE)
async def report_thing(body: Annotated[ThingFields, Body()], query: Annotated[Fields, Query()]) -> Response:
    """Report a thing."""
    return success()


@router.endpoint("GET", "/servers/{guild_id}", right=Right.READ)
async def look_at_server(guild_id: Id) -> Response:
    """Look at a server that the path names."""
    return success({"guild_id": guild_id})


@router.endpoint("DELETE", "/everything", right=Right.WRITE, operator_only=True)
async def clear_everything() -> Response:
    """Delete the things of all servers."""
    return success()


@router.endpoint("GET", "/shelf", right=None)
async def find_shelf(shelf: Annotated[Shelf, provided(Shelf)]) -> Response:
    """Find what a module brings."""
    return success()


Client = tuple[Any, httpx.AsyncClient]


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with asking(database, router) as both:
        yield both


async def headers_of(bot: Any, *rights: Right, guild_id: int = HOME) -> dict[str, str]:
    new = await bot.parts.api_keys.create(guild_id, " ".join(rights), frozenset(rights), None)
    return {"X-API-Key": new.text}


REQUESTS: dict[Right, tuple[str, str, dict[str, Any]]] = {
    Right.READ: ("GET", "/things/all", {"params": {"guild_id": HOME}}),
    Right.WRITE: ("POST", "/things/new", {"json": {"guild_id": HOME}}),
    Right.INTAKE: ("PUT", "/things/report", {"json": {"guild_id": HOME}}),
}


@pytest.mark.parametrize("right", Right)
async def test_an_endpoint_needs_its_right_and_no_other(client: Client, right: Right) -> None:
    bot, http = client
    method, path, request = REQUESTS[right]
    others = [one for one in Right if one is not right]
    refused = await http.request(method, path, headers=await headers_of(bot, *others), **request)
    assert message_of(refused, 403) == f"ForbiddenError! This key does not have the right `{right.value}`."
    answer = await http.request(method, path, headers=await headers_of(bot, right), **request)
    assert answer.status_code == 200
    assert (await http.request(method, path, headers=AS_OPERATOR, **request)).status_code == 200


async def test_the_right_is_asked_for_before_the_fields(client: Client) -> None:
    bot, http = client
    answer = await http.post("/things/new", headers=await headers_of(bot, Right.READ), json={"x": 1})
    assert message_of(answer, 403)


@pytest.mark.parametrize(
    ("method", "path", "request_fields"),
    [
        ("GET", "/things/all", {"params": {"guild_id": ELSEWHERE}}),
        ("POST", "/things/new", {"json": {"guild_id": str(ELSEWHERE)}}),
        ("PUT", "/things/report", {"json": {"guild_id": ELSEWHERE}}),
        ("GET", f"/things/servers/{ELSEWHERE}", {}),
    ],
    ids=["query", "body", "body beside a query", "path"],
)
async def test_a_key_reaches_its_own_server_only_wherever_the_server_stands(
    client: Client, method: str, path: str, request_fields: dict[str, Any]
) -> None:
    bot, http = client
    refused = await http.request(method, path, headers=await headers_of(bot, *Right), **request_fields)
    assert message_of(refused, 403) == "ForbiddenError! This key belongs to another server."
    assert (await http.request(method, path, headers=AS_OPERATOR, **request_fields)).status_code == 200


async def test_what_is_for_the_operator_is_for_no_key_of_a_server(client: Client) -> None:
    bot, http = client
    refused = await http.delete("/things/everything", headers=await headers_of(bot, *Right))
    assert message_of(refused, 403) == "ForbiddenError! Only the operator's key may do this."
    assert (await http.delete("/things/everything", headers=AS_OPERATOR)).status_code == 200


async def test_a_service_whose_module_is_not_loaded_yet_is_told(client: Client) -> None:
    answer = await client[1].get("/things/shelf", headers=AS_OPERATOR)
    assert message_of(answer, 503).startswith("ServiceUnavailableError! I am still starting")


async def test_a_list_tells_how_long_it_is_in_a_header(client: Client) -> None:
    answer = await client[1].get("/things/all", headers=AS_OPERATOR, params={"guild_id": "5"})
    assert answer.json() == {"success": True, "data": [{"name": "lamp"}]}
    assert answer.headers["x-total-count"] == "7"


def test_nobody_calls_outside_of_a_request() -> None:
    caller = Caller("website", frozenset(), HOME, "0a1b2c3d")
    with calling(caller):
        assert current_caller() is caller
    with pytest.raises(Exception, match="A key is needed"):
        current_caller()
    assert not caller.is_operator
    assert replace(caller, guild_id=None).is_operator


# The documentation


@pytest.fixture(scope="module")
def operations() -> dict[str, dict[str, Any]]:
    schema = make_application((router,)).openapi()
    return {one["operationId"]: one for path in schema["paths"].values() for one in path.values()}


def test_the_docstring_is_the_documentation(operations: dict[str, Any]) -> None:
    one = operations["list_things"]
    assert one["description"].startswith("List the things of a server.\n\nTwice")
    assert one["summary"] == "List the things of a server"
    assert one["tags"] == ["Things"]
    assert one["x-right"] == "read"
    assert operations["clear_everything"]["x-right"] == "operator"
    assert operations["find_shelf"]["x-right"] == "any"


def test_the_errors_of_an_endpoint_are_documented_with_those_of_all(operations: dict[str, Any]) -> None:
    described = {code: one["description"] for code, one in operations["make_thing"]["responses"].items()}
    assert described["404"] == "SettingsError"
    assert described["409"] == "ModuleDisabledError"
    assert described["503"] == "DatabaseError or ServiceUnavailableError"
    assert {"200", "400", "401", "403", "413", "422", "429", "500"} <= described.keys()
    assert "404" not in operations["look_at_server"]["responses"]


def test_a_list_has_its_header_documented(operations: dict[str, Any]) -> None:
    assert "X-Total-Count" in operations["list_things"]["responses"]["200"]["headers"]
    assert "headers" not in operations["make_thing"]["responses"]["200"]


def test_a_key_is_documented_where_one_is_needed(operations: dict[str, Any]) -> None:
    assert operations["list_things"]["security"] == [{"HTTPBearer": []}, {"APIKeyHeader": []}]
    assert "security" not in operations["livez"]


# All features


def endpoints_of_all_features() -> list[APIRoute]:
    return [route for one in find_routers() for route in one.routes if isinstance(route, APIRoute)]


def test_no_feature_has_an_endpoint_around_the_checks() -> None:
    routers = find_routers()
    assert all(type(one) is ApiRouter for one in routers)
    for route in endpoints_of_all_features():
        assert route.openapi_extra is not None, route.path
        assert "x-right" in route.openapi_extra, route.path


def names_in(kind: Any) -> set[str]:
    """Return the fields of everything that an annotation is made of."""
    found = set(getattr(kind, "model_fields", ()))
    if is_dataclass(kind):
        found |= {one.name for one in fields(kind)}
    return found.union(*map(names_in, get_args(kind)))


def test_every_endpoint_is_about_one_server_or_for_the_operator_or_tells_nothing() -> None:
    """A key can only be kept from another server where the request says which server it is about."""
    loose = []
    for route in endpoints_of_all_features():
        parameters = inspect.signature(inspect.unwrap(route.endpoint)).parameters.values()
        names = {parameter.name for parameter in parameters}
        names = names.union(*(names_in(parameter.annotation) for parameter in parameters))
        is_for_operator = (route.openapi_extra or {}).get("x-right") == "operator"
        if names and "guild_id" not in names and not is_for_operator:
            loose.append(f"{route.methods} {route.path}")
    assert loose == []
