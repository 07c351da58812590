"""Logging to standard error, as lines for people or as JSON; whatever looks like a secret is blacked out.

A decision is one line: a sentence, and by `extra=` the event's name and what it was about, as listed in bot/log_events.py.
What people wrote or are called is never part of it, nor are the ids of members, but for that of the admin who changed a
setting: a log outlives what `/privacy` deletes.
"""

import json
import logging
import math
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from bot.config import LogConfig

BLACKED_OUT = "[secret]"

# A bot token (Discord documentation, API Reference, Authentication), and the tokens in the paths of
# interactions and webhooks, which discord.py logs with a rate limit.
_SECRETS = (
    re.compile(r"\b[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}"),
    # discord.py quotes the equals signs at their end.
    re.compile(r"(?<=/interactions/)(\d+)/[\w.=%-]+"),
    re.compile(r"(?<=/webhooks/)(\d+)/[\w.=%-]+"),
    # An API key of ours (bot/web/keys.py); its first part may be told.
    re.compile(r"\b(hc_[0-9a-f]{8})_[\w-]{16,}"),
)

# Half of a pair of UTF-16, which Discord's JSON may hold: a stream that is strict would refuse the whole line.
_HALF_SIGNS = re.compile("[\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"\s*[\r\n\x0b\x0c\x85\u2028\u2029]+\s*")
_PLAIN_WORD = re.compile(r"[^\s\"=\[\]]+")

# What a record carries of itself; anything else came by `extra=`.
_OWN_FIELDS = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {
    "message",
    "asctime",
    "taskName",
}

# The debug level of these shows payloads, messages and SQL parameters: no level brings out more than this.
_QUIETEST = {
    "discord": logging.WARNING,
    "discord.gateway": logging.INFO,
    "aiohttp": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "apscheduler": logging.WARNING,
    "asyncio": logging.WARNING,
    # Its warnings are about what strangers send, as often as they like.
    "uvicorn.error": logging.ERROR,
}


# discord.py tries again after these by itself; thirty lines of traceback about a cable that is out help nobody.
_RETRIES = ("Failed to connect for shard_id", "Attempting a reconnect")


def set_up_logging(config: LogConfig, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send all log records to `stream` (default: standard error), replacing what was set up before.

    `secrets` are blacked out wherever they appear, tracebacks included.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(_tell_retries_in_one_line)
    handler.setFormatter(_JsonFormatter(secrets) if config.format == "json" else _TextFormatter(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    level = logging.getLevelNamesMapping()[config.level.upper()]
    root.setLevel(level)
    for name, least in _QUIETEST.items():
        logging.getLogger(name).setLevel(max(level, least))
    logging.captureWarnings(True)


def black_out(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without the given secrets and without anything that looks like a token."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, BLACKED_OUT)
    token, interaction, webhook, api_key = _SECRETS
    text = token.sub(BLACKED_OUT, text)
    text = interaction.sub(rf"\1/{BLACKED_OUT}", text)
    text = api_key.sub(rf"\1_{BLACKED_OUT}", text)
    return webhook.sub(rf"\1/{BLACKED_OUT}", text)


def _writable(text: str) -> str:
    return _HALF_SIGNS.sub("\ufffd", text)


def _tell_retries_in_one_line(record: logging.LogRecord) -> bool:
    if record.name.startswith("discord.") and str(record.msg).startswith(_RETRIES) and record.exc_info:
        error = record.exc_info[1]
        reason = " ".join(str(error).split()) or type(error).__name__
        record.msg, record.args = "%s (%s)", (record.getMessage(), reason)
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
    return True


class _Formatter(logging.Formatter):
    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._hidden = tuple(secrets)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        time = datetime.fromtimestamp(record.created, UTC)
        return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _TextFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _writable(black_out(super().format(record), self._hidden))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        # What Discord or the database answered may have several lines; the next record begins on a line of its own.
        line = _LINE_BREAKS.sub(" ", super().formatMessage(record))
        extra = ((key, value) for key, value in _extra_of(record).items() if value is not None)
        fields = " ".join(f"{key}={_as_word(value)}" for key, value in extra)
        return f"{line} [{fields}]" if fields else line


class _JsonFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._clean(record.getMessage()),
        }
        # What a record is called elsewhere must not take the place of what every line has.
        line |= {key: self._plain(value) for key, value in _extra_of(record).items() if key not in line}
        if record.exc_info:
            line["traceback"] = self._clean(self.formatException(record.exc_info))
        return _writable(json.dumps(line, ensure_ascii=False))

    def _plain(self, value: object) -> object:
        if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        # JSON has no infinity.
        return self._clean(str(value))

    def _clean(self, text: str) -> str:
        return black_out(text, self._hidden)


def _extra_of(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _OWN_FIELDS}


def _as_word(value: object) -> str:
    """Return the value so that the end of it is plain: in quotes where it has spaces, or nothing at all."""
    text = str(value)
    return text if _PLAIN_WORD.fullmatch(text) else json.dumps(text, ensure_ascii=False)
