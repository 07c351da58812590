"""`python -m bot export` and `import`: the records of a guild to a file and back."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from bot.clock import Clock
from bot.config import Config
from cogs.invite_tracker.counting import counted_since_ms
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.transfer.exporting import export_pieces
from cogs.invite_tracker.transfer.importing import Tally, record_entries
from cogs.invite_tracker.transfer.incoming import TransferError
from cogs.invite_tracker.transfer.reading import Wishes, open_source
from cogs.invite_tracker.transfer.report import Report
from cogs.invite_tracker.transfer.sheets import SHEETS
from cogs.invite_tracker.transfer.writing import PAGE_ROWS, Format
from storage.backup import copy_database
from storage.database import Database, ReadTransaction
from storage.guild_modules import fetch_enabled_guild_ids
from storage.inspection import reading
from storage.opt_outs import fetch_opt_outs
from storage.schema import DatabaseOpenError, check_file, explain, read_migration_state
from storage.sole_use import sole_use

STANDARD: Final = "-"
"""In place of a file: what is printed, or what comes in."""


class _NothingChanges(Exception):  # noqa: N818 # no error: it takes back what was tried
    """Ends the transaction of a dry run, and of an import with refused lines."""


def run_export(config: Config, *, guild_id: int, what: str, form: str | None, file: str) -> None:
    """Write the records to a new file, or to the standard output; raises TransferError and DatabaseOpenError.

    Also while the bot runs: the database is only read, as it is at this moment. Without a `form`, the end of the file's
    name says it.
    """
    written_as = Format(form or (Format.JSONL if file.lower().endswith(".jsonl") else Format.CSV))
    path = config.storage.path
    _check_exists(path)
    if read_migration_state(path).pending:
        raise TransferError(f"The database {path} is of an older version; run `python -m bot migrate` first.")
    try:
        if file == STANDARD:
            asyncio.run(_export(path, guild_id, what, written_as, lambda: sys.stdout.buffer))
            sys.stdout.flush()
            return
        with _new_file(Path(file)) as make:
            asyncio.run(_export(path, guild_id, what, written_as, make))
    except sqlite3.Error as error:
        raise explain(path, error) from error


async def _export(path: Path, guild_id: int, what: str, form: Format, make: Callable[[], BinaryIO]) -> None:
    sheet = SHEETS[what]
    async with reading(path) as rx:
        await _check_enabled(rx, guild_id)
        target = make()
        fetch = partial(sheet.fetch_after, rx, guild_id)
        async for piece in export_pieces(sheet, form, lambda after: fetch(after, PAGE_ROWS)):
            target.write(piece)
    target.flush()


@contextmanager
def _new_file(path: Path) -> Iterator[Callable[[], BinaryIO]]:
    """Let a file be made that only its owner can read; what is not whole does not stay."""
    made: list[BinaryIO] = []

    def make() -> BinaryIO:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        made.append(os.fdopen(descriptor, "wb"))
        return made[0]

    is_whole = False
    try:
        yield make
        for file in made:
            file.close()
        is_whole = True
    except FileExistsError as error:
        raise TransferError(f"{path} exists already; name a file that does not.") from error
    except OSError as error:
        raise TransferError(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        for file in made:
            if not is_whole:
                path.unlink(missing_ok=True)
            file.close()


def run_import(
    config: Config,
    clock: Clock,
    *,
    guild_id: int,
    file: str,
    columns: Mapping[str, str],
    date_format: str | None,
    is_dry_run: bool,
    skips_refused: bool,
) -> Report:
    """Put the joins of a file on record, all or none, and return what was done.

    Not while a bot is at work on the database: it would wait for seconds. A dry run tries everything on a copy, beside which
    a bot may work. Raises TransferError and DatabaseOpenError.
    """
    path = config.storage.path
    _check_exists(path)
    wishes = Wishes(columns, date_format)
    with _opened(file) as lines:
        attempt = partial(_import, config, clock, guild_id, lines, wishes, skips_refused=skips_refused)
        try:
            if not is_dry_run:
                with sole_use(path):
                    with suppress(TransferError), _folder_for_copy(path):
                        # What a dry run left that was killed is gone now.
                        pass
                    return asyncio.run(attempt(path, is_dry_run=False))
            with _folder_for_copy(path) as folder:
                copy = folder / path.name
                copy_database(path, copy)
                return asyncio.run(attempt(copy, is_dry_run=True))
        except sqlite3.Error as error:
            raise explain(path, error) from error
        except UnicodeDecodeError as error:
            raise TransferError(f"{file} is not text in UTF-8; save it with that encoding.") from error


@contextmanager
def _folder_for_copy(path: Path) -> Iterator[Path]:
    """Lend a folder beside the database, where there is room for a copy, and nobody else may look.

    It is always the same one: what is in it are records about people, and a run that is killed leaves them behind. Raises
    TransferError while another run has it.
    """
    folder = path.with_name(f"{path.name}-dry-run")
    with ExitStack() as held:
        try:
            held.enter_context(sole_use(path.with_name(f"{folder.name}-copy")))
        except DatabaseOpenError as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                raise
            raise TransferError("Another dry run is under way; wait until it has ended.") from error
        try:
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise TransferError(f"{folder} cannot be made anew ({error.strerror}).") from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


async def _import(
    config: Config,
    clock: Clock,
    guild_id: int,
    lines: Iterable[str],
    wishes: Wishes,
    path: Path,
    *,
    is_dry_run: bool,
    skips_refused: bool,
) -> Report:
    now_ms = clock.now_ms()
    async with _database(path, now_ms) as database:
        async with database.read() as rx:
            await _check_enabled(rx, guild_id)
            opted_out = await fetch_opt_outs(rx)
        source = open_source(lines, guild_id, now_ms, wishes)
        tally = Tally()
        is_kept = False
        try:
            async with database.write() as tx:
                tally = await record_entries(
                    tx,
                    guild_id,
                    source.entries,
                    is_opted_out=lambda user_id: (guild_id, user_id) in opted_out,
                    now_ms=now_ms,
                    since_ms=counted_since_ms(now_ms),
                )
                is_kept = not is_dry_run and (skips_refused or not tally.refused)
                if not is_kept:
                    raise _NothingChanges  # noqa: TRY301 # only an exception rolls back
        except _NothingChanges:
            pass
    return Report(
        source.description,
        source.notes,
        tally,
        config.retention.joins,
        is_dry_run=is_dry_run,
        is_written=is_kept,
        skips_refused=skips_refused,
        now_ms=now_ms,
    )


@contextmanager
def _opened(file: str) -> Iterator[Iterable[str]]:
    if file == STANDARD:
        sys.stdin.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr] # a file is in its place
        yield sys.stdin
        return
    try:
        lines = Path(file).open(encoding="utf-8", newline="")  # noqa: SIM115 # closed below
    except OSError as error:
        raise TransferError(f"{file} cannot be read ({error.strerror}).") from error
    with lines:
        yield lines


@asynccontextmanager
async def _database(path: Path, now_ms: int) -> AsyncIterator[Database]:
    database = await Database.open(path, now_ms=now_ms, readers=1)
    try:
        yield database
    finally:
        await database.close()


async def _check_enabled(rx: ReadTransaction, guild_id: int) -> None:
    if guild_id not in await fetch_enabled_guild_ids(rx, MODULE):
        raise TransferError(
            f"The invite tracker is not enabled in the server {guild_id}; enable it there with `/invite_tracker enable`."
        )


def _check_exists(path: Path) -> None:
    if not check_file(path):
        raise DatabaseOpenError(f"There is no database at {path}.")
