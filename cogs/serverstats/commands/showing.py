"""Pages as messages: embeds with their pictures, and the names that may stand in both."""

import asyncio
from collections.abc import Collection, Sequence
from io import BytesIO
from typing import Final, Protocol

import discord

from bot.charts.specs import ChartSpec
from bot.charts.studio import ChartError
from bot.errors import ForbiddenError
from bot.text.language import N_, _
from bot.ui.access import check_manage
from bot.ui.border import speak_publicly
from bot.ui.look import NO_PINGS, Interaction, make_embed, safe_name, shorten
from bot.ui.scope import guild_of
from cogs.serverstats.statistics.views.figures import value_of
from cogs.serverstats.statistics.views.pages import Page, RankedLine
from cogs.serverstats.statistics.views.wording import Subject, activity_name
from storage.statistics.catalogue import Kind
from storage.statistics.series import Sum
from storage.statistics.tops import Dimension, Ranked

Channel = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel | discord.Thread
)
"""The channels that statistics can be asked about."""

LOOKUP_SECONDS: Final = 5.0
FIELD_LENGTH: Final = 1024
"""Discord documentation, Message Resource, Embed Limits."""
NO_ATTACHING: Final = N_("There is no chart, as I lack the permission Attach Files here.")
WHO_LEFT: Final = N_("somebody who left")
A_MEMBER: Final = N_("a member")
A_CHANNEL: Final = N_("a private channel")
GONE_CHANNEL: Final = N_("an archived or deleted channel")


class Charts(Protocol):
    """Who draws: the chart studio."""

    async def draw(self, spec: ChartSpec) -> bytes:
        """Return the chart as PNG; raises ChartError."""
        ...


def check_user(interaction: Interaction, user: discord.abc.User | None) -> None:
    """Raise AccessRefusedError for the figures of somebody else, unless the person may manage the server."""
    if user is not None and user.id != interaction.user.id:
        check_manage(interaction)


def check_channel(interaction: Interaction, channel: Channel | None) -> None:
    """Raise ForbiddenError for a channel that the person cannot see."""
    if channel is None or not isinstance(interaction.user, discord.Member):
        return
    if not channel.permissions_for(interaction.user).view_channel:
        raise ForbiddenError(_("You cannot see that channel."))


async def defer(interaction: Interaction, user: discord.abc.User | None = None) -> None:
    """Win time for reading and drawing; everybody sees the answer, unless it is about somebody else.

    From here on the language is that of whoever sees it.
    """
    is_private = user is not None and user.id != interaction.user.id
    if not is_private:
        speak_publicly(interaction)
    await interaction.response.defer(thinking=True, ephemeral=is_private)


async def show(interaction: Interaction, charts: Charts, pages: Sequence[Page]) -> None:
    """Answer with an embed for each page and its chart; without the chart where it cannot be had."""
    embeds: list[discord.Embed] = []
    files: list[discord.File] = []
    note = ""
    for page in pages:
        embed = make_embed(page.title, page.text, footer=page.footer)
        for name, value in page.facts:
            embed.add_field(name=name, value=shorten(value, FIELD_LENGTH))
        embeds.append(embed)
        if page.chart is None or note:
            continue
        if not interaction.app_permissions.attach_files:
            note = f"-# {_(NO_ATTACHING)}"
            continue
        try:
            png = await charts.draw(page.chart)
        except ChartError as error:
            note = f"-# {error.message}"
            continue
        files.append(discord.File(BytesIO(png), filename=f"{page.name}.png"))
        embed.set_image(url=f"attachment://{page.name}.png")
    if note:
        embeds[0].description = "\n".join(part for part in (embeds[0].description, note) if part)
    await interaction.followup.send(embeds=embeds, files=files, allowed_mentions=NO_PINGS)


def subject_of(
    interaction: Interaction, user: discord.abc.User | None = None, channel: Channel | None = None
) -> Subject:
    """Return the names of what is asked about; that of a channel only if all who see the answer may know it."""
    channel_name = None
    if channel is not None:
        channel_name = f"#{channel.name}" if _may_be_named(interaction, channel) else _(A_CHANNEL)
    return Subject(None if user is None else user.display_name, channel_name)


async def ranked_lines_of(
    interaction: Interaction, kind: Kind, by: Dimension, rows: Sequence[Ranked]
) -> list[RankedLine]:
    """Return the places of a ranking with names: mentions in the text, plain names in the picture."""
    guild = guild_of(interaction)
    members = await _fetch_members(guild, {row.id for row in rows}) if by is Dimension.USER else {}
    lines = []
    for row in rows:
        match by:
            case Dimension.USER:
                drawn = members.get(row.id, _(WHO_LEFT))
                words = _(WHO_LEFT) if row.id not in members else f"<@{row.id}>"
            case Dimension.CHANNEL:
                channel = guild.get_channel_or_thread(row.id)
                # Discord itself hides the name behind a mention from those who cannot see the channel.
                words = f"<#{row.id}>"
                drawn = _(GONE_CHANNEL)
                if isinstance(channel, Channel):
                    drawn = f"#{channel.name}" if _may_be_named(interaction, channel) else _(A_CHANNEL)
            case Dimension.TEXT:
                drawn = activity_name(row.text or "?", row.activity_type)
                words = safe_name(drawn)
        lines.append(RankedLine(words, drawn, value_of(kind, Sum(row.events, row.total)) or 0.0))
    return lines


def _may_be_named(interaction: Interaction, channel: Channel) -> bool:
    """Whether every role that sees the place of the answer sees this channel, too."""
    place = interaction.channel
    if isinstance(channel, discord.Thread) and (channel.is_private() or channel.parent is None):
        return False
    if place is None or place.id == channel.id or not isinstance(place, Channel):
        return True
    if isinstance(place, discord.Thread) and place.parent is None:
        return False
    return all(
        channel.permissions_for(role).view_channel
        for role in channel.guild.roles
        if not role.is_bot_managed() and place.permissions_for(role).view_channel
    )


async def _fetch_members(guild: discord.Guild, user_ids: Collection[int]) -> dict[int, str]:
    """Return the names of those who are here."""
    names = {user_id: member.display_name for user_id in user_ids if (member := guild.get_member(user_id))}
    missing = [user_id for user_id in user_ids if user_id not in names]
    if missing:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                found = await guild.query_members(user_ids=missing, limit=len(missing), cache=False)
        except TimeoutError:
            # Better a name that is missing than an answer that is.
            return names | dict.fromkeys(missing, _(A_MEMBER))
        names |= {member.id: member.display_name for member in found}
    return names
