"""The command line; each command loads what it needs (discord.py, the local Discord) only when it runs."""

import argparse
import asyncio
import base64
import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from bot import __version__
from bot.clock import SystemClock
from bot.config_source import ConfigError, Loaded, load_config, read_token
from bot.config_text import render_effective, render_example
from bot.log import black_out

EXIT_OK = 0
EXIT_PENDING = 1
EXIT_CANNOT = 2
EXIT_INTERRUPTED = 130

# argparse measures the names before it indents them: the blanks make room for the longest.
_COMMAND = "command".ljust(12)

TRANSFER = "cogs.invite_tracker.transfer.command"
"""The feature behind `export` and `import`."""
EXPORTED = ("joins", "invites", "bonuses")
COLUMN_ROLES = ("member", "inviter", "code", "date")

DEMO_EXTRA_MISSING = (
    "The local Discord is not installed: "
    'run `make demo`, or `pip install ".[demo]"`, in the folder of the project.'
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 2 when it could not be done, with one sentence saying why."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help(sys.stderr)
        return EXIT_CANNOT
    try:
        return int(chosen.run(chosen))
    except ConfigError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(message.replace(_COMMAND, _COMMAND.strip()))


def _wide(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, max_help_position=28, width=110)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m bot",
        usage="%(prog)s [-h] [--version] command ...",
        description="Headcount: who brought whom, and how their server lives.",
        formatter_class=_wide,
    )
    parser.add_argument("--version", action="version", version=f"Headcount {__version__}")
    commands = parser.add_subparsers(dest="command", metavar=_COMMAND, title="commands", prog=parser.prog)

    configured = _Parser(add_help=False)
    configured.add_argument(
        "--config",
        type=Path,
        metavar="PATH",
        help="the configuration file (default: $HEADCOUNT_CONFIG or config.toml)",
    )

    def add(name: str, run: object, text: str, *, with_config: bool = True) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            help=text,
            description=text,
            parents=[configured] if with_config else [],
            formatter_class=_wide,
        )
        command.set_defaults(run=run)
        return command

    add("run", _run, "Connect to Discord and run the bot until it is stopped.")
    demo = add(
        "demo", _demo, "Play a story on a local Discord and check what the bot concludes.", with_config=False
    )
    demo.add_argument("--json", action="store_true", help="print JSON lines")
    demo.add_argument("--keep", action="store_true", help="keep everything running at the end, to play with")
    demo.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="repeat the random choices of the story (its timing still varies)",
    )
    sandbox = add(
        "sandbox", _sandbox, "Run the local Discord alone, for any bot to connect to.", with_config=False
    )
    sandbox.add_argument(
        "--port", type=_port, default=8765, help="the port on 127.0.0.1 (default: 8765; 0: any)"
    )
    sandbox.add_argument("--lively", action="store_true", help="let people join and leave by themselves")
    migrate = add("migrate", _migrate, "Bring the database up to date.")
    migrate.add_argument(
        "--check", action="store_true", help="only list; exit code 1 when there is something to do"
    )
    backup = add("backup", _backup, "Copy the database to a new file, also while the bot runs.")
    backup.add_argument("file", type=Path, metavar="FILE", help="the copy; it must not exist yet")
    _add_transfer(add)
    add("maintain", _maintain, "Overwrite what was deleted and shrink the database, while no bot runs on it.")
    config = add("config", _config, "Print the configuration in effect, secrets masked.")
    config.add_argument("--example", action="store_true", help="print the commented example instead")
    add("openapi", _openapi, "Print the description of the HTTP API (OpenAPI, as JSON).", with_config=False)
    doctor = add("doctor", _doctor, "Check everything that the bot needs, and say what to do.")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.add_argument("--server", type=_id, metavar="ID", help="of the servers, check this one only")
    invite = add("invite-url", _invite_url, "Print the address that adds the bot to a server.")
    invite.add_argument("--application-id", type=_id, metavar="ID", help="default: the one in the token")
    return parser


def _add_transfer(add: Callable[..., argparse.ArgumentParser]) -> None:
    out = add("export", _export, "Write what is on record of a server to a file, also while the bot runs.")
    out.add_argument("--server", type=_id, metavar="ID", required=True, help="the server")
    out.add_argument("--what", choices=EXPORTED, default="joins", help="default: joins")
    out.add_argument("--format", choices=("csv", "jsonl"), help="default: what FILE ends in, or csv")
    out.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help="must not exist yet (default: -, which prints it)",
    )
    back = add(
        "import",
        _import,
        "Read joins from a file of Headcount or of another bot, while no bot runs on the database.",
    )
    back.add_argument("--server", type=_id, metavar="ID", required=True, help="the server")
    back.add_argument(
        "--columns",
        type=_columns,
        default={},
        metavar="ROLE=NAME,…",
        help="which columns to read as member, inviter, code and date (default: by their usual names)",
    )
    back.add_argument(
        "--date-format",
        metavar="FORM",
        help="how dates are written, e.g. %%d/%%m/%%Y %%H:%%M; UTC where they name no timezone",
    )
    back.add_argument(
        "--dry-run", action="store_true", help="only say what would happen, also while the bot runs"
    )
    back.add_argument("--skip-refused", action="store_true", help="import the rest when some lines cannot be")
    back.add_argument("file", metavar="FILE", help="CSV or JSON lines; - reads what comes in")


def _run(chosen: argparse.Namespace) -> int:
    config = load_config(chosen.config).config
    from bot import startup

    return startup.run(config)


def _demo(chosen: argparse.Namespace) -> int:
    if not _has_demo_extra():
        return _refuse(DEMO_EXTRA_MISSING)
    from bot.sandbox.demo import run_demo

    return asyncio.run(run_demo(json_lines=chosen.json, keep=chosen.keep, seed=chosen.seed))


