"""The fields of forms: labels within Discord's limits, and numbers as people type them."""

import re
from typing import Any, Final

import discord

from bot.errors import UnprocessableEntityError
from bot.text.language import _
from bot.ui.look import safe_name, shorten

TITLE_LENGTH: Final = 45
LABEL_LENGTH: Final = 45
ABOUT_LENGTH: Final = 100
"""Discord documentation, Component Reference, Label, and Interactions, Modal."""
NUMBER_LENGTH: Final = 13
"""With separators."""

_WHOLE_NUMBER = re.compile(r"\d+|\d{1,3}(?:[., \u00a0\u202f’]\d{3})+", re.ASCII)


def form_title(text: str) -> str:
    """Return the title of a form, as long as Discord allows."""
    return shorten(text, TITLE_LENGTH)


def labelled(text: str, component: discord.ui.Item[Any], about: str | None = None) -> discord.ui.Label[Any]:
    """Return a field with its label, and with what there is to say about it."""
    description = None if about is None else shorten(about, ABOUT_LENGTH)
    return discord.ui.Label(text=shorten(text, LABEL_LENGTH), description=description, component=component)


def text_field(
    custom_id: str, *, default: str = "", most: int, required: bool = False, placeholder: str | None = None
) -> discord.ui.TextInput[Any]:
    """Return a field of one line."""
    return discord.ui.TextInput(
        custom_id=custom_id,
        default=default or None,
        max_length=most,
        required=required,
        placeholder=placeholder,
    )


def read_whole_number(label: str, typed: str) -> int | None:
    """Return the number, None where nothing was typed; raises UnprocessableEntityError.

    `label` is that of the field, in the language of the context. Separators of thousands are those of any language.
    """
    typed = typed.strip()
    if not typed:
        return None
    if not _WHOLE_NUMBER.fullmatch(typed):
        raise UnprocessableEntityError(
            _("{field} must be a whole number, not “{typed}”.", field=label, typed=safe_name(typed))
        )
    return int("".join(filter(str.isdecimal, typed)))
