"""What is checked of the HTTP API on this machine: its address and the operator's key. For the operator, so in English."""

import asyncio
from collections.abc import Iterator
from typing import Final

import aiohttp

from bot.config import Config
from bot.config_source import ConfigError, read_operator_key
from bot.doctor.findings import Finding, Severity
from bot.doctor.installation import configuration_finding
from bot.web.address import AddressError, is_loopback, listen, url_of

SUBJECT: Final = "HTTP API"
ANSWER_SECONDS: Final = 3.0
_ALIVE: Final = {"success": True, "data": {"status": "alive"}}


async def check_http(config: Config) -> tuple[Finding, ...]:
    """Check whether the API can listen, or does already; of what is switched off only what keeps the bot from starting."""
    try:
        has_operator = read_operator_key(config) is not None
    except ConfigError as error:
        return (_trouble("operator_key", str(error)),)
    if not config.http.enabled:
        return ()
    return (await _check_address(config, has_operator), *_check_reach(config))


async def _check_address(config: Config, has_operator: bool) -> Finding:
    host, port = config.http.host, config.http.port
    url = url_of(host, port)
    operator = "the operator has a key" if has_operator else "there is no operator's key"
    try:
        listening = await asyncio.to_thread(listen, host, port)
    except AddressError as error:
        if error.is_taken and await _is_answered_by_the_bot(url):
            return configuration_finding(
                "http", Severity.FINE, SUBJECT, f"The bot answers at {url}; {operator}."
            )
        return _trouble("http_address", str(error))
    listening.close()
    where = url if port else "any port that is free"
    return configuration_finding(
        "http", Severity.FINE, SUBJECT, f"The bot can listen at {where}; {operator}."
    )


def _check_reach(config: Config) -> Iterator[Finding]:
    if not is_loopback(config.http.host):
        yield configuration_finding(
            "http_unencrypted",
            Severity.NOTE,
            SUBJECT,
            f"At {config.http.host} it can be reached from other machines, and is not encrypted.",
            meaning="Whoever reads the traffic reads the keys.",
            advice="Have a proxy with HTTPS in front of it, and nothing else reach the port.",
        )


def _trouble(check: str, sentence: str) -> Finding:
    return configuration_finding(
        check, Severity.ERROR, SUBJECT, sentence, meaning="The bot does not start with it."
    )


async def _is_answered_by_the_bot(url: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{url}/livez") as answer:
            return bool(await answer.json(content_type=None) == _ALIVE)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False
