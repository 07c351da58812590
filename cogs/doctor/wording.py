"""How findings read at Discord."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import discord

from bot.doctor.findings import Finding, Severity, worst_first
from bot.text.language import _, ngettext
from bot.ui.actions import ActionButton, button
from bot.ui.look import EMBED_DESCRIPTION_LENGTH, fit_lines, make_embed, safe_name

_MARKS: Final = {Severity.FINE: "✓", Severity.NOTE: "ℹ️", Severity.WARNING: "⚠️", Severity.ERROR: "❌"}


def report_embed(findings: Sequence[Finding], guild: discord.Guild, now_ms: int) -> discord.Embed:
    """Return the findings, the worst first, with what they mean and what to do."""
    rows = [_row(finding, guild) for finding in worst_first(findings)]
    text = fit_lines(
        rows,
        EMBED_DESCRIPTION_LENGTH,
        lambda more: ngettext("… and {count} more", "… and {count} more", more),
    )
    embed = make_embed(_title(findings), text, footer=_("Checked"), warning=_troubles(findings) > 0)
    # Discord shows it beside the footer, in the time of whoever reads it.
    embed.timestamp = datetime.fromtimestamp(now_ms / 1000, UTC)
    return embed


def again_button(action: str, owner_id: int) -> ActionButton:
    """Return the button that looks again."""
    return button(action, owner_id=owner_id, label=_("Check again"), emoji="🔄")


def _troubles(findings: Sequence[Finding]) -> int:
    return sum(finding.severity >= Severity.WARNING for finding in findings)


def _title(findings: Sequence[Finding]) -> str:
    troubles = _troubles(findings)
    if not troubles:
        return _("Everything that is switched on works")
    return ngettext("{count} thing keeps me from working", "{count} things keep me from working", troubles)


def _row(finding: Finding, guild: discord.Guild) -> str:
    lines = [f"{_MARKS[finding.severity]} **{_subject(finding, guild)}** · {finding.sentence}"]
    if finding.meaning:
        lines.append(finding.meaning)
    if finding.advice:
        lines.append(f"→ {finding.advice}")
    return "\n".join(lines)


def _subject(finding: Finding, guild: discord.Guild) -> str:
    """Return a mention, which shows the present name and can be clicked, where there is something to mention."""
    if finding.channel_id is not None and guild.get_channel(finding.channel_id) is not None:
        return f"<#{finding.channel_id}>"
    if finding.role_id is not None and guild.get_role(finding.role_id) is not None:
        return f"<@&{finding.role_id}>"
    return safe_name(finding.subject)
