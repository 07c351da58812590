"""The configuration as TOML: the commented example, and what is in effect."""

import textwrap
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, SecretStr

from bot.config_source import Loaded, fields_by_name, variable_for

MASK = "•••• (set)"

# What the example shows for fields that have no default.
_EXAMPLES: dict[str, Any] = {
    "discord.token": "the token",
    "discord.token_file": "token.txt",
    "discord.api_base": "https://discord.com/api/v10",
    "discord.gateway_url": "wss://gateway.discord.gg",
    "discord.shard_count": 2,
    "discord.command_guild_id": 123456789012345678,
    "http.operator_key": "32 characters or more",
    "http.operator_key_file": "operator-key.txt",
    "links.documentation": "https://example.org/headcount",
}

_EXAMPLE_HEAD = """\
# Headcount's configuration. Copy it to config.toml and take the # away where you want another value.
# Every field can be set in the environment as well, which wins: HEADCOUNT_<SECTION>__<FIELD>, for example
# {variable}. HEADCOUNT_CONFIG names another file than ./config.toml.
# `python -m bot config` shows what is in effect, and where each value comes from.
"""


def render_example() -> str:
    """Return config.example.toml: every field with its meaning, its range and its default, commented out."""
    lines = [_EXAMPLE_HEAD.format(variable=variable_for("discord.token"))]
    section = ""
    for name, model in fields_by_name().items():
        here, _, field = name.partition(".")
        if here != section:
            section = here
            lines.append(f"# {model.__doc__}\n[{section}]")
        info = model.model_fields[field]
        comment = " ".join(filter(None, (info.description, _range_of(model, field))))
        lines.extend(textwrap.wrap(comment, 108, initial_indent="# ", subsequent_indent="# "))
        value = _EXAMPLES.get(name, info.default)
        lines.append(f"#{field} = {_toml(value)}" + ("\n" if _is_last(model, field) else ""))
    return "\n".join(lines).rstrip() + "\n"


def render_effective(loaded: Loaded) -> str:
    """Return the configuration in effect: secrets masked, each value with where it comes from."""
    lines: list[str] = []
    section = ""
    for name in fields_by_name():
        here, _, field = name.partition(".")
        if here != section:
            section = here
            lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        value = getattr(getattr(loaded.config, section), field)
        origin = loaded.origins.get(name, "default")
        # TOML has no word for "nothing".
        lines.append(f"# {field} is not set" if value is None else f"{field} = {_toml(value)}  # {origin}")
    return "\n".join(lines) + "\n"


def _range_of(model: type[BaseModel], field: str) -> str:
    limits: dict[str, Any] = {}
    for constraint in model.model_fields[field].metadata:
        limits |= {key: getattr(constraint, key) for key in ("ge", "le") if hasattr(constraint, key)}
    return f"({limits['ge']} to {limits['le']})" if len(limits) == 2 else ""


def _is_last(model: type[BaseModel], field: str) -> bool:
    return field == list(model.model_fields)[-1]


def _toml(value: Any) -> str:
    match value:
        case SecretStr():
            return f'"{MASK}"'
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case str() | Path():
            # A JSON string is a TOML basic string, but for one control character that JSON leaves alone.
            return orjson.dumps(str(value)).decode().replace("\x7f", "\\u007f")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
