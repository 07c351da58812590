"""Who wrote a message, as people of the server know them."""

import re
from dataclasses import dataclass
from typing import Final

from bot.text.embeds import MAX_AUTHOR
from bot.text.escape import tame_name
from bot.text.language import N_, _
from bot.text.templates import cut
from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of, text_of

CDN: Final = "https://cdn.discordapp.com"
APP_MARK: Final = N_(" · App")
"""Behind the names of bots and webhooks, as whoever makes one can give it the name of a member."""

_HASH = re.compile(r"\w+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Author:
    """A name without markdown, and a picture."""

    name: str
    avatar_url: str
    is_app: bool


def read_author(message: Raw, member: Raw, guild_id: int) -> Author:
    """Return the author of a message; `member` is the raw guild member, empty when it is not known."""
    user = object_of(message, "author")
    member = member or object_of(message, "member")
    is_webhook = bool(number_of(message, "webhook_id"))
    is_app = is_webhook or user.get("bot") is True
    chosen = text_of(member, "nick") or text_of(user, "global_name") or text_of(user, "username")
    mark = _(APP_MARK) if is_app else ""
    return Author(
        name=cut(tame_name(chosen or _("Unknown")), MAX_AUTHOR // 2) + mark,
        avatar_url=_avatar_url(user, "" if is_webhook else text_of(member, "avatar"), guild_id),
        is_app=is_app,
    )


def _avatar_url(user: Raw, member_avatar: str, guild_id: int) -> str:
    """Return the picture (Discord documentation, Reference, Image Formatting)."""
    user_id = number_of(user, "id")
    if _HASH.fullmatch(member_avatar):
        return f"{CDN}/guilds/{guild_id}/users/{user_id}/avatars/{member_avatar}{_ending(member_avatar)}"
    avatar = text_of(user, "avatar")
    if _HASH.fullmatch(avatar):
        return f"{CDN}/avatars/{user_id}/{avatar}{_ending(avatar)}"
    discriminator = number_of(user, "discriminator")
    return f"{CDN}/embed/avatars/{discriminator % 5 if discriminator else (user_id >> 22) % 6}.png"


def _ending(avatar: str) -> str:
    return ".gif" if avatar.startswith("a_") else ".png"
