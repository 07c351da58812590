"""Buttons and selects that work for as long as their message stands, also after a restart.

Everything that a press needs to know stands in the component's custom id, so nothing is kept in memory:
`button("lists", "2", …)` makes a button, and the function that was registered as `actions.on("lists", …)` answers it.
discord.py calls such components dynamic items.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import discord

from bot.command_errors import answer_error
from bot.text.language import N_, _
from bot.ui.border import enter
from bot.ui.look import Interaction, answer

CUSTOM_ID_LENGTH: Final = 100
"""Discord documentation, Component Reference, Custom ID."""
ANYBODY: Final = 0
"""Who owns a component that is there for everybody."""

OLDER_VERSION: Final = N_("This message is of an older version of me; use its command again.")

Emoji = str | discord.Emoji | discord.PartialEmoji


@dataclass(frozen=True, slots=True)
class Press:
    """What came with a press: the arguments that the component was made with, and what was selected."""

    arguments: tuple[str, ...]
    values: tuple[str, ...]
    """The values of a select; the ids of the channels, roles or members that were chosen. Empty for a button."""


Handler = Callable[[Interaction, Press], Awaitable[None]]


class Actions:
    """What answers to the components of this process, by the name of the action."""

    def __init__(self) -> None:
        self._handlers: dict[str, tuple[Handler, int]] = {}

    def on(self, action: str, handler: Handler, *, arguments: int = 0) -> None:
        """Let `handler(interaction, press)` answer presses that bring this number of arguments.

        A second handler for the same action raises ValueError.

        It runs for whoever presses: what the person may do must be checked in it, again, as rights are taken away meanwhile.
        """
        if action in self._handlers:
            raise ValueError(f"two handlers for the action {action}")
        self._handlers[action] = handler, arguments

    def find(self, action: str, arguments: int) -> Handler | None:
        """Return what answers; None for an action or a number of arguments of another version of the bot."""
        handler, expected = self._handlers.get(action, (None, arguments))
        return handler if arguments == expected else None


def button(
    action: str,
    *arguments: object,
    owner_id: int,
    label: str | None = None,
    emoji: Emoji | None = None,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
    row: int | None = None,
) -> "ActionButton":
    """Return a button; only its owner can press it, unless the owner is ANYBODY."""
    made: discord.ui.Button[Any] = discord.ui.Button(
        label=label,
        emoji=emoji,
        style=style,
        disabled=disabled,
        custom_id=_custom_id("b", action, owner_id, arguments),
    )
    return ActionButton(made, row=row)


def select(
    action: str, *arguments: object, owner_id: int, options: Sequence[discord.SelectOption], **kwargs: Any
) -> "ActionSelect":
    """Return a menu of given options; other arguments are those of `discord.ui.Select`."""
    custom_id = _custom_id("s", action, owner_id, arguments)
    return ActionSelect(discord.ui.Select(custom_id=custom_id, options=list(options), **kwargs))


def channel_select(action: str, *arguments: object, owner_id: int, **kwargs: Any) -> "ActionChannelSelect":
    """Return a menu of the server's channels; other arguments are those of `discord.ui.ChannelSelect`."""
    custom_id = _custom_id("c", action, owner_id, arguments)
    return ActionChannelSelect(discord.ui.ChannelSelect(custom_id=custom_id, **kwargs))


def role_select(action: str, *arguments: object, owner_id: int, **kwargs: Any) -> "ActionRoleSelect":
    """Return a menu of the server's roles; other arguments are those of `discord.ui.RoleSelect`."""
    custom_id = _custom_id("r", action, owner_id, arguments)
    return ActionRoleSelect(discord.ui.RoleSelect(custom_id=custom_id, **kwargs))


def _custom_id(prefix: str, action: str, owner_id: int, arguments: Sequence[object]) -> str:
    custom_id = ":".join([prefix, action, str(owner_id), *map(str, arguments)])
    if len(custom_id) > CUSTOM_ID_LENGTH:
        raise ValueError(f"the custom id {custom_id} is longer than Discord takes")
    return custom_id


class _Action:
    """What the four kinds of components have in common."""

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        """Make the component anew from what Discord sends with the press."""
        return cls(item)  # type: ignore[call-arg] # the dynamic item beside it in the bases takes it

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press; an error is told in one sentence."""
        enter(interaction)
        custom_id: str = self.custom_id  # type: ignore[attr-defined]
        _prefix, action, owner_id, *arguments = custom_id.split(":")
        data: dict[str, Any] = dict(interaction.data or {})
        try:
            if int(owner_id) not in (ANYBODY, interaction.user.id):
                await answer(
                    interaction, _("These controls belong to somebody else; use the command yourself.")
                )
                return
            handler = interaction.client.actions.find(action, len(arguments))
            if handler is None:
                await answer(interaction, _(OLDER_VERSION))
                return
            await handler(interaction, Press(tuple(arguments), tuple(map(str, data.get("values", ())))))
        except Exception as error:  # every error is answered
            await answer_error(interaction, error)


class ActionButton(_Action, discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"b:[a-z_.]+:\d+.*"):
    """A button whose custom id says what it does."""


class ActionSelect(_Action, discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"s:[a-z_.]+:\d+.*"):
    """A menu of options whose custom id says what it does."""


class ActionChannelSelect(
    _Action, discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"c:[a-z_.]+:\d+.*"
):
    """A menu of channels whose custom id says what it does."""


class ActionRoleSelect(
    _Action, discord.ui.DynamicItem[discord.ui.RoleSelect[Any]], template=r"r:[a-z_.]+:\d+.*"
):
    """A menu of roles whose custom id says what it does."""


ACTION_ITEMS: Final = (ActionButton, ActionSelect, ActionChannelSelect, ActionRoleSelect)
"""What the client must know so that presses find their way."""
