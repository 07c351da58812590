"""How the people of a story use the bot's commands, and what its answers look like as plain text."""

from collections.abc import Awaitable
from dataclasses import dataclass

from ..backend import InteractionResult, ResponseMessage
from ..people import Person
from ..world import World
from .wording import Names

TURN_ON = "Turn on"
CALLBACK_ROUTE = "/interactions/{interaction_id}/{token}/callback"


class NoAnswerError(Exception):
    """The bot did not do what a command asked for; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered to a command: a first line, and whatever follows it."""

    command: str
    headline: str
    lines: tuple[str, ...]


async def use_command(person: Person, world: World, channel_id: int, command: str, names: Names) -> Answer:
    """Type a slash command and return the answer; raises NoAnswerError when there is none."""
    result = await _once_answered(world, person.slash(channel_id, command))
    shown = _shown_message(result)
    if shown is None:
        raise NoAnswerError(f"The bot did not answer /{command}.")
    return _read(f"/{command}", shown, names)


async def turn_on_messages(
    person: Person, world: World, channel_id: int, *, kind: str, into_id: int, names: Names
) -> Answer:
    """Open the settings of the join or leave messages, choose the channel, and turn them on."""
    command = f"invite_tracker settings {kind}_message"
    shown = _shown_message(await _once_answered(world, person.slash(channel_id, command)))
    if shown is None:
        raise NoAnswerError(f"The bot did not answer /{command}.")
    # The screen is one message that the bot edits in place, so each act shows the same message anew.
    await _once_answered(world, person.select(shown, [world.get_channel(into_id)]))
    await _once_answered(world, person.click(shown, label=TURN_ON))
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


def _shown_message(result: InteractionResult) -> ResponseMessage | None:
    return result.response or next(iter(result.followups), None)


def _read(command: str, message: ResponseMessage, names: Names) -> Answer:
    texts = [message.content]
    for embed in message.embeds:
        texts += [embed.title or "", embed.description or "", embed.footer.text or ""]
    lines = [line for text in texts for line in names.plain(text).splitlines() if line.strip()]
    if not lines:
        raise NoAnswerError(f"The bot's answer to {command} is empty.")
    return Answer(command, lines[0], tuple(lines[1:]))
