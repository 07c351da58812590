"""What is checked at Discord about the application as a whole. For the operator, so in English. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.config import Config
from bot.doctor.findings import Area, Finding, Severity
from bot.doctor.server import INTENT_TITLES
from bot.permissions import invite_url
from bot.startup import REFUSED_CREDENTIAL

GUILDS_PER_SHARD: Final = 2_500
"""Discord documentation, Gateway, Sharding."""
FEW_STARTS: Final = 20
CLOCK_WRONG_MS: Final = 5_000

_WHERE_INTENTS: Final = "Developer Portal → your application → Bot → Privileged Gateway Intents."
_LOST_BY_INTENT: Final = {
    "members": "Nobody's joining is seen: the bot does not start.",
    "presences": "Statuses and activities are not recorded, and counters of them do not work, "
    "but for an estimate of who is online.",
    "message_content": "The starboard shows links without text, and of polls only the votes are counted.",
}


@dataclass(frozen=True, slots=True)
class GatewayTerms:
    """On which terms Discord lets the bot connect (Discord documentation, Gateway, Get Gateway Bot)."""

    recommended_shards: int
    starts_left: int
    starts_reset_after_ms: int

    @classmethod
    def of(cls, recommended_shards: int, limit: Mapping[str, Any]) -> "GatewayTerms":
        """Read the session start limit as Discord sends it."""
        return cls(recommended_shards, int(limit["remaining"]), int(limit["reset_after"]))


def intents_of(flags: discord.ApplicationFlags) -> frozenset[str]:
    """Return the privileged intents that are switched on; each has a second flag for bots in few servers."""
    held = {
        "members": flags.gateway_guild_members or flags.gateway_guild_members_limited,
        "presences": flags.gateway_presence or flags.gateway_presence_limited,
        "message_content": flags.gateway_message_content or flags.gateway_message_content_limited,
    }
    return frozenset(name for name, is_on in held.items() if is_on)


def finding(check: str, severity: Severity, subject: str, sentence: str, **rest: Any) -> Finding:
    """Return a finding about the application."""
    return Finding(
        check=f"discord.{check}",
        severity=severity,
        area=Area.DISCORD,
        subject=subject,
        sentence=sentence,
        **rest,
    )


def refused_token() -> Finding:
    """Discord answered 401."""
    sentence, _separator, advice = REFUSED_CREDENTIAL.partition(": ")
    return finding(
        "token",
        Severity.ERROR,
        "Token",
        f"{sentence}.",
        meaning="The bot does not start; the servers were not checked.",
        advice=advice[:1].upper() + advice[1:],
    )


def unreachable(sentence: str) -> Finding:
    """Discord could not be asked, or gave no answer that helps."""
    return finding(
        "unreachable",
        Severity.ERROR,
        "Connection",
        sentence,
        meaning="What is to be asked there was not checked.",
        advice="Check the network of this machine, and https://discordstatus.com.",
    )


def check_application(info: discord.AppInfo, name: str) -> Iterator[Finding]:
    """Say whose token it is, and what is in the way of adding the bot to servers."""
    yield finding(
        "token", Severity.FINE, "Token", f"Valid: it is the token of {name}, application {info.id}."
    )
    if info.bot_require_code_grant:
        yield finding(
            "code_grant",
            Severity.WARNING,
            "Application",
            "“Requires OAuth2 Code Grant” is switched on.",
            meaning="Nobody can add the bot to a server.",
            advice="Switch it off: Developer Portal → your application → Bot.",
        )


def check_intents(intents: Collection[str]) -> Iterator[Finding]:
    """Say of each privileged intent whether it is on; what a server misses by it is said there."""
    for name, title in INTENT_TITLES.items():
        check = f"intent.{name}"
        if name in intents:
            yield finding(check, Severity.FINE, title, "Switched on.")
        else:
            yield finding(
                check,
                Severity.ERROR if name == "members" else Severity.NOTE,
                title,
                "Switched off.",
                meaning=_LOST_BY_INTENT[name],
                advice=f"Switch it on: {_WHERE_INTENTS}",
            )


def check_gateway(config: Config, guild_count: int, terms: GatewayTerms) -> Iterator[Finding]:
    """Judge the number of shards, and how often the bot may still start."""
    shards = config.discord.shard_count or terms.recommended_shards
    if guild_count > shards * GUILDS_PER_SHARD:
        yield finding(
            "shards",
            Severity.ERROR,
            "Shards",
            f"{shards} shards are too few for {guild_count:,} servers.",
            meaning="Discord refuses the connection.",
            advice=f"Set discord.shard_count to {terms.recommended_shards}, or leave it out.",
        )
    else:
        severity = Severity.FINE if shards >= terms.recommended_shards else Severity.NOTE
        yield finding(
            "shards",
            severity,
            "Shards",
            f"{shards} for {guild_count:,} {'server' if guild_count == 1 else 'servers'}; "
            f"Discord recommends {terms.recommended_shards}.",
        )
    yield _starts(shards, terms)


def _starts(shards: int, terms: GatewayTerms) -> Finding:
    hours = -(-terms.starts_reset_after_ms // 3_600_000)
    sentence = f"{terms.starts_left:,} connections may still be opened"
    sentence += f" in the next {hours} hours." if hours > 1 else " in the next hour."
    if terms.starts_left >= max(FEW_STARTS, 2 * shards):
        return finding("starts", Severity.FINE, "Starts", sentence)
    return finding(
        "starts",
        Severity.ERROR if terms.starts_left < shards else Severity.WARNING,
        "Starts",
        sentence,
        meaning="When none are left Discord resets the token.",
        advice="Find out why the bot starts so often, and wait.",
    )


def check_clock(lead_ms: int) -> Finding:
    """Judge how far the clock of this machine is ahead of Discord's."""
    if lead_ms == 0:
        return finding("clock", Severity.FINE, "Clock", "It agrees with Discord's.")
    return finding(
        "clock",
        Severity.WARNING if abs(lead_ms) >= CLOCK_WRONG_MS else Severity.NOTE,
        "Clock",
        f"It is {abs(lead_ms) / 1000:,.0f} seconds {'ahead of' if lead_ms > 0 else 'behind'} Discord's.",
        meaning="Joins are matched with invites by their times: many stay open, and times are shown wrong.",
        advice="Switch on time synchronisation (NTP) on this machine.",
    )


def check_guild_count(guild_count: int, application_id: int) -> Iterator[Finding]:
    """Say how to add the bot where it is in no server."""
    if guild_count == 0:
        yield finding(
            "no_servers",
            Severity.NOTE,
            "Servers",
            "The bot is in no server.",
            advice=f"Add it: {invite_url(application_id)}",
        )
