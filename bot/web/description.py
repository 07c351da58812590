"""The description of the API as the running bot gives it away: made once, beside everything else, when somebody asks."""

import asyncio
from typing import Final

import orjson
from fastapi import FastAPI, Request, Response

PATH: Final = "/openapi.json"


class Description:
    """Takes the place of FastAPI's own answer, which would hold up all that the bot does for over a second."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._body: bytes | None = None
        self._making = asyncio.Lock()
        app.router.routes[:] = [route for route in app.router.routes if getattr(route, "path", None) != PATH]
        app.add_route(PATH, self._answer, methods=["GET"], include_in_schema=False)

    async def _answer(self, _request: Request) -> Response:
        async with self._making:
            if self._body is None:
                self._body = await asyncio.to_thread(self._make)
        return Response(self._body, media_type="application/json")

    def _make(self) -> bytes:
        return orjson.dumps(self._app.openapi())
