"""The reference of what operators set, and of what the bot writes into its log."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from bot.config_source import fields_by_name
from bot.log_events import LOG_EVENTS
from tests.reference.commands import cell_of


def configuration_sections() -> Iterator[str]:
    """Yield a table per section of the configuration."""
    for section, fields in groupby(fields_by_name().items(), key=lambda field: field[0].partition(".")[0]):
        found = list(fields)
        model = found[0][1]
        schema = model.model_json_schema()["properties"]
        yield f"### `[{section}]`\n\n{model.__doc__}\n"
        yield "| field | what it means | default |\n|---|---|---|"
        for name, _model in found:
            field = name.partition(".")[2]
            yield _row(field, schema[field])
        yield ""


def event_table() -> Iterator[str]:
    """Yield the table of what happens that is worth a line."""
    yield "| event | when | fields |"
    yield "|---|---|---|"
    for event in LOG_EVENTS:
        fields = ", ".join(f"`{name}`" for name in event.fields)
        yield f"| `{event.name}` | {cell_of(event.about)} | {fields or '–'} |"


def _row(field: str, schema: dict[str, Any]) -> str:
    about = cell_of(schema["description"])
    bounds = _bounds_of(schema)
    default = schema.get("default")
    shown = "not set" if default is None else f"`{json.dumps(default, ensure_ascii=False)}`"
    return f"| `{field}` | {about}{bounds} | {shown} |"


def _bounds_of(schema: dict[str, Any]) -> str:
    # A field that may be left unset has its bounds one level deeper.
    for choice in (schema, *schema.get("anyOf", ())):
        if "minimum" in choice and "maximum" in choice:
            return f" ({choice['minimum']:,} to {choice['maximum']:,})"
    return ""
