"""All that a person sees of an answer, text by text."""

from collections.abc import Iterator
from typing import Any, Final

import discord
import simcord

_WORDS: Final = ("content", "label", "placeholder", "description", "title", "value")
"""Fields of components that are shown."""
_TEXT_INPUT: Final = 4
_STRING_SELECT: Final = 3
"""Discord documentation, Component Reference, Component Types."""


def texts_of_result(result: simcord.InteractionResult) -> Iterator[str]:
    """Yield the texts of the messages and of the form that an interaction was answered with."""
    for message in messages_of(result):
        yield from texts_of_message(message)
    if result.modal is not None:
        yield from texts_of_components([result.modal])


def messages_of(result: simcord.InteractionResult) -> list[simcord.ResponseMessage]:
    """Return the answer and what followed."""
    return [message for message in (result.response, *result.followups) if message is not None]


def texts_of_message(message: simcord.ResponseMessage | discord.Message) -> Iterator[str]:
    """Yield the texts of a message."""
    if message.content:
        yield message.content
    for embed in message.embeds:
        yield from texts_of_embed(embed)
    if isinstance(message, simcord.ResponseMessage):
        yield from texts_of_components(message.components)


def texts_of_embed(embed: discord.Embed) -> Iterator[str]:
    """Yield the texts of an embed."""
    yield from filter(None, (embed.title, embed.description, embed.author.name, embed.footer.text))
    for field in embed.fields:
        yield from filter(None, (field.name, field.value))


def texts_of_components(components: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the texts of components and of everything in them."""
    for component in walk(components):
        for field in _WORDS:
            text = component.get(field)
            # The value of an option is for the program, that of an input for the person.
            if isinstance(text, str) and (field != "value" or component.get("type") == _TEXT_INPUT):
                yield text
        if component.get("type") == _STRING_SELECT:
            for option in component.get("options") or ():
                yield from filter(None, (option["label"], option.get("description")))


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield components and what stands in them, from top to bottom."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        yield from walk([component[key] for key in ("component", "accessory") if component.get(key)])
