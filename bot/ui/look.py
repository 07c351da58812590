"""The look of everything that the bot says: one accent colour, short embeds, no pings."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.text.escape import escape_markdown, tame_name
from bot.text.templates import units

ACCENT: Final = discord.Colour(0x3BA88F)
WARNING: Final = discord.Colour(0xE0A030)
NO_PINGS: Final = discord.AllowedMentions.none()

EMBED_TITLE_LENGTH: Final = 256
EMBED_DESCRIPTION_LENGTH: Final = 4096
MESSAGE_EMBEDS_LENGTH: Final = 6000
MESSAGE_EMBEDS: Final = 10
"""Discord documentation, Message Resource, Embed Limits."""

if TYPE_CHECKING:
    from bot.client import HeadcountClient

    Interaction = discord.Interaction[HeadcountClient]
else:
    # The client itself needs what is in this folder.
    Interaction = discord.Interaction


def make_embed(
    title: str, text: str = "", *, footer: str | None = None, warning: bool = False
) -> discord.Embed:
    """Return an embed in the bot's colour; what is too long is cut with an ellipsis."""
    embed = discord.Embed(
        title=shorten(title, EMBED_TITLE_LENGTH),
        description=shorten(text, EMBED_DESCRIPTION_LENGTH) or None,
        colour=WARNING if warning else ACCENT,
    )
    if footer:
        embed.set_footer(text=footer)
    return embed


def shorten(text: str, length: int) -> str:
    """Return the text, cut at `length` characters with an ellipsis as the last."""
    return text if len(text) <= length else text[: length - 1] + "…"


def fit_lines(lines: Iterable[str], length: int, more: Callable[[int], str]) -> str:
    """Join as many whole lines as fit into `length` characters.

    `more(left_out)` becomes the last line when some do not fit.
    """
    rows = list(lines)
    for count in range(len(rows), -1, -1):
        kept = rows[:count] + ([more(len(rows) - count)] if count < len(rows) else [])
        text = "\n".join(kept)
        if len(text) <= length:
            return text
    return ""


def fits_one_message(embeds: Sequence[discord.Embed]) -> bool:
    """Whether Discord would take all these embeds in one message."""
    total = 0
    for embed in embeds:
        texts = [embed.title, embed.description, embed.author.name, embed.footer.text]
        texts += [text for field in embed.fields for text in (field.name, field.value)]
        total += sum(units(text) for text in texts if text)
    return len(embeds) <= MESSAGE_EMBEDS and total <= MESSAGE_EMBEDS_LENGTH


def safe_name(name: str) -> str:
    """Return a name that people chose so that it shows as it is: no markdown, no mention, on one line."""
    return escape_markdown(tame_name(name))


async def answer(
    interaction: Interaction,
    content: str | None = None,
    *,
    embed: discord.Embed | None = None,
    view: discord.ui.View | discord.ui.LayoutView | None = None,
    public: bool = False,
) -> None:
    """Answer a command or component, to the person alone unless `public`; nobody is ever pinged."""
    message: dict[str, Any] = {"content": content, "allowed_mentions": NO_PINGS, "ephemeral": not public}
    if embed is not None:
        message["embed"] = embed
    if view is not None:
        # The names of its controls say what they do (bot/ui/actions.py), so discord.py need not keep it with a timer.
        view.stop()
        message["view"] = view
    if interaction.response.is_done():
        await interaction.followup.send(**message)
    else:
        await interaction.response.send_message(**message)
