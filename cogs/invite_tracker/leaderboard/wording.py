"""How a leaderboard that is posted reads, in words and as a picture. Pure; in the language of the context."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import discord

from bot.charts.specs import RankingChart, RankingRow
from bot.text.dates import format_date, format_datetime
from bot.text.language import _, ngettext
from bot.text.numbers import format_number
from bot.ui.look import make_embed
from cogs.invite_tracker.leaderboard.ranking import Place
from cogs.invite_tracker.leaderboard.schedule import Edition
from storage.records import InviteCounts

CHART_PLACES_LEAST: Final = 2
"""One bar alone tells nothing."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def describe_period(edition: Edition, zone: ZoneInfo) -> str:
    """Return the days that it is about: `09-11-2026 – 15-11-2026`."""
    return f"{format_date(edition.start_ms, zone)} – {format_date(edition.end_ms - 1, zone)}"


def make_board(
    edition: Edition, since_ms: int, zone: ZoneInfo, places: Sequence[Place], kept_days: int
) -> discord.Embed:
    """Return the leaderboard as an embed; its timestamp is the time at which it was due, by which it is found again."""
    lines = [f"-# {describe_period(edition, zone)}"]
    lines += [
        f"**{number}.** <@{place.inviter_id}> · **{format_number(place.counts.real)}**{_describe_others(place.counts)}"
        for number, place in enumerate(places, 1)
    ]
    if not places:
        lines.append(_("Nobody came by an invitation of somebody who is here."))
    if since_ms > edition.start_ms:
        lines.append(
            ngettext(
                "-# Counted from {moment} on: joins are kept for {count} day.",
                "-# Counted from {moment} on: joins are kept for {count} days.",
                kept_days,
                moment=format_datetime(since_ms, zone),
            )
        )
    embed = make_embed(
        _("Invite leaderboard"),
        "\n".join(lines),
        footer=_("Who came and stayed, without bonuses") if places else None,
    )
    embed.timestamp = _EPOCH + timedelta(milliseconds=edition.due_at_ms)
    return embed


def make_chart(edition: Edition, zone: ZoneInfo, places: Sequence[Place]) -> RankingChart | None:
    """Return the picture, None where there is too little to see."""
    if len(places) < CHART_PLACES_LEAST:
        return None
    return RankingChart(
        title=_("Invite leaderboard"),
        subtitle=describe_period(edition, zone),
        unit=_("invites"),
        rows=tuple(RankingRow(place.name, place.counts.real) for place in places),
    )


def due_of(embed: discord.Embed) -> int | None:
    """Return when the leaderboard in this embed was due, as UTC epoch milliseconds; None where there is no such time."""
    return None if embed.timestamp is None else int(embed.timestamp.timestamp() * 1000)


def _describe_others(counts: InviteCounts) -> str:
    """Return who else came, but does not count."""
    parts = []
    if counts.leaves:
        parts.append(ngettext("{count} left", "{count} left", counts.leaves))
    if counts.fake:
        parts.append(ngettext("{count} fake", "{count} fake", counts.fake))
    return f" · {' · '.join(parts)}" if parts else ""
