"""Reading the configuration: the TOML file, the environment over it, one sentence for whatever is wrong."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from bot.config import Config

DEFAULT_PATH = Path("config.toml")
PATH_VARIABLE = "HEADCOUNT_CONFIG"
PREFIX = "HEADCOUNT_"
OPERATOR_KEY_LEAST = 32

# Fields whose value never appears in a message, even when it is wrong.
_UNTOLD = frozenset(
    {
        "discord.token",
        "discord.token_file",
        "discord.api_base",
        "discord.gateway_url",
        "http.operator_key",
        "http.operator_key_file",
    }
)


class ConfigError(Exception):
    """The configuration cannot be used; the message is one sentence that names the field and its origin."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, and where its values come from.

    `origins` maps `section.field` to the name of the file or the environment variable; defaults are absent.
    """

    config: Config
    origins: Mapping[str, str]


def load_config(path: Path | None = None) -> Loaded:
    """Read the configuration file, then the environment, which wins.

    The file is `path`, or what HEADCOUNT_CONFIG names, or config.toml in the working directory; only the
    last may be missing. Raises ConfigError.
    """
    file_values, file_name = _read_file(path)
    environment_values, variables = _read_environment()
    for section, field in (("discord", "token"), ("http", "operator_key")):
        for given, other in ((field, f"{field}_file"), (f"{field}_file", field)):
            if given in environment_values.get(section, {}):
                file_values.get(section, {}).pop(other, None)

    origins: dict[str, str] = {}
    merged: dict[str, Any] = {}
    for values, origin in ((file_values, file_name), (environment_values, None)):
        for section, fields in values.items():
            if not isinstance(fields, dict):
                merged[section] = fields
                origins[section] = file_name
                continue
            merged.setdefault(section, {}).update(fields)
            for field in fields:
                name = f"{section}.{field}"
                origins[name] = origin or variables.get(name, PREFIX)
    try:
        config = Config(**merged)
    except ValidationError as error:
        raise ConfigError(_sentence_for(error.errors()[0], origins, file_name)) from None
    return Loaded(config, origins)


def read_token(config: Config) -> str:
    """Return the bot's token, from the configuration or from the file that it names; raises ConfigError."""
    if config.discord.token is not None:
        return _check_token(config.discord.token.get_secret_value(), "discord.token")
    if config.discord.token_file is None:
        raise ConfigError(
            "There is no token: set HEADCOUNT_DISCORD__TOKEN, or discord.token_file in the configuration "
            "file (Developer Portal → your application → Bot → Reset Token)."
        )
    return _check_token(
        _read_secret_file(config.discord.token_file, "discord.token_file", "a token"),
        "The file that discord.token_file names",
    )


def read_operator_key(config: Config) -> str | None:
    """Return the key of the operator for the HTTP API, None when there is none; raises ConfigError for one that is short."""
    http = config.http
    if http.operator_key is not None:
        key, subject = http.operator_key.get_secret_value(), "http.operator_key"
    elif http.operator_key_file is not None:
        key = _read_secret_file(http.operator_key_file, "http.operator_key_file", "a key")
        subject = "The file that http.operator_key_file names"
    else:
        return None
    key = key.strip()
    if len(key) < OPERATOR_KEY_LEAST or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(
            f"{subject} does not hold a key: that is one word of {OPERATOR_KEY_LEAST} characters or more "
            "(`openssl rand -hex 32` makes one)."
        )
    return key


def _read_secret_file(path: Path, field: str, what: str) -> str:
    # The path itself stays untold: a secret put here by mistake would end up on the screen.
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"The file that {field} names cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"The file that {field} names does not hold {what}.") from None
    if not text.strip():
        raise ConfigError(f"The file that {field} names is empty.")
    return text


def _check_token(text: str, subject: str) -> str:
    """Return the token without the white space around it; refuse what cannot stand in the header of a request."""
    token = text.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"{subject} does not hold a token: that is one word of letters, digits, dots, dashes and underscores."
        )
    return token


def fields_by_name() -> dict[str, type[BaseModel]]:
    """Return every `section.field` there is, in order, with the model of its section."""
    return {
        f"{section}.{field}": model
        for section, info in Config.model_fields.items()
        if isinstance(model := info.annotation, type) and issubclass(model, BaseModel)
        for field in model.model_fields
    }


def variable_for(name: str) -> str:
    """Return the environment variable that sets `section.field`."""
    return PREFIX + name.replace(".", "__").upper()


