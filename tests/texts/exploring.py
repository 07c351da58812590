"""A curious admin: uses every command, presses every button, fills in every form, and keeps what was said."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import discord
import simcord
from discord import AppCommandOptionType as Kind
from discord import app_commands

from tests.discord_in_process import Place
from tests.texts.hearing import messages_of, texts_of_message, texts_of_result, walk

_LINK_STYLE: Final = 5
_DEPTH_MOST: Final = 4
_PAGES: Final = "settings.page"
_DISABLE: Final = "settings.disable"


def _action_of(component: dict[str, Any]) -> str:
    """Return the name of the action that a control begins (see bot/ui/actions.py)."""
    custom_id = component.get("custom_id")
    return custom_id.split(":")[1] if isinstance(custom_id, str) else ""


class _Kinds:
    """Discord documentation, Component Reference, Component Types."""

    BUTTON: Final = 2
    STRING_SELECT: Final = 3
    TEXT_INPUT: Final = 4
    USER_SELECT: Final = 5
    ROLE_SELECT: Final = 6
    CHANNEL_SELECT: Final = 8
    CHECKBOX: Final = 23


@dataclass(frozen=True, slots=True)
class Heard:
    """A text, and what was done to see it."""

    after: str
    text: str


class Explorer:
    """Somebody who tries everything once."""

    def __init__(self, place: Place, who: simcord.MemberActor) -> None:
        self.place = place
        self.who = who
        self.role = place.guild.create_role("Crew")
        self._channels = {
            discord.ChannelType.text: place.other_channel,
            discord.ChannelType.voice: place.guild.create_voice_channel("lounge"),
            discord.ChannelType.category: place.guild.create_category("deck"),
        }
        self.heard: list[Heard] = []
        self.questions: list[tuple[simcord.ResponseMessage, str, str]] = []
        """Red buttons are left for the end: message, custom id, what was done to see them."""
        self._pressed: set[str] = set()

    async def use_all_commands(self) -> None:
        """Use each command that is offered, first with what it requires only, then with all options."""
        offered = self.who.available_commands(self.place.channel)
        commands = list(self.place.client.tree.walk_commands())
        # Whoever presses everything on the settings screens switches off what the others show.
        for command in sorted(commands, key=lambda command: "settings" in command.qualified_name):
            if not isinstance(command, app_commands.Command) or command.qualified_name not in offered:
                continue
            required = [one for one in command.parameters if one.required]
            for parameters in {
                tuple(one.name for one in some): some for some in (required, command.parameters)
            }.values():
                await self._use(command, parameters)

    async def press_all_settings(self) -> None:
        """Use every control of every view of the settings screen; the language and the log channel stay what they are."""
        book = self.place.client.parts.guild_settings
        before = book.settings_of(self.place.guild.id)
        views = await self._views_of_settings()
        for value in views:
            for custom_id in await self._controls_of_view(value):
                message = await self._open_settings(value)
                await self._press(message, custom_id, f"settings {value}", depth=1)
                if book.settings_of(self.place.guild.id) != before:
                    await book.save(self.place.guild.id, before, book.version_of(self.place.guild.id))

    async def _views_of_settings(self) -> list[str]:
        message = await self._open_settings()
        [menu] = [one for one in walk(message.components) if _action_of(one) == _PAGES]
        return [option["value"] for option in menu["options"]]

    async def _controls_of_view(self, value: str) -> list[str]:
        message = await self._open_settings(value)
        controls = [one for one in walk(message.components) if _action_of(one) not in ("", _PAGES)]
        # The question is answered at the end, once all was seen that is there while a module is enabled.
        return [one["custom_id"] for one in controls if _action_of(one) != _DISABLE]

    async def _open_settings(self, value: str | None = None) -> simcord.ResponseMessage:
        [message] = messages_of(await self.who.slash(self.place.channel, "settings"))
        self._hear("settings", texts_of_message(message))
        if value is not None:
            pages = f"s:{_PAGES}:{self.who.id}"
            turned = await self.who.select(message, [value], custom_id=pages)
            self._hear(f"settings {value}", texts_of_result(turned))
        return message

    async def answer_all_questions(self) -> None:
        """Press the buttons that do what cannot be undone."""
        while self.questions:
            message, custom_id, after = self.questions.pop(0)
            await self._press(message, custom_id, after, depth=0)

    def forget_what_was_pressed(self) -> None:
        """Press everything anew from now on: what it shows may have changed."""
        self._pressed.clear()

    def read_channels(self) -> None:
        """Read what the bot wrote for everybody."""
        bot = self.place.client.user
        for name, channel in self.place.guild.channels.items():
            for message in channel.history():
                if bot is not None and message.author.id == bot.id:
                    self._hear(f"#{name}", texts_of_message(message))

    async def _use(self, command: app_commands.Command[Any, ..., Any], parameters: Iterable[Any]) -> None:
        name = command.qualified_name
        options = {one.display_name: self._value_for(one) for one in parameters}
        for one in command.parameters:
            if one.autocomplete:
                choices = await self.who.autocomplete(self.place.channel, name, one.display_name, "")
                self._hear(f"/{name} {one.display_name}:", (choice["name"] for choice in choices or ()))
                if choices and one.display_name in options:
                    options[one.display_name] = choices[0]["value"]
        result = await self.who.slash(self.place.channel, name, **options)
        await self._look_at(result, f"/{name} {' '.join(options)}".strip(), depth=0)

    def _value_for(self, parameter: app_commands.Parameter) -> Any:
        if parameter.choices:
            return parameter.choices[0].value
        match parameter.type:
            case Kind.string:
                return "ab"
            case Kind.integer | Kind.number:
                return int(parameter.min_value or 1)
            case Kind.boolean:
                return True
            case Kind.user | Kind.mentionable:
                return self.place.member
            case Kind.role:
                return self.role
            case Kind.channel:
                return self._channel_for(parameter.channel_types)
            case _:
                raise AssertionError(f"no value for an option of the type {parameter.type}")

    def _channel_for(self, types: Iterable[discord.ChannelType]) -> simcord.ChannelHandle:
        allowed = list(types) or [discord.ChannelType.text]
        fitting = [self._channels[one] for one in allowed if one in self._channels]
        return fitting[0]

    async def _look_at(self, result: simcord.InteractionResult, after: str, depth: int) -> None:
        self._hear(after, texts_of_result(result))
        if depth >= _DEPTH_MOST:
            return
        if result.modal is not None:
            sent = await self.who.submit_modal(result, self._filled(result.modal))
            await self._look_at(sent, f"{after} → sent", depth + 1)
        for message in messages_of(result):
            for component in list(walk(message.components)):
                custom_id = component.get("custom_id")
                if custom_id is None or component.get("disabled") or component.get("style") == _LINK_STYLE:
                    continue
                if custom_id.startswith("b:yes."):
                    self.questions.append((message, custom_id, after))
                elif custom_id not in self._pressed:
                    self._pressed.add(custom_id)
                    await self._press(message, custom_id, after, depth + 1)

    async def _press(self, message: simcord.ResponseMessage, custom_id: str, after: str, depth: int) -> None:
        # Another press may have changed the message, or taken it away.
        found = [one for one in walk(message.components) if one.get("custom_id") == custom_id]
        if not found or found[0].get("disabled"):
            return
        [component] = found
        after = f"{after} → {custom_id}"
        if component["type"] == _Kinds.BUTTON:
            result = await self.who.click(message, custom_id=custom_id)
        else:
            result = await self.who.select(message, self._chosen(component), custom_id=custom_id)
        await self._look_at(result, after, depth)

    def _chosen(self, component: dict[str, Any]) -> list[Any]:
        match component["type"]:
            case _Kinds.STRING_SELECT:
                count = component.get("min_values", 1) or 1
                return [option["value"] for option in component["options"][-count:]]
            case _Kinds.USER_SELECT:
                return [self.place.member]
            case _Kinds.ROLE_SELECT:
                return [self.role]
            case _:
                types = component.get("channel_types") or ()
                return [self._channel_for(map(discord.ChannelType, types))]

    def _filled(self, modal: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for component in walk([modal]):
            custom_id = component.get("custom_id")
            if component is modal or custom_id is None:
                continue
            if component["type"] == _Kinds.TEXT_INPUT:
                values[custom_id] = component.get("value") or "12"[: component.get("max_length") or 2]
            elif component["type"] == _Kinds.CHECKBOX:
                values[custom_id] = True
            else:
                values[custom_id] = self._chosen(component)
        return values

    def _hear(self, after: str, texts: Iterable[str]) -> None:
        self.heard += [Heard(after, text) for text in texts]
