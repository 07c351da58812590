"""What is written where people read it goes through the catalogue: nobody has to remember."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import HeadcountError
from tests.texts.collecting import ROOT, loaded_client, sources

TRANSLATING = frozenset({"_", "N_", "ngettext", "pgettext"})

POSITIONS = {"answer": (1,), "make_embed": (0, 1), "TextDisplay": (0,)}
"""Which arguments of these are read by people."""
KEYWORDS = frozenset({"label", "placeholder", "title", "footer", "yes", "content", "text"})
"""Arguments that are read by people, of whatever they are."""
EMBEDS = frozenset({"Embed", "SelectOption", "Label"})
"""What has a description that people read; that of a command is taken from the command tree."""

WORD = re.compile(r"[^\W\d_]{2,}")
UNSPOKEN = re.compile(r"`[^`]*`|\S+[/.]\S+|<[^<> ]+>")
"""Code, addresses, names of timezones and mentions are the same in every language."""
OF_COMMANDS = frozenset({"describe", "rename"})
"""What these say is taken from the command tree; their keywords are the names of options."""


def untranslated(source: str, errors: frozenset[str]) -> Iterator[str]:
    """Yield the texts for people that are not marked, each with its line."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = _last_name(call.func)
        if name in OF_COMMANDS:
            continue
        places = POSITIONS.get(name, (0,) if name in errors else ())
        read = [call.args[place] for place in places if place < len(call.args)]
        read += [
            keyword.value
            for keyword in call.keywords
            if keyword.arg in KEYWORDS or (name in EMBEDS and keyword.arg == "description")
        ]
        for expression in read:
            for text in _texts_in(expression):
                if WORD.search(UNSPOKEN.sub("", text)):
                    yield f"{expression.lineno}: {text}"


def _last_name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _texts_in(expression: ast.AST) -> Iterator[str]:
    """Yield the texts that are part of what the expression is, and not of how it is computed."""
    match expression:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            for part in parts:
                yield from _texts_in(part)
        case ast.FormattedValue(value=value):
            yield from _texts_in(value)
        case ast.BinOp(left=left, right=right):
            yield from _texts_in(left)
            yield from _texts_in(right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts_in(body)
            yield from _texts_in(orelse)
        case ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            for value in values:
                yield from _texts_in(value)
        case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
            yield from _texts_in(element)
        case ast.Starred(value=value):
            yield from _texts_in(value)
        case ast.Call(func=ast.Attribute(value=ast.Constant()), args=arguments):
            # A method of a text: `", ".join(…)`.
            for argument in arguments:
                yield from _texts_in(argument)


def _is_put_together(argument: ast.expr) -> bool:
    return isinstance(argument, ast.JoinedStr) or (
        isinstance(argument, ast.BinOp) and any([*_texts_in(argument)])
    )


@pytest.fixture
async def error_names() -> frozenset[str]:
    """The errors whose sentence people read, once all features are loaded."""
    async with loaded_client():
        found: set[type[HeadcountError]] = set()
        waiting = [HeadcountError]
        while waiting:
            found.add(error := waiting.pop())
            waiting += error.__subclasses__()
        return frozenset(error.__name__ for error in found)


def _speaks_to_programmers(path: Path) -> bool:
    """Whether what a file says is read in the terminal or in an answer over HTTP: both speak English."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts == ("bot", "cli") or parts[:2] == ("bot", "web") or "routes" in parts


def test_everything_for_people_is_marked(error_names: frozenset[str]) -> None:
    assert {"ModuleDisabledError", "AccessRefusedError", "ChartError"} <= error_names
    found = [
        f"{path.relative_to(ROOT)}:{each}"
        for path in sources()
        if not _speaks_to_programmers(path)
        for each in untranslated(path.read_text(encoding="utf-8"), error_names)
    ]
    assert found == []


SOURCE = """
raise SettingsError("Not here.")
raise SettingsError(f"Not in {guild}.")
await answer(interaction, "Done: " + name)
make_embed(_("Title"), "Some text")
discord.Embed(description="Some text")
button("a.b", label="Cancel" if is_open else _("Close"))
discord.ui.TextDisplay("\\n".join(["More", _("And more")]))
"""


def test_each_way_to_forget_it_is_found() -> None:
    found = [each.partition(": ")[2] for each in untranslated(SOURCE, frozenset({"SettingsError"}))]
    assert sorted(found) == sorted(
        ["Not here.", "Not in ", "Done: ", "Some text", "Some text", "Cancel", "More"]
    )


@pytest.mark.parametrize(
    "source",
    [
        'raise SettingsError(_("Not here."))',
        'raise ValueError("two handlers")',
        'answer(interaction, f"**{name}** <@{user_id}> `/settings`")',
        'make_embed(_(TITLE), "\\n".join(lines))',
        '@app_commands.command(name="list", description="List all")\ndef f(): ...',
        'button("settings.page", label=titles["first one"])',
    ],
)
def test_what_needs_no_translation_is_left_alone(source: str) -> None:
    assert [*untranslated(source, frozenset({"SettingsError"}))] == []


def test_only_whole_texts_are_marked() -> None:
    """What is put together before it is looked up is in no catalogue."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources()
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in TRANSLATING
        and any(_is_put_together(argument) for argument in call.args)
    ]
    assert found == []
