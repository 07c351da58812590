"""The one catalogue of everything that people read: English in the code, other languages beside it.

A text is written in English where it is used, as `_("Nothing was changed.")`; the translations are the `.po` files in
`locales/`, with the English text as their key. Which language a text comes out in is a matter of the context, like in
GNU gettext: each command and press of a button runs in a task of its own, whose language is set before anything else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES_FOLDER: Final = Path(__file__).parent / "locales"


class Language(StrEnum):
    """A language that all texts exist in; the value is its ISO 639 code."""

    ENGLISH = "en"
    DUTCH = "nl"
    GERMAN = "de"

    @property
    def title(self) -> str:  # type: ignore[override] # a language has a title of its own, not str's method
        """Its name in itself: `English`, `Nederlands`, `Deutsch`."""
        return str(self.locale.get_display_name()).capitalize()

    @property
    def locale(self) -> Locale:
        """What Babel formats numbers and dates by."""
        return Locale.parse(self.value)


_BY_CODE: Final = {language.value: language for language in Language}

_current: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)


def current_language() -> Language:
    """Return the language of the context; English where nothing was set."""
    return _current.get()


def speak(language: Language) -> None:
    """Use this language for the rest of the task."""
    _current.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Use this language within the `with` block."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def language_of_locale(locale: str) -> Language | None:
    """Return the language of one of Discord's locales, e.g. `nl` or `en-GB`; None where there are no texts in it."""
    return _BY_CODE.get(locale.partition("-")[0])


def _(message: str, /, **values: object) -> str:
    """Return the text in the language of the context, with the values in the place of their `{names}`."""
    return _filled(_translations(_current.get()).gettext(message), values)


def ngettext(singular: str, plural: str, count: float, /, **values: object) -> str:
    """Return the text that fits the number; `{count}` in it is the number as people read it."""
    from bot.text.numbers import format_number

    text = _translations(_current.get()).ngettext(singular, plural, _plural_number(count))
    return _filled(text, {"count": format_number(count), **values})


def pgettext(context: str, message: str, /, **values: object) -> str:
    """Return the text where the same English words mean something else elsewhere."""
    return _filled(_translations(_current.get()).pgettext(context, message), values)


def N_(message: str, /) -> str:  # noqa: N802 # gettext's own name for it
    """Mark a text for the catalogue that is translated later, by `_`: a constant, a table."""
    return message


def is_translated(message: str, language: Language, context: str | None = None) -> bool:
    """Whether the language has this text."""
    if language is Language.ENGLISH:
        return True
    found = _translations(language)
    text = found.gettext(message) if context is None else found.pgettext(context, message)
    return text != message


def _filled(text: str, values: dict[str, object]) -> str:
    return text.format_map(values) if values else text


def _plural_number(count: float) -> int:
    """Return a whole number of the same form: `0.5 hours`, `1.5 hours`."""
    return int(count) if count == int(count) else 2


@cache
def _translations(language: Language) -> NullTranslations:
    """Read a `.po` file, so that no compiled file has to be kept beside it."""
    if language is Language.ENGLISH:
        return NullTranslations()
    with (LOCALES_FOLDER / f"{language.value}.po").open("rb") as file:
        catalogue = read_po(file, locale=language.value, domain="headcount", abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
