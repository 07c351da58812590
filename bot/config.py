"""The configuration: what an operator can set, each field with its range and its meaning.

A `Config` is a value: it is made once, by `bot.config_source` from a file and the environment, and passed on.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config_http import check_host, check_origins

JOINS_RETENTION_RULE = 'must be a number of days from 1 to 3650, 0 (keep for ever) or "while_member"'


def _without_blank(value: Any) -> Any:
    """Read an empty text as "not set", which is how people switch an environment variable off."""
    return None if isinstance(value, str) and not value.strip() else value


def _check_path(value: Any) -> Any:
    if isinstance(value, str) and "\0" in value:
        raise ValueError("must be a path, without zero bytes")
    return value


def _check_address(value: Any, schemes: Sequence[str]) -> Any:
    value = _without_blank(value)
    if value is None:
        return None
    rule = f"must be an address that begins with {schemes[0]}:// or {schemes[1]}://"
    try:
        parts = urlsplit(value)
        well_formed = (
            parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        )
    except (AttributeError, TypeError, ValueError):
        raise ValueError(rule) from None
    if not well_formed:
        raise ValueError(rule)
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must not carry a user name, a query or a fragment")
    return str(value).rstrip("/")


def _check_http_address(value: Any) -> Any:
    return _check_address(value, ("https", "http"))


def _check_ws_address(value: Any) -> Any:
    return _check_address(value, ("wss", "ws"))


def _read_list(value: Any) -> Any:
    """Accept `a,b` beside a list, for the environment."""
    if isinstance(value, str):
        return [part.strip() for part in value.strip("[] ").split(",") if part.strip()]
    return value


def _read_joins_retention(value: Any) -> Any:
    if value == "while_member":
        return value
    try:
        days = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else -1
    except ValueError:
        days = -1
    if not 0 <= days <= 3650:
        raise ValueError(JOINS_RETENTION_RULE)
    return days


class _Section(BaseModel):
    # Values are kept out of error texts: one of them may be a token in the wrong place.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DiscordConfig(_Section):
    """How to reach Discord, and as whom."""

    token: Annotated[SecretStr | None, BeforeValidator(_without_blank)] = Field(
        default=None,
        description="The bot's token (Developer Portal). Better kept in a file, or in the environment.",
    )
    token_file: Annotated[Path | None, BeforeValidator(_check_path), BeforeValidator(_without_blank)] = Field(
        default=None, description="A file that holds nothing but the token. Set either this or token."
    )
    api_base: Annotated[str | None, BeforeValidator(_check_http_address)] = Field(
        default=None,
        description="Another address than Discord's own for REST requests: a proxy, a local Discord.",
    )
    gateway_url: Annotated[str | None, BeforeValidator(_check_ws_address)] = Field(
        default=None, description="Another address than Discord's own for the gateway connection."
    )
    shard_count: int | None = Field(
        default=None,
        ge=1,
        le=16384,
        description="How many shards there are in all. Not set: as many as Discord recommends.",
    )
    shard_ids: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_read_list)] = Field(
        default=(),
        description="Which of them this process runs, counted from 0. Empty: all. Needs shard_count.",
    )
    parse_messages: bool = Field(
        default=False,
        description="Let discord.py read every message too: for extensions of your own that listen to on_message.",
    )
    command_guild_id: int | None = Field(
        default=None,
        ge=1,
        lt=2**63,
        description="For development: publish the slash commands to this server only, at once.",
    )

    @model_validator(mode="after")
    def _check_shards(self) -> Self:
        if self.shard_ids and self.shard_count is None:
            raise ValueError("discord.shard_ids needs discord.shard_count as well")
        if any(not 0 <= shard_id < (self.shard_count or 1) for shard_id in self.shard_ids):
            raise ValueError("discord.shard_ids must lie between 0 and discord.shard_count - 1")
        if len(set(self.shard_ids)) != len(self.shard_ids):
            raise ValueError("discord.shard_ids must not name a shard twice")
        return self

    @model_validator(mode="after")
    def _check_token(self) -> Self:
        if self.token is not None and self.token_file is not None:
            raise ValueError("set either discord.token or discord.token_file, not both")
        return self


class StorageConfig(_Section):
    """Where the data lies."""

    path: Annotated[Path, BeforeValidator(_check_path)] = Field(
        default=Path("data/headcount.sqlite3"),
        description="The database file. Its folder is created when it is missing.",
    )


class LogConfig(_Section):
    """What is logged, to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe level that is shown."
    )
    format: Literal["text", "json"] = Field(
        default="text", description="Lines for people (text), or one JSON object a line (json)."
    )


class HeartbeatConfig(_Section):
    """How far back a restart has to look."""

    interval_seconds: float = Field(
        default=15,
        ge=0.1,
        le=300,
        description="How often it is stored how far the records reach; a restart looks back to there.",
    )


