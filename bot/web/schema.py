"""The description of the HTTP API as a file: OpenAPI, made without a bot, a database or a key."""

import orjson

from bot.web.application import find_routers, make_application


def render_schema() -> str:
    """Return the OpenAPI document as JSON: the same text for the same program."""
    document = make_application(find_routers()).openapi()
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
