"""The real process with its HTTP API: a sentence for what keeps it from listening, and a clean end."""

import asyncio
import signal
import socket
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.server import SandboxServer
from tests.bot.test_startup import TIMEOUT_SECONDS, closed_port, end_of, reach, refusal, server, started

__all__ = ["server"]

OPERATOR_KEY = "operator-key-0123456789abcdef0123456789"
WITH_HTTP = {"HTTP__ENABLED": "true", "HTTP__PORT": "0", "HTTP__OPERATOR_KEY": OPERATOR_KEY}


async def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        settings = WITH_HTTP | {"HTTP__PORT": str(port)}
        sentence = await refusal(tmp_path, DISCORD__TOKEN="never-shown", **settings)
    assert sentence == (
        f"The HTTP API cannot listen on 127.0.0.1:{port}: something else listens there already; "
        "choose another http.port, or stop the other program."
    )


async def test_an_address_of_another_machine_is_one_sentence(tmp_path: Path) -> None:
    sentence = await refusal(tmp_path, DISCORD__TOKEN="never-shown", **WITH_HTTP, HTTP__HOST="192.0.2.1")
    assert sentence.startswith(
        "The HTTP API cannot listen on 192.0.2.1:0: that is not an address of this machine"
    )


async def test_a_port_that_is_taken_does_not_matter_to_who_does_without_the_api(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken, closed_port() as discord_port:
        sentence = await refusal(
            tmp_path,
            DISCORD__TOKEN="never-shown",
            DISCORD__API_BASE=f"http://127.0.0.1:{discord_port}/api/v10",
            HTTP__PORT=str(taken.getsockname()[1]),
        )
    assert sentence.startswith("Discord cannot be reached")


async def test_a_short_operator_key_is_one_sentence_that_does_not_show_it(tmp_path: Path) -> None:
    sentence = await refusal(tmp_path, DISCORD__TOKEN="never-shown", HTTP__OPERATOR_KEY="short-and-secret")
    assert sentence.startswith("http.operator_key does not hold a key")
    assert "short-and-secret" not in sentence


async def test_the_operator_s_key_is_blacked_out_as_the_token_is(tmp_path: Path) -> None:
    with closed_port() as port:
        sentence = await refusal(
            tmp_path,
            DISCORD__TOKEN="never-shown",
            DISCORD__API_BASE=f"http://127.0.0.1:{port}/{OPERATOR_KEY}",
            HTTP__OPERATOR_KEY=OPERATOR_KEY,
        )
    assert sentence.startswith(f"Discord cannot be reached at http://127.0.0.1:{port}/[secret]: ")


async def test_the_api_answers_while_discord_is_not_connected_and_ends_with_the_bot(tmp_path: Path) -> None:
    """Discord does not answer at all: the bot hangs in its login."""
    asked = asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(never_answer, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        settings = {"DISCORD__API_BASE": f"http://127.0.0.1:{port}/api/v10", "DISCORD__TOKEN": "never-shown"}
        async with started(tmp_path, **settings, **WITH_HTTP) as process, asyncio.timeout(TIMEOUT_SECONDS):
            line = await told_in_the_log(process, "event=http_started")
            address = line.partition("listens at ")[2].split()[0]
            await asked.wait()
            async with aiohttp.ClientSession(address) as session:
                async with session.get("/livez") as alive:
                    assert alive.status == 200
                async with session.get("/readyz") as ready:
                    assert ready.status == 503
                    assert (await ready.json())["data"]["gateway"] == "I am still connecting to Discord."
                headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
                async with session.get("/modules/invite-tracker/status", headers=headers) as early:
                    assert early.status == 503
                # The connection is kept: a stop must not wait for who might still ask.
                process.send_signal(signal.SIGTERM)
                ended = await end_of(process)
    assert ended.code == 0, ended
    assert "event=http_stopped" in ended.err
    assert "Traceback" not in ended.err
    assert OPERATOR_KEY not in line + ended.err


async def test_the_api_is_ready_when_the_bot_is_and_knows_the_operator(
    tmp_path: Path, server: SandboxServer
) -> None:
    guild_id = next(iter(server.world.guilds))
    async with started(tmp_path, **reach(server), **WITH_HTTP) as process, asyncio.timeout(TIMEOUT_SECONDS):
        address = (
            (await told_in_the_log(process, "event=http_started")).partition("listens at ")[2].split()[0]
        )
        await told_in_the_log(process, "event=shard_ready")
        headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        async with aiohttp.ClientSession(address, headers=headers) as session:
            while True:
                async with session.get("/readyz") as ready:
                    if ready.status == 200:
                        break
            async with session.get(f"/modules/invite-tracker/status?guild_id={guild_id}") as status:
                assert (await status.json())["data"] == {"enabled": False}
        process.send_signal(signal.SIGTERM)
        assert (await end_of(process)).code == 0


async def told_in_the_log(process: asyncio.subprocess.Process, text: str) -> str:
    """Wait for a line with this text on standard error, and return it."""
    assert process.stderr is not None
    seen = []
    while line := (await process.stderr.readline()).decode():
        if text in line:
            return line
        seen.append(line)
    pytest.fail(f"{text} is not in the log: {''.join(seen)}")
