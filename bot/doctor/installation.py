"""What is checked on this machine: the configuration and the database. For the operator, so in English."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bot.config import Config
from bot.config_source import ConfigError, Loaded, load_config
from bot.doctor.findings import Area, Finding, Severity
from bot.text.numbers import format_number
from storage.heartbeats import fetch_heartbeats
from storage.inspection import fetch_problems, free_bytes, reading, size_bytes
from storage.schema import DatabaseOpenError, check_file, explain, read_migration_state

MEGABYTE: Final = 1_000_000
LITTLE_SPACE_BYTES: Final = 500 * MEGABYTE
NO_SPACE_BYTES: Final = 50 * MEGABYTE
BEATS_MISSED: Final = 4
"""After so many heartbeats that did not come, the bot is taken to be off."""


def configuration_finding(
    check: str, severity: Severity, subject: str, sentence: str, **rest: Any
) -> Finding:
    return Finding(
        check=f"configuration.{check}",
        severity=severity,
        area=Area.CONFIGURATION,
        subject=subject,
        sentence=sentence,
        **rest,
    )


def _database(check: str, severity: Severity, subject: str, sentence: str, **rest: Any) -> Finding:
    return Finding(
        check=f"database.{check}",
        severity=severity,
        area=Area.DATABASE,
        subject=subject,
        sentence=sentence,
        **rest,
    )


def check_configuration(path: Path | None) -> tuple[Loaded | None, tuple[Finding, ...]]:
    """Read the configuration as the bot would; None when it cannot be used."""
    try:
        loaded = load_config(path)
    except ConfigError as error:
        unusable = configuration_finding(
            "unusable",
            Severity.ERROR,
            "Configuration",
            str(error),
            meaning="The bot does not start, and nothing else can be checked.",
            advice="Put it right; `python -m bot config --example` shows every setting.",
        )
        return None, (unusable,)
    return loaded, (*_origin(loaded), *_addresses(loaded.config), *_readable_secrets(loaded))


def _origin(loaded: Loaded) -> Iterator[Finding]:
    sources = list(dict.fromkeys(loaded.origins.values()))
    files = [source for source in sources if not source.startswith("HEADCOUNT_")]
    variables = len(sources) - len(files)
    parts = files + ([f"{variables} environment variables"] if variables > 1 else [])
    if variables == 1:
        parts.append("1 environment variable")
    yield configuration_finding(
        "valid",
        Severity.FINE,
        "Configuration",
        f"Valid; it comes from {' and '.join(parts)}." if parts else "Valid; nothing but defaults.",
    )


def _addresses(config: Config) -> Iterator[Finding]:
    if config.discord.api_base is not None or config.discord.gateway_url is not None:
        yield configuration_finding(
            "other_discord",
            Severity.NOTE,
            "Addresses",
            "The bot does not connect to Discord's own addresses.",
            meaning="Right for a proxy or a local Discord only.",
            advice="Leave out discord.api_base and discord.gateway_url otherwise.",
        )


def _readable_secrets(loaded: Loaded) -> Iterator[Finding]:
    """Note files with the token or the operator's key in them that other users of the machine can read."""
    config = loaded.config
    for field, file, check, subject, meaning in (
        (
            "discord.token",
            config.discord.token_file,
            "token_readable",
            "Token",
            "Whoever has the token is the bot.",
        ),
        (
            "http.operator_key",
            config.http.operator_key_file,
            "operator_key_readable",
            "Operator's key",
            "Whoever has the key may do everything in all servers.",
        ),
    ):
        origin = loaded.origins.get(field, "HEADCOUNT_")
        # What the file is called stays untold: a secret put here by mistake would end up on the screen.
        files = {f"The file that {field}_file names": file} if file is not None else {}
        if not origin.startswith("HEADCOUNT_"):
            files[origin] = Path(origin)
        for name, one in files.items():
            if _can_be_read_by_others(one):
                yield configuration_finding(
                    check,
                    Severity.NOTE,
                    subject,
                    f"{name} can be read by other users of this machine.",
                    meaning=meaning,
                    advice="Let only the user who runs the bot read it (chmod 600).",
                )


def _can_be_read_by_others(file: Path) -> bool:
    try:
        return os.name == "posix" and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


