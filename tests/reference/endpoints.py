"""The reference of the HTTP API: read from the routes of the application."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

from bot.web import metrics, probes
from bot.web.application import find_routers
from storage.statistics.catalogue import CATALOGUE, Source
from tests.reference.commands import cell_of

NO_KEY = "none"


def endpoint_sections() -> Iterator[str]:
    """Yield a section per heading of the API's own documentation, with a row per endpoint."""
    routes: dict[str, list[APIRoute]] = {}
    for route in documented_routes():
        routes.setdefault(str(route.tags[0]), []).append(route)
    count = sum(map(len, routes.values()))
    yield f"{count} in all. *Right* is what the key must be allowed: see [Keys](#keys).\n"
    for tag, found in routes.items():
        yield f"### {tag}\n"
        rows = [_row(route) for route in found]
        yield "\n".join(["| method | path | right | what it does |", "|---|---|---|---|", *rows, ""])


def documented_routes() -> list[APIRoute]:
    """Return the endpoints that the API's own documentation has, feature by feature."""
    routers = (*find_routers(), probes.router, metrics.router)
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    return [route for route in routes if route.include_in_schema]


def heard_paths() -> str:
    """Return the paths of reports of what Discord tells the bot itself, as a list."""
    paths = [f"`…/stats/{kind.key}`" for kind in CATALOGUE if kind.source is Source.GATEWAY and kind.intake]
    return "\n".join(f"- {path}" for path in paths)


def _row(route: APIRoute) -> str:
    method = " ".join(route.methods or ())
    extra: dict[str, Any] = route.openapi_extra or {}
    about = route.summary or (route.description or "").partition("\n")[0].rstrip(".")
    mark = " (deprecated)" if route.deprecated else ""
    return f"| {method} | `{route.path}` | {extra.get('x-right', NO_KEY)} | {cell_of(about)}{mark} |"