class InviteTrackerConfig(_Section):
    """How joins are matched with the rises of the invites' counters; the defaults suit Discord."""

    resync_minutes: float = Field(
        default=10,
        ge=0.05,
        le=1440,
        description="How often the invites of a server are fetched while nobody joins.",
    )
    lag_bound_ms: int = Field(
        default=1000,
        ge=100,
        le=10_000,
        description="How late a join may reach us before a window is decided without it.",
    )
    clock_margin_ms: int = Field(
        default=400, ge=0, le=5000, description="How far Discord's clock and this machine's may differ."
    )
    patience_ms: int = Field(
        default=10_000,
        ge=100,
        le=120_000,
        description="How long a join waits at most for the invites to be fetched.",
    )
    request_distance_least_ms: int = Field(
        default=100,
        ge=10,
        le=10_000,
        description="The distance between two requests for the invites when a burst begins.",
    )
    request_distance_most_ms: int = Field(
        default=1000, ge=10, le=60_000, description="The distance to which it grows while the burst lasts."
    )
    late_counter_ms: int = Field(
        default=30_000,
        ge=0,
        le=300_000,
        description="How long a counter may take to rise after its join.",
    )
    member_scan: bool = Field(
        default=True,
        description="Compare the member list after time away, for missed joins and leaves: a request per 1,000 members.",
    )
    existing_members: bool = Field(
        default=True,
        description="When tracking is enabled, record the members who are here already, with who invited them where known.",
    )
    members_search: bool = Field(
        default=True,
        description="Ask Discord's member search how people came, to confirm and repair what the counters told.",
    )
    members_search_after_seconds: float = Field(
        default=5,
        ge=0.05,
        le=3600,
        description="How long after a doubtful join it is asked first, and the distance of two requests about a server.",
    )

    @model_validator(mode="after")
    def _check_distances(self) -> Self:
        if self.request_distance_most_ms < self.request_distance_least_ms:
            raise ValueError(
                "invite_tracker.request_distance_least_ms must not be greater than "
                "invite_tracker.request_distance_most_ms"
            )
        return self


class RecorderConfig(_Section):
    """How statistics are written: in batches, so that a busy server costs little."""

    flush_interval_ms: int = Field(
        default=250,
        ge=10,
        le=10_000,
        description="How often what came in is stored: a crash loses no more than that.",
    )
    capacity: int = Field(
        default=200_000,
        ge=1000,
        le=5_000_000,
        description="How many records wait at most while the database cannot be written (200 bytes each).",
    )
    retry_seconds: float = Field(
        default=5, ge=0.05, le=300, description="How soon a write that failed is tried again."
    )


class ServerstatsConfig(_Section):
    """How often what has no event of its own is looked at."""

    sample_minutes: float = Field(
        default=15, ge=0.05, le=1440, description="How often members and their statuses are counted."
    )
    counter_interval_minutes: float = Field(
        default=10, ge=0.05, le=1440, description="How often counter channels are brought up to date."
    )


class RetentionConfig(_Section):
    """How long data is kept."""

    joins: Annotated[int | Literal["while_member"], BeforeValidator(_read_joins_retention)] = Field(
        default=31,
        description='Days for which a join is kept, 0 for ever, or "while_member" (then 31 days more).',
    )
    departed_guild_days: int = Field(
        default=7,
        ge=0,
        le=365,
        description="Days after which the data of a server that the bot has left is deleted.",
    )
    interval_minutes: float = Field(
        default=60, ge=0.05, le=1440, description="How often expired data is looked for."
    )


class HttpConfig(_Section):
    """The HTTP API, for websites and other programs; off unless it is enabled."""

    enabled: bool = Field(default=False, description="Answer HTTP requests.")
    host: Annotated[str, BeforeValidator(check_host)] = Field(
        default="127.0.0.1",
        description="The address to listen on; 127.0.0.1 can be reached from this machine only, 0.0.0.0 and :: from others.",
    )
    port: int = Field(
        default=8080, ge=0, le=65535, description="The port to listen on; 0 is any that is free."
    )
    operator_key: Annotated[SecretStr | None, BeforeValidator(_without_blank)] = Field(
        default=None,
        description="A key of your own that reaches all servers: 32 characters or more. Better kept in a file.",
    )
    operator_key_file: Annotated[
        Path | None, BeforeValidator(_check_path), BeforeValidator(_without_blank)
    ] = Field(
        default=None,
        description="A file that holds nothing but that key. Set either this or operator_key.",
    )
    requests_per_minute: int = Field(
        default=600,
        ge=1,
        le=1_000_000,
        description="How many requests a key may make at once; they come back evenly over a minute.",
    )
    body_most_kib: int = Field(
        default=64, ge=1, le=10_240, description="How large the body of a request may be, in KiB."
    )
    cors_origins: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_read_list), AfterValidator(check_origins)
    ] = Field(
        default=(),
        description='Websites whose pages may call the API in a browser: "https://example.org", or "*" for all.',
    )

    @model_validator(mode="after")
    def _check_operator_key(self) -> Self:
        if self.operator_key is not None and self.operator_key_file is not None:
            raise ValueError("set either http.operator_key or http.operator_key_file, not both")
        return self


class LinksConfig(_Section):
    """Where the bot sends people who want to know more."""

    documentation: Annotated[str | None, BeforeValidator(_check_http_address)] = Field(
        default=None,
        description="The address of the documentation, for /help: this README on your own pages, for example.",
    )


class Config(BaseSettings):
    """Everything an operator can set."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix="HEADCOUNT_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
    )

    discord: DiscordConfig = DiscordConfig()
    storage: StorageConfig = StorageConfig()
    log: LogConfig = LogConfig()
    heartbeat: HeartbeatConfig = HeartbeatConfig()
    invite_tracker: InviteTrackerConfig = InviteTrackerConfig()
    recorder: RecorderConfig = RecorderConfig()
    serverstats: ServerstatsConfig = ServerstatsConfig()
    retention: RetentionConfig = RetentionConfig()
    http: HttpConfig = HttpConfig()
    links: LinksConfig = LinksConfig()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the parameters are the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from the arguments alone: making a `Config` reads neither files nor the environment."""
        return (init_settings,)
