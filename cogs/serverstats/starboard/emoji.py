"""Emoji as boards store them, as reactions name them, and as people type them. Pure.

A Unicode emoji is stored as it was typed; variation selectors, which clients add or leave out, make no difference.
A custom one is stored as `name:id`, an animated one as `a:name:id`.
"""

import re
from collections.abc import Mapping
from typing import Any

DEFAULT_EMOJI = "⭐"

_CUSTOM = re.compile(r"(?:<(a?):|(a:)?)(\w{2,32}):(\d{15,20})>?", re.ASCII)
_VARIATION = "\ufe0f"

_BASE = (
    "[©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰-⛵"
    "⛷-⛺⛽✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
_PICTURE = f"{_BASE}[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
_UNICODE_EMOJI = re.compile(f"[0-9#*]\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_PICTURE}(?:\u200d{_PICTURE})*")
"""One picture: a keycap, a flag, or symbols that are joined to one (Unicode Technical Standard 51, emoji-data)."""


def parse_emoji(text: str) -> str | None:
    """Return what somebody typed as it is stored, None when it is no emoji; whether a custom one exists is not checked."""
    text = text.strip()
    custom = _CUSTOM.fullmatch(text)
    if custom is not None:
        name, emoji_id = custom[3], custom[4]
        return f"a:{name}:{emoji_id}" if custom[1] or custom[2] else f"{name}:{emoji_id}"
    return text if _UNICODE_EMOJI.fullmatch(_plain(text)) else None


def custom_id(emoji: str) -> int | None:
    """Return the id of a stored custom emoji, None for a Unicode one."""
    _name, colon, emoji_id = emoji.rpartition(":")
    return int(emoji_id) if colon else None


def show_emoji(emoji: str) -> str:
    """Return a stored emoji so that Discord shows it in a message."""
    if custom_id(emoji) is None:
        return emoji
    return f"<{emoji}>" if emoji.startswith("a:") and emoji.count(":") == 2 else f"<:{emoji}>"


def is_same_emoji(emoji: str, reaction: Mapping[str, Any]) -> bool:
    """Whether a stored emoji is that of a reaction, as Discord sends it; a custom one may have been renamed."""
    reaction_id = reaction.get("id")
    if reaction_id is not None:
        return custom_id(emoji) == int(reaction_id)
    return _plain(emoji) == _plain(str(reaction.get("name") or ""))


def reaction_path(reaction: Mapping[str, Any]) -> str:
    """Return a reaction's emoji as Discord wants it in an address, before it is quoted."""
    name = str(reaction.get("name") or "_")
    return f"{name}:{reaction['id']}" if reaction.get("id") is not None else name


def _plain(emoji: str) -> str:
    return emoji.replace(_VARIATION, "")