def _sandbox(chosen: argparse.Namespace) -> int:
    if not _has_demo_extra():
        return _refuse(DEMO_EXTRA_MISSING)
    from bot.sandbox.standalone import serve

    try:
        asyncio.run(serve("127.0.0.1", chosen.port, lively=chosen.lively))
    except OSError as error:
        return _refuse(
            f"The local Discord cannot listen on port {chosen.port}: {os.strerror(error.errno or 0)}."
        )
    return EXIT_OK


def _migrate(chosen: argparse.Namespace) -> int:
    config = load_config(chosen.config).config
    from storage.schema import DatabaseOpenError, prepare_database, read_migration_state
    from storage.sole_use import sole_use

    path = config.storage.path
    try:
        state = read_migration_state(path)
        if not chosen.check:
            # A bot that is running does not expect another schema.
            with sole_use(path) if state.pending else contextlib.nullcontext():
                state = prepare_database(path, SystemClock().now_ms())
    except DatabaseOpenError as error:
        return _refuse(str(error))
    for name in state.applied:
        _say(f"{name}  was applied before\n")
    for name in state.pending:
        _say(f"{name}  {'is pending' if chosen.check else 'applied now'}\n")
    _say(f"{path} {'needs `migrate`' if chosen.check and state.pending else 'is up to date'}.\n")
    return EXIT_PENDING if chosen.check and state.pending else EXIT_OK


def _backup(chosen: argparse.Namespace) -> int:
    config = load_config(chosen.config).config
    from storage.backup import copy_database
    from storage.schema import DatabaseOpenError

    try:
        copy_database(config.storage.path, chosen.file)
    except DatabaseOpenError as error:
        return _refuse(str(error))
    _say(f"{config.storage.path} was copied to {chosen.file}.\n")
    return EXIT_OK


def _export(chosen: argparse.Namespace) -> int:
    config = load_config(chosen.config).config
    from storage.schema import DatabaseOpenError

    # Features are found by name: nothing down here knows one.
    transfer = importlib.import_module(TRANSFER)
    try:
        transfer.run_export(
            config, guild_id=chosen.server, what=chosen.what, form=chosen.format, file=chosen.file
        )
    except (DatabaseOpenError, transfer.TransferError) as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # Whoever reads has enough; what is still buffered is nobody's any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_OK


def _import(chosen: argparse.Namespace) -> int:
    config = load_config(chosen.config).config
    from storage.schema import DatabaseOpenError

    transfer = importlib.import_module(TRANSFER)
    try:
        report = transfer.run_import(
            config,
            SystemClock(),
            guild_id=chosen.server,
            file=chosen.file,
            columns=chosen.columns,
            date_format=chosen.date_format,
            is_dry_run=chosen.dry_run,
            skips_refused=chosen.skip_refused,
        )
    except (DatabaseOpenError, transfer.TransferError) as error:
        return _refuse(str(error))
    _say(report.render())
    if report.is_clean:
        return EXIT_OK
    return EXIT_PENDING if chosen.dry_run else EXIT_CANNOT


def _maintain(chosen: argparse.Namespace) -> int:
    config = load_config(chosen.config).config
    from bot.maintenance import maintain
    from storage.schema import DatabaseOpenError

    path = config.storage.path
    try:
        sizes = maintain(path)
    except DatabaseOpenError as error:
        return _refuse(str(error))
    _say(f"{path} had {_mebibytes(sizes.before)} and has {_mebibytes(sizes.after)} now.\n")
    return EXIT_OK


def _config(chosen: argparse.Namespace) -> int:
    _say(render_example() if chosen.example else render_effective(load_config(chosen.config)))
    return EXIT_OK


def _openapi(_chosen: argparse.Namespace) -> int:
    from bot.web.schema import render_schema

    _say(render_schema())
    return EXIT_OK


def _doctor(chosen: argparse.Namespace) -> int:
    from bot.doctor.command import run_doctor

    return run_doctor(chosen.config, as_json=chosen.json, only_guild_id=chosen.server)


def _invite_url(chosen: argparse.Namespace) -> int:
    application_id = chosen.application_id
    if application_id is None:
        application_id = _application_id_of(load_config(chosen.config))
    if application_id is None:
        return _refuse("The application's id cannot be read from the token: give it with --application-id.")
    from bot.permissions import invite_url

    _say(invite_url(application_id) + "\n")
    return EXIT_OK


def _application_id_of(loaded: Loaded) -> int | None:
    """Read the id that a token begins with, in base64."""
    first = read_token(loaded.config).partition(".")[0]
    with contextlib.suppress(ValueError):
        text = base64.b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
        if text.isdigit():
            return int(text)
    return None


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _id(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 63:
        raise argparse.ArgumentTypeError("an id is a number like 1199648432165432165")
    return int(text)


def _columns(text: str) -> dict[str, str]:
    named: dict[str, str] = {}
    for part in text.split(","):
        role, sign, name = part.partition("=")
        if not sign or role.strip() not in COLUMN_ROLES or not name.strip():
            raise argparse.ArgumentTypeError("columns are named like member=User,inviter=Invited by")
        named[role.strip()] = name.strip()
    return named


def _has_demo_extra() -> bool:
    return all(importlib.util.find_spec(name) for name in ("simcord", "rich"))


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:,.1f} MiB"


def _say(text: str) -> None:
    sys.stdout.write(text)


def _refuse(sentence: str) -> int:
    # A token that stands in the wrong place of the configuration is quoted in what is wrong with it.
    sys.stderr.write(f"{black_out(sentence)}\n")
    return EXIT_CANNOT