async def check_database(config: Config, now_ms: int) -> tuple[bool, tuple[Finding, ...]]:
    """Check the database as it is now, also while the bot writes it; the first is whether it can be asked."""
    path = config.storage.path
    try:
        if not check_file(path):
            return False, (_missing(path), *check_space(free_bytes(path), 0))
        state = read_migration_state(path)
        async with reading(path) as rx:
            problems = await fetch_problems(rx)
            beats = {} if problems or state.pending else await fetch_heartbeats(rx)
    except (DatabaseOpenError, sqlite3.Error) as error:
        return False, (unusable(path, error),)
    findings = [*_soundness(path, problems), *_schema(state.applied, state.pending)]
    findings += check_space(free_bytes(path), size_bytes(path))
    if beats:
        findings.append(_at_work(min(beats.values()), config, now_ms))
    return not problems and not state.pending, tuple(findings)


def unusable(path: Path, error: DatabaseOpenError | sqlite3.Error) -> Finding:
    """The database cannot be asked."""
    sentence = str(error if isinstance(error, DatabaseOpenError) else explain(path, error))
    return _database(
        "unusable", Severity.ERROR, "Database", sentence, meaning="The bot does not start with it."
    )


def _missing(path: Path) -> Finding:
    return _database(
        "missing",
        Severity.NOTE,
        "Database",
        f"{path} does not exist yet.",
        meaning="Nothing is recorded so far; the first start makes it.",
    )


def _soundness(path: Path, problems: tuple[str, ...]) -> Iterator[Finding]:
    if not problems:
        yield _database("sound", Severity.FINE, "Database", f"{path} is sound: every page of it was checked.")
    for problem in problems:
        yield _database(
            "damaged",
            Severity.ERROR,
            "Database",
            f"{path} is damaged: {' '.join(problem.split())}.",
            meaning="Records are lost, and more may be with every write.",
            advice="Stop the bot and put a backup in its place; check the disk.",
        )


def _schema(applied: tuple[str, ...], pending: tuple[str, ...]) -> Iterator[Finding]:
    if pending:
        yield _database(
            "pending",
            Severity.WARNING,
            "Schema",
            f"{len(pending)} of {len(applied) + len(pending)} migrations are still to come.",
            meaning="The database is of an older version of Headcount; the servers cannot be checked with it.",
            advice="Start the bot anew, or stop it and run `python -m bot migrate`.",
        )
    else:
        yield _database("schema", Severity.FINE, "Schema", f"Up to date: {applied[-1].removesuffix('.sql')}.")


def check_space(free: int, size: int) -> Iterator[Finding]:
    """Judge the free space of the disk beside the size of the database, both in bytes."""
    taken = f"; the database takes {_megabytes(size)} MB" if size else ""
    sentence = f"{_megabytes(free)} MB are free{taken}."
    if free < NO_SPACE_BYTES:
        severity, meaning = Severity.ERROR, "When the disk is full nothing can be recorded any more."
    elif free < LITTLE_SPACE_BYTES:
        severity, meaning = Severity.WARNING, "When the disk is full nothing can be recorded any more."
    elif free < size:
        severity, meaning = Severity.NOTE, "`python -m bot maintain` and a backup need as much as it takes."
    else:
        yield _database("space", Severity.FINE, "Disk", sentence)
        return
    yield _database(
        "space", severity, "Disk", sentence, meaning=meaning, advice="Make room on the disk of the database."
    )


def _megabytes(count: int) -> str:
    return format_number(round(count / MEGABYTE, 1) if count < 10 * MEGABYTE else count // MEGABYTE)


def _at_work(oldest_beat_ms: int, config: Config, now_ms: int) -> Finding:
    """Tell whether the bot is at work: informative, as an operator may stop it when they like."""
    ago_seconds = max(0, now_ms - oldest_beat_ms) / 1000
    if ago_seconds <= BEATS_MISSED * config.heartbeat.interval_seconds:
        return _database("heartbeat", Severity.FINE, "Bot", "It is at work: the records reach up to now.")
    return _database(
        "heartbeat",
        Severity.NOTE,
        "Bot",
        f"It is not at work: the records end {_ago(ago_seconds)} ago.",
        meaning="What happens meanwhile is made up for at the next start only as far as Discord still tells.",
        advice="Start it with `python -m bot run`.",
    )


def _ago(seconds: float) -> str:
    for length, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
