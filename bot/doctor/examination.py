"""The examination: every check in its order, for the command line and for Discord.

At Discord only requests are made, few and paced; the gateway is left to the bot, which may be running meanwhile.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import discord
from discord.http import Route

from bot.client import EXTENSIONS, MAX_RATELIMIT_TIMEOUT_SECONDS, HeadcountClient
from bot.clock import Clock
from bot.config import Config
from bot.config_source import ConfigError, read_token
from bot.discord_time import DiscordTime
from bot.doctor import application
from bot.doctor.application import GatewayTerms, intents_of
from bot.doctor.findings import Area, Finding, Report, Severity
from bot.doctor.http_api import check_http
from bot.doctor.installation import check_configuration, check_database, unusable
from bot.doctor.needs import Need, fetch_needs, log_channel_need
from bot.doctor.server import INTENT_TITLES, SeenServer, check_server, nothing_needed
from bot.log import black_out
from bot.permissions import invite_url
from bot.request_failures import CONNECTION_FAILURES
from bot.request_pace import RequestPace
from bot.startup import point_to, sentence_for
from storage.database import ReadTransaction
from storage.guild_settings import fetch_all_guild_settings
from storage.guilds import fetch_known_guild_ids
from storage.inspection import reading

REQUEST_SECONDS: Final = 30.0
CUTS_IN_A_ROW: Final = 3
"""With so many servers one after the other that do not answer, the network is taken to be gone."""

NeedsByGuild = Mapping[int, tuple[Need, ...]]


@dataclass(frozen=True, slots=True)
class _Connected:
    """A client that makes requests and nothing else."""

    client: discord.Client
    time: DiscordTime
    info: discord.AppInfo


async def examine(config_path: Path | None, clock: Clock, *, only_guild_id: int | None = None) -> Report:
    """Check everything that can be checked from here; with `only_guild_id` of the servers this one."""
    loaded, findings = check_configuration(config_path)
    if loaded is None:
        return _report(findings)
    config = loaded.config
    findings += await check_http(config)
    is_readable, about_database = await check_database(config, clock.now_ms())
    findings += about_database
    needs: NeedsByGuild | None = None
    if is_readable:
        try:
            needs = await _fetch_all_needs(config)
        except sqlite3.Error as error:
            findings += (unusable(config.storage.path, error),)
    try:
        token = read_token(config)
    except ConfigError as error:
        return _report((*findings, _no_token(str(error))))
    point_to(config)
    findings += tuple([found async for found in _ask_discord(config, token, clock, needs, only_guild_id)])
    return _report(findings, token)


async def examine_server(client: HeadcountClient, guild: discord.Guild) -> tuple[Finding, ...]:
    """Check one server for the people who run it, with what the bot that is running has of it."""
    now_ms = client.parts.clock.now_ms()
    log_channel_id = client.parts.guild_settings.log_channel_id_of(guild.id)
    async with client.parts.database.read() as rx:
        needs = await _fetch_needs(rx, guild.id, log_channel_id)
    intents = {name for name in INTENT_TITLES if getattr(client.intents, name)}
    return check_server(SeenServer.of_gateway(guild), needs, intents, now_ms)


async def _fetch_all_needs(config: Config) -> NeedsByGuild:
    """Return what is needed in every server that the bot is in as far as it is stored."""
    async with reading(config.storage.path) as rx:
        settings = await fetch_all_guild_settings(rx)
        return {
            guild_id: await _fetch_needs(
                rx, guild_id, settings[guild_id].log_channel_id if guild_id in settings else None
            )
            for guild_id in await fetch_known_guild_ids(rx)
        }


async def _fetch_needs(rx: ReadTransaction, guild_id: int, log_channel_id: int | None) -> tuple[Need, ...]:
    needs = await fetch_needs(rx, EXTENSIONS, guild_id)
    return needs if log_channel_id is None else (*needs, log_channel_need(log_channel_id))


def _no_token(sentence: str) -> Finding:
    return application.finding(
        "token",
        Severity.ERROR,
        "Token",
        sentence,
        meaning="The bot does not start; what is to be asked at Discord was not checked.",
    )


async def _ask_discord(
    config: Config, token: str, clock: Clock, needs: NeedsByGuild | None, only_guild_id: int | None
) -> AsyncIterator[Finding]:
    try:
        async with _logged_in(token, clock) as connected:
            async for found in _look_around(connected, config, clock, needs, only_guild_id):
                yield found
    except discord.LoginFailure:
        yield application.refused_token()
    except discord.RateLimited as limit:
        seconds = f"{limit.retry_after:.0f} seconds"
        yield application.unreachable(f"Discord wants no more requests for the next {seconds}.")
    except (discord.DiscordException, *CONNECTION_FAILURES) as error:
        sentence = sentence_for(error, Route.BASE) or f"Discord cannot be reached at {Route.BASE}: {error}."
        yield application.unreachable(sentence)


@asynccontextmanager
async def _logged_in(token: str, clock: Clock) -> AsyncIterator[_Connected]:
    time = DiscordTime(clock)
    client = discord.Client(
        intents=discord.Intents.none(),
        http_trace=time.make_trace(),
        max_ratelimit_timeout=MAX_RATELIMIT_TIMEOUT_SECONDS,
    )
    client.http.request = RequestPace(clock).around(client.http.request)  # type: ignore[method-assign]
    async with client:
        async with asyncio.timeout(REQUEST_SECONDS):
            await client.login(token)
        info = client.application
        if info is None:
            raise discord.ClientException("Discord did not say which application this is.")
        yield _Connected(client, time, info)


async def _look_around(
    connected: _Connected,
    config: Config,
    clock: Clock,
    needs: NeedsByGuild | None,
    only_guild_id: int | None,
) -> AsyncIterator[Finding]:
    client, info = connected.client, connected.info
    intents = intents_of(info.flags)
    for found in application.check_application(info, str(client.user)):
        yield found
    for found in application.check_intents(intents):
        yield found
    async with asyncio.timeout(REQUEST_SECONDS):
        shards, _url, limit = await client.http.get_bot_gateway()
        names = {guild.id: guild.name async for guild in client.fetch_guilds(limit=None, with_counts=False)}
    for found in application.check_gateway(config, len(names), GatewayTerms.of(shards, limit)):
        yield found
    yield application.check_clock(connected.time.lead_ms)
    for found in application.check_guild_count(len(names), info.id):
        yield found
    if needs is None:
        yield _servers_unchecked()
        return
    guild_ids = names.keys() | {guild_id for guild_id, wanted in needs.items() if wanted}
    if only_guild_id is not None:
        if only_guild_id not in guild_ids:
            yield _not_there(only_guild_id, info.id)
        guild_ids &= {only_guild_id}
    cuts = 0
    for guild_id in sorted(guild_ids):
        name = names.get(guild_id)
        if name is None:
            yield _departed(guild_id, config)
            continue
        try:
            about_server = await _check_one(
                client, guild_id, name, needs.get(guild_id, ()), intents, clock.now_ms()
            )
        except CONNECTION_FAILURES as error:
            cuts += 1
            if cuts == CUTS_IN_A_ROW:
                raise
            about_server = (_unreadable(guild_id, name, str(error) or "it does not answer"),)
        else:
            cuts = 0
        for found in about_server:
            yield found


async def _check_one(
    client: discord.Client,
    guild_id: int,
    name: str,
    needs: tuple[Need, ...],
    intents: frozenset[str],
    now_ms: int,
) -> tuple[Finding, ...]:
    if not needs:
        return (nothing_needed(guild_id, name),)
    try:
        seen = await _fetch_server(client, guild_id)
    except (discord.HTTPException, discord.InvalidData) as error:
        return (_unreadable(guild_id, name, str(error)),)
    return check_server(seen, needs, intents, now_ms)


async def _fetch_server(client: discord.Client, guild_id: int) -> SeenServer:
    """Ask for a server, its channels and the bot in it: three requests."""
    if client.user is None:
        raise discord.ClientException("Discord did not say which bot this is.")
    async with asyncio.timeout(REQUEST_SECONDS):
        guild = await client.fetch_guild(guild_id, with_counts=False)
        channels = await guild.fetch_channels()
        me = await guild.fetch_member(client.user.id)
    return SeenServer(guild, me, {channel.id: channel for channel in channels})


def _unreadable(guild_id: int, name: str, reason: str) -> Finding:
    return Finding(
        check="server.unreadable",
        severity=Severity.WARNING,
        area=Area.SERVER,
        subject="Server",
        sentence=f"Discord does not tell about it: {' '.join(reason.split())}.",
        meaning="It was not checked.",
        advice="Try again in a few minutes.",
        guild_id=guild_id,
        guild_name=name,
    )


def _not_there(guild_id: int, application_id: int) -> Finding:
    return Finding(
        check="server.not_there",
        severity=Severity.ERROR,
        area=Area.SERVER,
        subject="Server",
        sentence="The bot is not in this server, and nothing of it is stored.",
        advice=f"Check the id, or add the bot: {invite_url(application_id)}",
        guild_id=guild_id,
    )


def _departed(guild_id: int, config: Config) -> Finding:
    days = config.retention.departed_guild_days
    return Finding(
        check="server.departed",
        severity=Severity.NOTE,
        area=Area.SERVER,
        subject="Server",
        sentence="The bot is not in this server any more.",
        meaning=f"What is stored of it is deleted {days} days after the bot has noticed.",
        guild_id=guild_id,
    )


def _servers_unchecked() -> Finding:
    return application.finding(
        "servers_unchecked",
        Severity.NOTE,
        "Servers",
        "They were not checked: what is switched on there stands in the database.",
    )


def _report(findings: Iterable[Finding], token: str = "") -> Report:
    """Return the report without the token, should Discord have sent it back, or the configuration hold it elsewhere."""
    return Report(
        tuple(
            replace(
                finding,
                subject=black_out(finding.subject, (token,)),
                sentence=black_out(finding.sentence, (token,)),
            )
            for finding in findings
        )
    )
