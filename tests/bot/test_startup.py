"""Starting and stopping the real process against a local Discord: a sentence per problem, clean ends."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.cli import main
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from bot.startup import REFUSED_CREDENTIAL, REFUSED_INTENT, _set_by_signals, sentence_for

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 40


@dataclass(frozen=True)
class Ended:
    code: int | None
    out: str
    err: str


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    async with SandboxServer(World()) as server:
        server.world.make_guild("Harbour")
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "headcount.sqlite3"


@asynccontextmanager
async def started(
    folder: Path, *arguments: str, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m bot` in the folder, with these environment variables and no other HEADCOUNT_ one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEADCOUNT_")}
    environment |= {f"HEADCOUNT_{name}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *(arguments or ("run",)),
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def end_of(process: asyncio.subprocess.Process) -> Ended:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


async def connection_of(process: asyncio.subprocess.Process, server: SandboxServer) -> None:
    """Wait until the bot has connected; fail at once, with what it said, when it ended instead."""
    await server.world.until(
        lambda: bool(server.gateway.connected()) or process.returncode is not None, timeout_s=TIMEOUT_SECONDS
    )
    if process.returncode is not None:
        pytest.fail(str(await end_of(process)))


async def refusal(folder: Path, **settings: str) -> str:
    """Run the bot, which must end with exit code 2 and exactly one line, without token and traceback."""
    async with started(folder, **settings) as process:
        ended = await end_of(process)
    assert (ended.code, ended.out) == (2, ""), ended
    assert ended.err.endswith("\n")
    assert ended.err.count("\n") == 1, ended.err
    token = settings.get("DISCORD__TOKEN")
    assert token is None or token not in ended.err
    return ended.err.removesuffix("\n")


def address_of(server: SandboxServer) -> dict[str, str]:
    return {"DISCORD__API_BASE": server.api_base, "DISCORD__GATEWAY_URL": server.gateway_url}


def reach(server: SandboxServer) -> dict[str, str]:
    return address_of(server) | {"DISCORD__TOKEN": server.token}


@contextmanager
def closed_port() -> Iterator[int]:
    """Hold a port on which nobody listens."""
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


async def test_a_missing_token_is_one_sentence(tmp_path: Path) -> None:
    assert (await refusal(tmp_path)).startswith("There is no token: set HEADCOUNT_DISCORD__TOKEN")


async def test_a_wrong_token_is_one_sentence(tmp_path: Path, server: SandboxServer) -> None:
    sentence = await refusal(tmp_path, **address_of(server), DISCORD__TOKEN="wrong-and-never-shown")
    assert sentence == REFUSED_CREDENTIAL


async def test_a_missing_intent_is_named_with_its_switch(tmp_path: Path, server: SandboxServer) -> None:
    server.world.approved_intents.discard("members")
    sentence = await refusal(tmp_path, **reach(server))
    assert sentence == REFUSED_INTENT
    assert "Server Members Intent" in sentence
    assert "Privileged Gateway Intents" in sentence


async def test_an_unreachable_discord_is_named_with_its_address(tmp_path: Path) -> None:
    with closed_port() as port:
        api_base = f"http://127.0.0.1:{port}/api/v10"
        sentence = await refusal(tmp_path, DISCORD__API_BASE=api_base, DISCORD__TOKEN="never-shown")
    assert sentence.startswith(f"Discord cannot be reached at {api_base}: ")


async def test_a_refused_login_is_one_sentence(tmp_path: Path, server: SandboxServer) -> None:
    server.world.switches.fail("GET", "/users/@me", status=403, body={"code": 40001, "message": "No entry"})
    sentence = await refusal(tmp_path, **reach(server))
    assert sentence.startswith(f"Discord refused a request of the start ({server.api_base}): 403 Forbidden")
    assert sentence.endswith("No entry")


async def test_a_wrong_field_is_named(tmp_path: Path) -> None:
    sentence = await refusal(tmp_path, DISCORD__TOKEN="never-shown", LOG__LEVEL="loud")
    assert sentence.startswith("HEADCOUNT_LOG__LEVEL must be one of")


async def test_a_file_that_is_no_database_is_named(tmp_path: Path, database: Path) -> None:
    write_letter(database)
    sentence = await refusal(tmp_path, DISCORD__TOKEN="never-shown")
    assert "data/headcount.sqlite3 is not a database" in sentence


async def test_a_damaged_database_is_named(tmp_path: Path, database: Path) -> None:
    assert main(["migrate", "--config", str(write_config(tmp_path, database))]) == 0
    damage(database)
    assert "data/headcount.sqlite3 is damaged" in await refusal(tmp_path, DISCORD__TOKEN="never-shown")


async def test_a_database_of_a_newer_program_is_refused(tmp_path: Path, database: Path) -> None:
    assert main(["migrate", "--config", str(write_config(tmp_path, database))]) == 0
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO migrations VALUES ('9999_from_the_future.sql', 'x', 0)")
    sentence = await refusal(tmp_path, DISCORD__TOKEN="never-shown")
    assert "newer version of Headcount" in sentence
    assert "9999_from_the_future.sql" in sentence


async def test_a_database_that_cannot_be_written_is_named(tmp_path: Path, database: Path) -> None:
    # A file in place of the folder stops every user, root as well.
    database.parent.write_text("", encoding="utf-8")
    assert "data" in await refusal(tmp_path, DISCORD__TOKEN="never-shown")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_signal_ends_the_bot_cleanly(
    number: signal.Signals, tmp_path: Path, database: Path, server: SandboxServer
) -> None:
    async with started(tmp_path, **reach(server)) as process:
        await connection_of(process, server)
        process.send_signal(number)
        ended = await end_of(process)
    assert ended.code == 0, ended
    assert "Traceback" not in ended.err
    assert server.token not in ended.err
    await server.world.until(lambda: not server.gateway.connected(), timeout_s=TIMEOUT_SECONDS)
    assert server.world.gaps == []
    # The last connection that closes folds the journal in.
    assert files_beside(database) == {database.name, f"{database.name}-lock"}


async def test_a_second_bot_on_the_same_database_is_refused_until_the_first_is_gone(
    tmp_path: Path, server: SandboxServer
) -> None:
    async with started(tmp_path, **reach(server)) as first:
        await connection_of(first, server)
        sentence = await refusal(tmp_path, **reach(server))
        assert sentence.startswith("Another Headcount is at work on the database data/headcount.sqlite3;")
        assert first.returncode is None
        first.kill()
        await end_of(first)
        await server.world.until(lambda: not server.gateway.connected(), timeout_s=TIMEOUT_SECONDS)
        async with started(tmp_path, **reach(server)) as second:
            await connection_of(second, server)
            second.send_signal(signal.SIGTERM)
            assert (await end_of(second)).code == 0


async def test_a_second_signal_has_its_usual_effect() -> None:
    told = asyncio.Event()
    before = signal.getsignal(signal.SIGTERM)
    with _set_by_signals(told):
        assert signal.getsignal(signal.SIGTERM) != before
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await told.wait()
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) == signal.default_int_handler


async def test_a_signal_ends_a_bot_that_is_still_logging_in(tmp_path: Path, database: Path) -> None:
    asked = asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(never_answer, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        settings = {"DISCORD__API_BASE": f"http://127.0.0.1:{port}/api/v10", "DISCORD__TOKEN": "never-shown"}
        async with started(tmp_path, **settings) as process, asyncio.timeout(TIMEOUT_SECONDS):
            await asked.wait()
            process.send_signal(signal.SIGTERM)
            ended = await end_of(process)
    assert ended.code == 0, ended
    assert "Traceback" not in ended.err
    assert files_beside(database) == {database.name, f"{database.name}-lock"}


async def test_the_configured_gateway_is_used_where_discord_names_another(
    tmp_path: Path, server: SandboxServer
) -> None:
    """discord.py asks for the number of shards and would connect where that answer says."""
    with closed_port() as port:
        server.world.gateway_url = f"ws://127.0.0.1:{port}/"
        async with started(tmp_path, **reach(server)) as process:
            await connection_of(process, server)
            process.send_signal(signal.SIGTERM)
            assert (await end_of(process)).code == 0


async def test_a_token_from_a_file_is_taken(tmp_path: Path, server: SandboxServer) -> None:
    (tmp_path / "token.txt").write_text(f"{server.token}\n", encoding="utf-8")
    async with started(tmp_path, **address_of(server), DISCORD__TOKEN_FILE="token.txt") as process:
        await connection_of(process, server)
        process.send_signal(signal.SIGTERM)
        assert (await end_of(process)).code == 0


async def test_the_local_discord_says_that_its_port_is_taken(tmp_path: Path, server: SandboxServer) -> None:
    port = server.origin.rpartition(":")[2]
    async with started(tmp_path, "sandbox", "--port", port) as process:
        ended = await end_of(process)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"The local Discord cannot listen on port {port}: Address already in use.\n"


def files_beside(database: Path) -> set[str]:
    return {path.name for path in database.parent.iterdir()}


def write_config(folder: Path, database: Path) -> Path:
    path = folder / "migrate.toml"
    path.write_text(f"[storage]\npath = '{database}'\n", encoding="utf-8")
    return path


def write_letter(database: Path) -> None:
    database.parent.mkdir()
    database.write_text("This is a letter, not a database. " * 100, encoding="utf-8")


def damage(database: Path) -> None:
    """Spoil everything but the first page."""
    content = bytearray(database.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    database.write_bytes(content)


class _Socket:
    close_code: int | None = None


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (4004, REFUSED_CREDENTIAL),
        (4014, REFUSED_INTENT),
        (4010, "Discord does not accept the shards: check discord.shard_count and discord.shard_ids."),
        (4011, "Discord wants more shards: raise discord.shard_count, or leave it out."),
        (4012, "Discord closed the connection for good (code 4012)."),
    ],
)
def test_a_gateway_that_closes_for_good_is_told_with_what_to_do(code: int, sentence: str) -> None:
    error = discord.ConnectionClosed(_Socket(), shard_id=0, code=code)  # type: ignore[arg-type]
    assert sentence_for(error, "https://discord.com/api/v10") == sentence


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientError("refused"),
        TimeoutError(),
        discord.GatewayNotFound(),  # type: ignore[no-untyped-call]
    ],
)
def test_a_failure_to_reach_discord_names_the_address(error: Exception) -> None:
    assert "http://localhost:1" in (sentence_for(error, "http://localhost:1") or "")


def test_an_error_that_was_not_foreseen_has_no_sentence() -> None:
    assert sentence_for(RuntimeError("a bug"), "http://localhost:1") is None
