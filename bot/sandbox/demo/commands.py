"""How the people of a story use the bot's commands, and what its answers look like as plain text."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ..backend import InteractionResult, ResponseMessage
from ..people import Person
from ..world import Channel, World
from .wording import Names

TURN_ON = "Turn on"
ANSWER_TIMEOUT_S = 30
CALLBACK_ROUTE = "/interactions/{interaction_id}/{token}/callback"


class NoAnswerError(Exception):
    """The bot did not do what a command asked for; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the choices of an option: people see the label, the bot is given the value."""

    label: str
    value: int | str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the bot attached to an answer."""

    filename: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered to a command: a first line, and whatever follows it."""

    command: str
    headline: str
    lines: tuple[str, ...]
    pictures: tuple[Picture, ...] = ()


async def use_command(
    person: Person, world: World, channel_id: int, command: str, names: Callable[[], Names], **options: Any
) -> Answer:
    """Type a slash command and return the answer; raises NoAnswerError when there is none.

    ``names`` is asked afterwards: the bot may have made what it speaks of.
    """
    given = {name: one.value if isinstance(one, Choice) else one for name, one in options.items()}
    result = await _once_answered(world, person.slash(channel_id, command, **given))
    # What has to be looked up or drawn comes after the first sign of life.
    with suppress(TimeoutError):
        await world.until(lambda: _is_answered(result), ANSWER_TIMEOUT_S)
    shown = _shown_message(result)
    if shown is None:
        raise NoAnswerError(f"The bot did not answer /{command}.")
    shown_options = (f"{name}:{_typed(value)}" for name, value in options.items())
    typed = " ".join((f"/{command}", *shown_options))
    return replace(_read(typed, shown, names()), pictures=tuple(_pictures(world, shown)))


def _typed(value: Any) -> str:
    if isinstance(value, Choice):
        return value.label
    return f"#{value.name}" if isinstance(value, Channel) else str(value)


def _pictures(world: World, shown: ResponseMessage) -> Iterator[Picture]:
    for attachment in world.get_message(shown.channel_id, shown.id).attachments:
        yield Picture(attachment["filename"], world.cdn.get(attachment["url"]) or b"")


async def turn_on_messages(
    person: Person, world: World, channel_id: int, *, kind: str, into_id: int, names: Names
) -> Answer:
    """Open the settings of the join or leave messages, choose the channel, and turn them on."""
    command = f"invite_tracker settings {kind}_message"
    shown = _shown_message(await _once_answered(world, person.slash(channel_id, command)))
    if shown is None:
        raise NoAnswerError(f"The bot did not answer /{command}.")
    # The screen is one message that the bot edits in place, so each act shows the same message anew.
    await _redrawn(world, shown, person.select(shown, [world.get_channel(into_id)]))
    await _redrawn(world, shown, person.click(shown, label=TURN_ON))
    if TURN_ON in str(shown.components):
        raise NoAnswerError(f"The {kind} messages could not be turned on.")
    return _read(f"/{command}", shown, names)


async def _once_answered(world: World, act: Awaitable[InteractionResult]) -> InteractionResult:
    """Do something and wait until the bot's answer has gone back to it: nobody clicks faster than that."""
    before = len(world.requests("POST", CALLBACK_ROUTE))
    result = await act
    try:
        await world.until(lambda: len(world.requests("POST", CALLBACK_ROUTE)) > before)
    except TimeoutError:
        raise NoAnswerError("The bot did not answer in time.") from None
    return result


async def _redrawn(world: World, screen: ResponseMessage, act: Awaitable[InteractionResult]) -> None:
    """Do something on a screen and wait until it shows what holds now, which may come after the first sign of life."""
    before = str(screen.components)
    await _once_answered(world, act)
    with suppress(TimeoutError):
        await world.until(lambda: str(screen.components) != before, ANSWER_TIMEOUT_S)


def _is_answered(result: InteractionResult) -> bool:
    """Whether more is there than that the bot is thinking."""
    shown = _shown_message(result)
    return shown is not None and not shown.flags.loading


def _shown_message(result: InteractionResult) -> ResponseMessage | None:
    return result.response or next(iter(result.followups), None)


def _read(command: str, message: ResponseMessage, names: Names) -> Answer:
    texts = [message.content]
    for embed in message.embeds:
        texts += [embed.title or "", embed.description or ""]
        texts += [f"{field.name}: {field.value}" for field in embed.fields]
        texts.append(embed.footer.text or "")
    lines = [line for text in texts for line in names.plain(text).splitlines() if line.strip()]
    if not lines:
        raise NoAnswerError(f"The bot's answer to {command} is empty.")
    return Answer(command, lines[0], tuple(lines[1:]))
