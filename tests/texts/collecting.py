"""Everything that people read, collected from where it is written: the code, the commands, the statistics' catalogue.

Babel's own extractor reads tokens, and loses plurals and calls that stand inside other calls; a syntax tree has them all.
"""

import ast
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.client import HeadcountClient
from bot.text.command_names import message_context_of
from storage.statistics.catalogue import CATALOGUE, Group
from tests.discord_in_process import in_process

ROOT: Final = Path(__file__).parents[2]
COMMENT: Final = "# Translators: "

_STATISTICS: Final = "storage/statistics/catalogue.py"
_NAME_RULE: Final = "lower case, no spaces, at most 32 characters"
_LENGTH_RULE: Final = "at most 100 characters"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in English, with the plural if it has one, and where it is written."""

    message: str
    path: str
    plural: str | None = None
    context: str | None = None
    comment: str = ""

    @property
    def key(self) -> tuple[str | None, str]:
        """What it is looked up by."""
        return self.context, self.message


async def collect_texts() -> tuple[Text, ...]:
    """Return all texts by file and place; a text that is written in several places comes several times."""
    texts = [*texts_of_code(), *texts_of_statistics(), *await texts_of_commands()]
    # The sort is stable: within a file the order is that of the places.
    return tuple(sorted(texts, key=lambda text: text.path))


def sources() -> Iterator[Path]:
    """Yield the files that may speak to people; the local Discord speaks to nobody at Discord."""
    for folder in ("bot", "cogs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if ROOT / "bot" / "sandbox" not in path.parents:
                yield path


def texts_of_code() -> Iterator[Text]:
    """Yield what is marked in the code."""
    for path in sources():
        yield from texts_of_source(path.read_text(encoding="utf-8"), path=path.relative_to(ROOT).as_posix())


def texts_of_source(source: str, *, path: str) -> Iterator[Text]:
    """Yield what is marked in this source, in the order of the lines."""
    lines = source.splitlines()
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        literals = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        match _called(call), [literal for literal in literals if isinstance(literal, str)]:
            case "_" | "N_", [message]:
                yield Text(message, path, comment=_comment_above(lines, call))
            case "ngettext", [singular, plural]:
                yield Text(singular, path, plural=plural, comment=_comment_above(lines, call))
            case "pgettext", [context, message]:
                yield Text(message, path, context=context, comment=_comment_above(lines, call))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _comment_above(lines: list[str], call: ast.Call) -> str:
    above = lines[call.lineno - 2].strip() if call.lineno > 1 else ""
    return above.removeprefix(COMMENT) if above.startswith(COMMENT) else ""


def texts_of_statistics() -> Iterator[Text]:
    """Yield the labels, titles and units of all statistics; storage itself cannot translate."""
    for group in Group:
        yield Text(group.label, _STATISTICS)
    for kind in CATALOGUE:
        yield Text(kind.title, _STATISTICS)
        yield Text(kind.unit, _STATISTICS, comment="What the numbers of a chart count, without a number.")


async def texts_of_commands() -> list[Text]:
    """Return names, descriptions and choices of all commands, as discord.py would have them translated."""
    async with loaded_client() as client:
        collector = _Collector()
        for command in client.tree.get_commands():
            await command.get_translated_payload(client.tree, collector)
        return collector.texts


@asynccontextmanager
async def loaded_client() -> AsyncIterator[HeadcountClient]:
    """Have a bot with all features, in a Discord of its own."""
    with TemporaryDirectory() as folder:
        async with in_process(Path(folder)) as place:
            yield place.client


class _Collector(app_commands.Translator):
    """Is asked for every translation, and has none."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self._path = ""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        # discord.py asks for every language that Discord has.
        if locale is discord.Locale.dutch:
            comment = self._describe(context)
            text = Text(string.message, self._path, context=message_context_of(context), comment=comment)
            self.texts.append(text)
        return None

    def _describe(self, context: app_commands.TranslationContextTypes) -> str:
        data: Any = context.data
        if isinstance(data, app_commands.Choice):
            # It does not know its command; discord.py asks for it right after its option.
            return f"A choice of an option; {_LENGTH_RULE}."
        command = data.command if isinstance(data, app_commands.Parameter) else data
        folder = str(command.module).replace(".", "/")
        self._path = f"{folder}/__init__.py" if (ROOT / folder).is_dir() else f"{folder}.py"
        of_command = f"`/{command.qualified_name}`"
        match context.location:
            case Location.command_name | Location.group_name:
                return f"The name of {of_command}: {_NAME_RULE}."
            case Location.parameter_name:
                return f"The name of an option of {of_command}: {_NAME_RULE}."
            case Location.parameter_description:
                return f"An option of {of_command}; {_LENGTH_RULE}."
            case _:
                return f"What {of_command} does; {_LENGTH_RULE}."
