"""What people type when they mean an invite: a code, or one of Discord's link forms."""

import re
from typing import Final

from bot.errors import UnprocessableEntityError
from bot.text.language import _

_INVITE: Final = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:discord\.gg|discord(?:app)?\.com/invite)/)?(?P<code>[A-Za-z0-9-]{2,64})/?(?:\?\S*)?",
    re.IGNORECASE,
)


def parse_invite_code(text: str) -> str:
    """Return the invite code in a code or link; raises UnprocessableEntityError when it is neither."""
    match = _INVITE.fullmatch(text.strip())
    if match is None:
        raise UnprocessableEntityError(
            _(
                "“{text}” is not an invite: give a code such as `abc123` or a link such as `discord.gg/abc123`.",
                text=text.strip()[:100],
            )
        )
    return match["code"]


def invite_url(code: str) -> str:
    """Return the link that people can share."""
    return f"https://discord.gg/{code}"