def _read_file(path: Path | None) -> tuple[dict[str, Any], str]:
    named = path or (Path(os.environ[PATH_VARIABLE]) if os.environ.get(PATH_VARIABLE) else None)
    file = named or DEFAULT_PATH
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream), str(file)
    except FileNotFoundError:
        if named is not None:
            raise ConfigError(f"The configuration file {file} does not exist.") from None
        return {}, str(file)
    except OSError as error:
        raise ConfigError(f"The configuration file {file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not valid TOML: {error}.") from None


def _read_environment() -> tuple[dict[str, Any], dict[str, str]]:
    known = {variable_for(name): name for name in fields_by_name()}
    by_loose_spelling = {variable.replace("__", "_"): variable for variable in known}
    variables: dict[str, str] = {}
    for variable, value in os.environ.items():
        # An empty variable is how people switch one off, here and in EnvSettingsSource.
        if not value:
            continue
        spelled = variable.upper()
        if spelled in known:
            variables[known[spelled]] = variable
        elif spelled in by_loose_spelling:
            raise ConfigError(
                f"The environment variable {variable} is not known; write {by_loose_spelling[spelled]}."
            )
        elif spelled.startswith(PREFIX) and (
            "__" in spelled or spelled.removeprefix(PREFIX).lower() in Config.model_fields
        ):
            hint = _suggest(spelled, known)
            raise ConfigError(f"The environment variable {variable} is not known{hint}.")
    return EnvSettingsSource(Config)(), variables


def _sentence_for(error: ErrorDetails, origins: Mapping[str, str], file_name: str) -> str:
    name = ".".join(str(part) for part in error["loc"][:2])
    origin = origins.get(name, file_name)
    # A variable's name says which field it is; after a file's name, the field must follow.
    subject = origin if origin.startswith(PREFIX) else f"{origin}: {name}"
    if error["type"] == "extra_forbidden":
        names = list(fields_by_name()) if "." in name else list(Config.model_fields)
        return f"{subject} is not a known setting{_suggest(name, names)}."
    if error["type"] == "value_error":
        reason = str(error["ctx"]["error"])
        about_several = len(error["loc"]) < 2
        sentence = (
            f"{_origins_of(reason, origins, file_name)}: {reason}" if about_several else f"{subject} {reason}"
        )
        told = "" if about_several or name in _UNTOLD else _told(error["input"])
        return f"{sentence}{told}."
    told = "" if name in _UNTOLD else _told(error["input"])
    return f"{subject} must be {_rule_for(error, name)}{told}."


def _rule_for(error: ErrorDetails, name: str) -> str:
    bounds = _bounds(name)
    kind = error["type"]
    if kind in {"greater_than_equal", "less_than_equal", "less_than", "greater_than"} and bounds:
        return bounds
    if kind.startswith("tuple") or len(error["loc"]) > 2:
        return "a list of whole numbers" if name.startswith("discord.") else "a list of texts"
    if kind.startswith("int"):
        return f"a whole number {bounds}".rstrip()
    if kind.startswith(("float", "finite")):
        return f"a number {bounds}".rstrip()
    if kind.startswith("bool"):
        return "true or false"
    if kind == "literal_error":
        return f"one of {error['ctx']['expected'].replace(chr(39), chr(34))}"
    if kind in {"model_type", "model_attributes_type"}:
        return "a section of its own, like [section]"
    return "a text"


def _bounds(name: str) -> str:
    model = fields_by_name().get(name)
    if model is None:
        return ""
    limits: dict[str, Any] = {}
    for constraint in model.model_fields[name.partition(".")[2]].metadata:
        limits |= {key: getattr(constraint, key) for key in ("ge", "le") if hasattr(constraint, key)}
    if "ge" in limits and "le" in limits:
        return f"between {limits['ge']} and {limits['le']}"
    return f"at least {limits['ge']}" if "ge" in limits else ""


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return f", not {str(value).lower()}"
    if isinstance(value, int | float):
        return f", not {value}"
    if isinstance(value, str):
        return f', not "{value}"' if not value.lstrip("-").isdigit() else f", not {value}"
    return ""


def _suggest(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f" (did you mean {close[0]}?)" if close else ""


def _origins_of(reason: str, origins: Mapping[str, str], file_name: str) -> str:
    """Name where the fields of a sentence about several fields were set."""
    named = dict.fromkeys(origin for name, origin in origins.items() if name in reason)
    return ", ".join(named) or file_name
