"""The reference of commands: read from the command tree of a bot that runs."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import discord
from discord import app_commands

from bot.client import HeadcountClient
from cogs.help.screen import access_of

Command = app_commands.Command[Any, ..., Any]
Parameter = app_commands.Parameter

_TYPES: Final = {
    discord.AppCommandOptionType.string: "a text",
    discord.AppCommandOptionType.integer: "a whole number",
    discord.AppCommandOptionType.number: "a number",
    discord.AppCommandOptionType.boolean: "true or false",
    discord.AppCommandOptionType.user: "a person",
    discord.AppCommandOptionType.channel: "a channel",
    discord.AppCommandOptionType.role: "a role",
    discord.AppCommandOptionType.mentionable: "a person or a role",
    discord.AppCommandOptionType.attachment: "a file",
}


def commands_in_order(client: HeadcountClient) -> list[Command]:
    """Return all commands, in the order of the rules of each cog."""
    place = {name: number for number, name in enumerate(access_of(client))}
    found = [command for command in client.tree.walk_commands() if isinstance(command, app_commands.Command)]
    return sorted(found, key=lambda command: place[command.qualified_name])


def command_table(client: HeadcountClient) -> str:
    """Return the table of all commands, with who may use them."""
    access = access_of(client)
    rows = [
        f"| `/{command.qualified_name}` | {command.description} | {access[command.qualified_name].value} |"
        for command in commands_in_order(client)
    ]
    return "\n".join(["| command | what it does | who may use it |", "|---|---|---|", *rows])


def command_sections(client: HeadcountClient) -> Iterator[str]:
    """Yield a section per command: what it does, who may use it, its options."""
    access = access_of(client)
    for command in commands_in_order(client):
        name = command.qualified_name
        yield f"### /{name}\n\n{command.description}. *Who may use it: {access[name].value}.*\n"
        if command.parameters:
            rows = [_option_row(parameter) for parameter in command.parameters]
            yield "\n".join(["| option | what it is | value |", "|---|---|---|", *rows, ""])


def _option_row(parameter: Parameter) -> str:
    name = f"`{parameter.display_name}`" + ("" if parameter.required else " (optional)")
    return f"| {name} | {cell_of(str(parameter.description))} | {_value_of(parameter)} |"


def _value_of(parameter: Parameter) -> str:
    if parameter.choices:
        return cell_of(", ".join(choice.name for choice in parameter.choices))
    value = _TYPES[parameter.type]
    if parameter.channel_types and len(parameter.channel_types) < len(discord.ChannelType):
        value = f"a channel: {channel_type_names(parameter.channel_types)}"
    least, most = parameter.min_value, parameter.max_value
    if parameter.type is discord.AppCommandOptionType.string:
        return f"{value}, {most} characters at most" if most is not None else value
    if least is not None and most is not None:
        return f"{value}, {least} to {most}"
    return value


def channel_type_names(types: Sequence[discord.ChannelType]) -> str:
    """Return types of channels as people call them."""
    return ", ".join(each.name.replace("news", "announcements").replace("_", " ") for each in types)


def cell_of(text: str) -> str:
    """Return a text so that it stays in its cell, with what looks like HTML shown as it is."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")
