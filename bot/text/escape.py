"""Making a name that somebody chose harmless in a text that somebody else wrote.

Outside code a backslash takes the meaning from a character and is not shown. In code it is shown and has no
effect: there similar characters take the place of those that could end the code or the markdown around it.
"""

import re

INVISIBLE = "\u200b"
_BRACKETS = str.maketrans("[]", "\uff3b\uff3d")
_SIMILAR = str.maketrans("`*~|\\[]", "\u02cb\u2217\u223c\u2223\u2216\uff3b\uff3d")
_SIMILAR_UNDERSCORE = "\u02cd"

# Overrides and isolates of writing direction turn around all that follows; lone surrogates cannot be sent.
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MASS_MENTION = re.compile(r"@(?:everyone|here)", re.IGNORECASE)
_MARKUP_START = re.compile(r"<(?:[@#:/]|a:|t:|id:)", re.IGNORECASE)
_OUTER_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_BRACKET_PAIR = re.compile(r"\[[^\[\]]*\]")
_BRACKET = re.compile(r"[\[\]]")
_LINK = re.compile(r":(?=//)")
_MARKDOWN = re.compile(r"[\\*_~|\[\]()<>#]")
# What would begin a list, or continue a number or an address that the author wrote before the name.
_START = re.compile(r"^(?:(?P<mark>[-+./])|(?P<number>\d+)\.)")


def tame_name(text: str) -> str:
    """Return a name on one line, without control characters, mass mentions and markup; never empty."""
    # Cleaning comes first: it must not put a mention together that was taken apart.
    text = " ".join(_UNWANTED.sub("", text).split())
    for pattern in (MASS_MENTION, _MARKUP_START):
        text = pattern.sub(_insert_invisible, text)
    return text or INVISIBLE


def _insert_invisible(match: re.Match[str]) -> str:
    return f"{match[0][0]}{INVISIBLE}{match[0][1:]}"


def escape_markdown(text: str) -> str:
    """Return one line of text such that Discord shows it as it is, wherever outside code it stands."""
    if text.isdecimal():
        # Followed by the author's full stop it would begin a list, and digits cannot be escaped.
        return INVISIBLE + text
    if _BRACKET.search(_BRACKET_PAIR.sub("", text)):
        # Escaped or not, a bracket without a partner undoes a link in whose text it stands.
        text = text.translate(_BRACKETS)
    text = _MARKDOWN.sub(r"\\\g<0>", text.replace("`", "\u02cb"))
    # A bare link would swallow the markdown that follows it.
    text = _LINK.sub(r"\:", text)
    text = _START.sub(lambda match: rf"\{match['mark']}" if match["mark"] else rf"{match['number']}\.", text)
    # Spoilers and struck text end at two of these, of which the first may be ours.
    return text + INVISIBLE if text.endswith(("|", "~")) else text


def escape_in_code(text: str) -> str:
    """Return one line of text that ends neither the code it stands in nor markdown around that code."""
    return _OUTER_UNDERSCORE.sub(_SIMILAR_UNDERSCORE, text).translate(_SIMILAR)
