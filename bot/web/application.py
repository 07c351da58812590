"""The application: the endpoints of all features behind the gate, and their documentation."""

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from bot import __version__
from bot.client import EXTENSIONS
from bot.web import metrics, probes
from bot.web.context import WebContext
from bot.web.description import Description
from bot.web.envelope import TOTAL_HEADER
from bot.web.gate import Gate
from bot.web.metrics import Metrics, RequestWatch
from bot.web.refusals import install_refusals
from bot.web.routing import ApiRouter

TITLE: Final = "Headcount"
ABOUT: Final = """
Who brought whom, and how a server lives.

**Keys:** send one with every request, as `Authorization: Bearer …` or as `X-API-Key`. Administrators make them with
`/api_key create` at Discord. A key belongs to one server, and to the rights that it was given.

**Answers** are `{"success": true, "data": …}`. Lists come in pages; the header `X-Total-Count` tells how long the whole
list is.

**Errors** have the HTTP status as `code`, and a `message` that begins with the name of the error:

```json
{"success": false, "data": {}, "error": {"code": 404, "message": "SettingsError! I am not in this server."}}
```
"""
FAVICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E"
    "%3Cpath d=%22M2 9h3v5H2zM6.5 5h3v9h-3zM11 2h3v12h-3z%22 fill=%22%235865f2%22/%3E%3C/svg%3E"
)
EXPOSED_HEADERS: Final = (
    TOTAL_HEADER,
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
)


def find_routers() -> tuple[ApiRouter, ...]:
    """Return the routers of all features: each may have a module `routes` with the tuple `ROUTERS`."""
    found: list[ApiRouter] = []
    for extension in EXTENSIONS:
        name = f"{extension}.routes"
        if importlib.util.find_spec(name) is not None:
            found += importlib.import_module(name).ROUTERS
    return tuple(found)


def make_application(routers: Sequence[ApiRouter]) -> FastAPI:
    """Return the application without a bot behind it: enough to describe it."""
    app = FastAPIOffline(
        title=TITLE,
        version=__version__,
        description=ABOUT,
        redoc_url=None,
        static_url="/docs/static",
        favicon_url=FAVICON,
        swagger_ui_parameters={"docExpansion": "none", "defaultModelsExpandDepth": -1, "filter": True},
        redirect_slashes=False,
    )
    for router in (*routers, probes.router, metrics.router):
        # `include_router` would copy each route when a request first comes past it: the first ones would hold everything
        # up for a second.
        app.router.routes.extend(router.routes)
    install_refusals(app)
    return app


def open_application(routers: Sequence[ApiRouter], context: WebContext) -> FastAPI:
    """Return the application of a running bot."""
    app = make_application(routers)
    app.state.context = context
    Description(app)
    app.state.metrics = Metrics(context)
    app.add_middleware(Gate, context=context)
    if context.config.cors_origins:
        # Outside of the gate: a browser asks first, without a key.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=context.config.cors_origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type"],
            expose_headers=EXPOSED_HEADERS,
        )
    # Around everything: what the gate refuses counts as well.
    app.add_middleware(RequestWatch, metrics=app.state.metrics, clock=context.clock)
    return app
