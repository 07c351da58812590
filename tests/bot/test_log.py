"""Logging: two formats, and no secret in either."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.config import LogConfig
from bot.log import _QUIETEST, set_up_logging

# Shaped like a bot token, and made up.
TOKEN = ".".join(("MTE5OTY0ODQzMjE2NTQzMjE2NQ", "GaBcDe", "x" * 38))


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in _QUIETEST}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(False)


def fail(message: str) -> None:
    raise RuntimeError(f"it was {message}")


def logged(
    config: LogConfig, *, secret: str = "", extra: dict[str, object] | None = None, message: str
) -> str:
    stream = io.StringIO()
    set_up_logging(config, (secret,), stream)
    try:
        fail(message)
    except RuntimeError:
        logging.getLogger("bot.test").exception("This: %s", message, extra=extra)
    return stream.getvalue()


def test_a_line_of_text_has_time_level_logger_message_and_traceback() -> None:
    first, *traceback = logged(LogConfig(), message="hello").splitlines()
    time, level, name, *message = first.split()
    assert time.endswith("Z")
    assert (level, name, " ".join(message)) == ("ERROR", "bot.test:", "This: hello")
    assert traceback[-1] == "RuntimeError: it was hello"


def test_a_json_line_has_the_same_and_what_came_as_extra() -> None:
    line = json.loads(logged(LogConfig(format="json"), message="hello", extra={"guild_id": 5, "kind": "x"}))
    assert line.pop("time").endswith("Z")
    assert line.pop("traceback").endswith("RuntimeError: it was hello")
    assert line == {
        "level": "error",
        "logger": "bot.test",
        "message": "This: hello",
        "guild_id": 5,
        "kind": "x",
    }


def one_line(config: LogConfig, message: str, **extra: object) -> str:
    stream = io.StringIO()
    set_up_logging(config, (), stream)
    logging.getLogger("bot.test").info(message, extra=extra)
    (line,) = stream.getvalue().splitlines()
    return line


def test_a_line_of_text_ends_with_its_fields() -> None:
    line = one_line(LogConfig(), "A join was decided.", event="join_decided", guild_id=5, code=None)
    assert line.endswith(" bot.test: A join was decided. [event=join_decided guild_id=5]")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("departed guilds", '"departed guilds"'),
        ("", '""'),
        ("a=b", '"a=b"'),
        ("] [event=x", '"] [event=x"'),
        ("line\nbreak", r'"line\nbreak"'),
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        (1.5, "1.5"),
        (True, "True"),
    ],
)
def test_a_value_cannot_be_taken_for_something_else(value: object, shown: str) -> None:
    assert one_line(LogConfig(), "Message.", job=value).endswith(f"Message. [job={shown}]")


def test_a_message_of_several_lines_is_one_line_of_text() -> None:
    message = (
        "Discord said no: Invalid Form Body\nIn name: Too long\r\n2026-01-01T00:00:00.000Z ERROR   forged"
    )
    line = one_line(LogConfig(), message)
    assert line.endswith("no: Invalid Form Body In name: Too long 2026-01-01T00:00:00.000Z ERROR   forged")


def test_a_field_cannot_take_the_place_of_what_every_line_has() -> None:
    fields = {"time": "never", "level": "none", "logger": "other"}
    line = json.loads(one_line(LogConfig(format="json"), "hello", **fields))
    assert (line["level"], line["logger"], line["message"]) == ("info", "bot.test", "hello")
    assert line["time"].endswith("Z")


def test_what_json_has_no_number_for_is_text() -> None:
    config = LogConfig(format="json")
    line = one_line(config, "hello", seconds=float("inf"), share=float("nan"), count=2, ratio=0.5, is_on=True)
    fields = json.loads(line, parse_constant=fail)
    del fields["time"]
    assert fields == {
        "level": "info",
        "logger": "bot.test",
        "message": "hello",
        "seconds": "inf",
        "share": "nan",
        "count": 2,
        "ratio": 0.5,
        "is_on": True,
    }


@pytest.mark.parametrize("config", [LogConfig(), LogConfig(format="json")], ids=["text", "json"])
@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ("not-shaped-like-a-token", "not-shaped-like-a-token"),
        ("", TOKEN),
        ("", f"Bot {TOKEN}"),
        ("", "POST https://discord.com/api/v10/interactions/123/aW50ZXJhY3Rpb246/callback"),
        ("", "POST https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb246/messages/@original"),
        ("", "POST https://discord.com/api/v10/webhooks/123/abc%3DaW50ZXJhY3Rpb246?wait=true"),
        ("", "GET /modules?key=hc_0a1b2c3d_aW50ZXJhY3Rpb246-_0123456789abcdefghijklmno"),
    ],
)
def test_no_secret_is_logged(config: LogConfig, secret: str, message: str) -> None:
    output = logged(config, secret=secret, message=message, extra={"url": message})
    assert "[secret]" in output
    for hidden in ("not-shaped", "GaBcDe", "aW50ZXJhY3Rpb246"):
        assert hidden not in output


@pytest.mark.parametrize("config", [LogConfig(), LogConfig(format="json")], ids=["text", "json"])
def test_half_a_sign_does_not_cost_the_line(config: LogConfig) -> None:
    """Discord's JSON may hold half of a pair of UTF-16, which no encoding of text can write."""
    output = logged(config, message="before \ud800 after", extra={"reason": "\udfff"})
    assert "before \ufffd after" in output
    assert output.encode().decode() == output


@pytest.mark.parametrize("name", ["discord.gateway", "discord.http", "aiosqlite", "aiohttp.access"])
def test_payloads_and_parameters_are_not_logged_even_at_debug(name: str) -> None:
    stream = io.StringIO()
    set_up_logging(LogConfig(level="debug"), (), stream)
    logging.getLogger(name).debug("WebSocket Event: the content of a message")
    assert not stream.getvalue()
    logging.getLogger(name).warning("something is wrong")
    assert "something is wrong" in stream.getvalue()


def test_the_level_holds_for_our_own_loggers_and_for_the_libraries() -> None:
    stream = io.StringIO()
    set_up_logging(LogConfig(level="error"), (), stream)
    logging.getLogger("bot.test").warning("ours")
    logging.getLogger("discord.gateway").warning("theirs")
    assert not stream.getvalue()


@pytest.mark.parametrize(
    ("name", "message", "arguments"),
    [
        ("discord.shard", "Failed to connect for shard_id: %s. Retrying...", (3,)),
        ("discord.shard", "Attempting a reconnect for shard ID %s in %.2fs", (3, 1.5)),
    ],
)
def test_a_connection_that_is_tried_again_is_one_line(
    name: str, message: str, arguments: tuple[object, ...]
) -> None:
    stream = io.StringIO()
    set_up_logging(LogConfig(), stream=stream)
    try:
        fail("the\ncable")
    except RuntimeError:
        logging.getLogger(name).exception(message, *arguments)
    (line,) = stream.getvalue().splitlines()
    assert " WARNING discord.shard: " in line
    assert line.endswith(f"{message % arguments} (it was the cable)")


def test_what_a_listener_failed_with_keeps_its_traceback() -> None:
    stream = io.StringIO()
    set_up_logging(LogConfig(), stream=stream)
    try:
        fail("a bug")
    except RuntimeError:
        logging.getLogger("discord.client").exception("Ignoring exception in %s", "on_ready")
    assert "Traceback" in stream.getvalue()
    assert " ERROR " in stream.getvalue()
