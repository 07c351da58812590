"""Starting and stopping: what an operator can put right is told in one sentence, with exit code 2."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import HeadcountClient
from bot.clock import SystemClock
from bot.config import Config
from bot.config_source import ConfigError, read_operator_key, read_token
from bot.log import black_out, set_up_logging
from bot.parts import Parts
from bot.web.address import AddressError
from storage.database import Database, DatabaseOpenError
from storage.sole_use import sole_use

if TYPE_CHECKING:
    from bot.web.server import WebServer

_log = logging.getLogger(__name__)

EXIT_OK = 0
EXIT_UNEXPECTED = 1
EXIT_CANNOT_START = 2

# How long the client's task may take to notice that the client was closed.
LAST_WORDS_SECONDS = 5.0

REFUSED_CREDENTIAL = (
    "Discord does not accept the token: copy it again "
    "(Developer Portal → your application → Bot → Reset Token)."
)
REFUSED_INTENT = (
    "The Server Members Intent is switched off, without which nobody's joining is seen: switch it on "
    "(Developer Portal → your application → Bot → Privileged Gateway Intents)."
)

# Discord documentation, Opcodes and Status Codes, Gateway Close Event Codes: those that no retry can help.
_SENTENCES_BY_CLOSE_CODE = {
    4004: REFUSED_CREDENTIAL,
    4010: "Discord does not accept the shards: check discord.shard_count and discord.shard_ids.",
    4011: "Discord wants more shards: raise discord.shard_count, or leave it out.",
    4014: REFUSED_INTENT,
}


def run(config: Config) -> int:
    """Run the bot until it is told to stop (SIGINT, SIGTERM), and return the exit code of the process.

    What keeps it from starting is one sentence on standard error and exit code 2. A second signal ends it
    at once.
    """
    try:
        token = read_token(config)
        operator_key = read_operator_key(config)
    except ConfigError as error:
        return _refuse(str(error))
    secrets = (token,) if operator_key is None else (token, operator_key)
    set_up_logging(config.log, secrets=secrets)
    point_to(config)
    # The bot never speaks: warnings that it could not would only worry people.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False
    try:
        asyncio.run(_run_until_told(config, token))
    except (DatabaseOpenError, AddressError) as error:
        return _refuse(str(error))
    except Exception as error:
        sentence = sentence_for(error, Route.BASE)
        if sentence is None:
            _log.exception("Headcount stopped because of an error that was not foreseen.")
            return EXIT_UNEXPECTED
        return _refuse(black_out(sentence, secrets))
    return EXIT_OK


def point_to(config: Config) -> None:
    """Make discord.py talk to the addresses that are configured; for the whole process."""
    if config.discord.api_base is not None:
        Route.BASE = config.discord.api_base
    if config.discord.gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(config.discord.gateway_url)


def sentence_for(error: Exception, api_base: str) -> str | None:
    """Return what to tell the operator when the client ended so, or None when it was not foreseen."""
    match error:
        case discord.LoginFailure():
            return REFUSED_CREDENTIAL
        case discord.PrivilegedIntentsRequired():
            return REFUSED_INTENT
        case discord.ConnectionClosed():
            return _SENTENCES_BY_CLOSE_CODE.get(
                error.code, f"Discord closed the connection for good (code {error.code})."
            )
        case discord.GatewayNotFound():
            return f"Discord does not say where its gateway is ({api_base}); try again in a few minutes."
        case discord.HTTPException():
            reason = " ".join(str(error).split())
            return f"Discord refused a request of the start ({api_base}): {reason}"
        case aiohttp.ClientError() | TimeoutError():
            reason = str(error) or "no answer in time"
            return f"Discord cannot be reached at {api_base}: {reason}."
        case _:
            return None


async def _run_until_told(config: Config, token: str) -> None:
    """Run the bot until a signal comes or it ends by itself; everything is closed in either case."""
    told_to_stop = asyncio.Event()
    clock = SystemClock()
    with _set_by_signals(told_to_stop), sole_use(config.storage.path):
        database = await Database.open(config.storage.path, now_ms=clock.now_ms())
        try:
            client = HeadcountClient(Parts.assemble(config, database, clock))
            if config.discord.gateway_url is not None:
                _keep_gateway(client, config.discord.gateway_url)
            await _live(client, token, told_to_stop, await _start_web_server(client, config))
        finally:
            # Last of all: what the client settles while it closes is still written.
            await database.close()


async def _start_web_server(client: HeadcountClient, config: Config) -> "WebServer | None":
    """Answer HTTP requests from now on, before Discord is connected, when that is wanted."""
    if not config.http.enabled:
        return None
    # Only here: who does without the API does without all that it is made of.
    from bot.web.application import find_routers
    from bot.web.server import WebServer

    server = WebServer(client, find_routers())
    await server.start()
    return server


async def _live(
    client: discord.Client, token: str, told_to_stop: asyncio.Event, web_server: "WebServer | None"
) -> None:
    life = asyncio.create_task(client.start(token), name="client")
    told = asyncio.create_task(told_to_stop.wait(), name="told to stop")
    try:
        await asyncio.wait({life, told}, return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            await life
        else:
            _log.info("Stopping.", extra={"event": "stopping"})
    finally:
        told.cancel()
        if web_server is not None:
            # First of all: what is being answered still needs the rest.
            await web_server.close()
        await client.close()
        await asyncio.wait({life}, timeout=LAST_WORDS_SECONDS)
        life.cancel()
        # A client that is closed while it logs in fails in many ways, none of which matters any more.
        await asyncio.gather(life, told, return_exceptions=True)


@contextlib.contextmanager
def _set_by_signals(event: asyncio.Event) -> Iterator[None]:
    """Set the event at the first SIGINT or SIGTERM; the second one has its usual effect."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def restore() -> None:
        # Windows has no such handlers: there, Ctrl+C cancels the main task, which closes everything as well.
        with contextlib.suppress(NotImplementedError):
            for number in signals:
                loop.remove_signal_handler(number)

    def take() -> None:
        event.set()
        restore()

    with contextlib.suppress(NotImplementedError):
        for number in signals:
            loop.add_signal_handler(number, take)
    try:
        yield
    finally:
        restore()


def _keep_gateway(client: discord.Client, gateway_url: str) -> None:
    """Use the configured gateway also where discord.py takes the address from Discord's answer.

    It asks Discord for the number of shards unless one is configured, and connects where that answer says.
    """
    ask: Callable[[], Awaitable[tuple[int, str, Any]]] = client.http.get_bot_gateway

    async def get_bot_gateway() -> tuple[int, str, Any]:
        shards, _url, limits = await ask()
        return shards, gateway_url, limits

    client.http.get_bot_gateway = get_bot_gateway  # type: ignore[method-assign]


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return EXIT_CANNOT_START
