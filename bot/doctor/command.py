"""`python -m bot doctor`: examine, and print the report."""

import asyncio
import logging
import shutil
import sys
from pathlib import Path
from typing import TextIO

from bot.clock import SystemClock
from bot.doctor.examination import examine
from bot.doctor.printing import render_json, render_table


def run_doctor(config_path: Path | None, *, as_json: bool, only_guild_id: int | None) -> int:
    """Check everything and return the exit code: 0 when all that is switched on works, otherwise 1."""
    # What discord.py and others have to say stands in the report.
    logging.getLogger().addHandler(logging.NullHandler())
    clock = SystemClock()
    report = asyncio.run(examine(config_path, clock, only_guild_id=only_guild_id))
    if as_json:
        text = render_json(report, clock.now_ms())
    else:
        text = render_table(report, shutil.get_terminal_size().columns, is_plain=_is_plain(sys.stdout))
    _write(sys.stdout, text)
    return report.exit_code


def _is_plain(stream: TextIO) -> bool:
    """Whether to do without signs: nobody looks, or they cannot be shown."""
    return not stream.isatty() or not _can_show(stream.encoding, "✓⚠✗→")


def _can_show(encoding: str, signs: str) -> bool:
    try:
        signs.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _write(stream: TextIO, text: str) -> None:
    # A server may have any name, and a terminal without UTF-8 must not end the command.
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
