"""Links to messages, and the nonces that posts are sent with. Pure."""

import base64
import hashlib
import re

_ID = r"(\d{1,19})"
_JUMP_URL = re.compile(
    rf"<?https://(?:(?:canary|ptb)\.)?discord(?:app)?\.com/channels/{_ID}/{_ID}/{_ID}/?>?", re.ASCII
)
_NONCE_BYTES = 15
"""In base 32 these are 24 characters; Discord takes 25 (Discord documentation, Message Resource, Create Message)."""


def jump_url(guild_id: int, channel_id: int, message_id: int) -> str:
    """Return the link to a message."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def parse_jump_url(text: str) -> tuple[int, int, int] | None:
    """Return (guild id, channel id, message id) of a link to a message, None when it is none."""
    found = _JUMP_URL.fullmatch(text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def nonce_of(board_id: int, message_id: int, generation: int) -> str:
    """Return the nonce of a post: the same for every try of one generation, another one for the next."""
    key = f"{board_id}:{message_id}:{generation}".encode()
    return base64.b32encode(hashlib.blake2b(key, digest_size=_NONCE_BYTES).digest()).decode().lower()
