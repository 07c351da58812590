"""The files of translations: every text once, in the order of the code, with what was translated before."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.text.language import LOCALES_FOLDER, Language
from tests.texts.collecting import Text

TRANSLATED: Final = (Language.DUTCH, Language.GERMAN)

_LINE_LENGTH: Final = 120
_HEADER: Final = """\
# Everything that people read, in {title}. `make texts` adds new texts and removes what nobody says any more;
# the translations are written by hand.
msgid ""
msgstr ""
"Project-Id-Version: Headcount\\n"
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


class ConflictingTextsError(Exception):
    """Two texts with the same key: one with a plural, the other with another one."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a file of translations differs from what the code says."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    untranslated: tuple[str, ...]
    """After the change."""
    content: str
    """What the file should hold."""


def catalogue_path(language: Language, folder: Path = LOCALES_FOLDER) -> Path:
    """Return the file of this language."""
    return folder / f"{language.value}.po"


def read_catalogue(path: Path, language: Language) -> Catalog:
    """Return the translations in this file."""
    with path.open("rb") as file:
        return read_po(file, locale=language.value, abort_invalid=True)


def messages_of(catalogue: Catalog) -> tuple[Message, ...]:
    """Return all messages but the header."""
    return tuple(message for message in catalogue if message.id)


def key_of(message: Message) -> tuple[str | None, str]:
    """Return the context and the English text, in the singular."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def strings_of(message: Message) -> tuple[str, ...]:
    """Return the translation, in all its forms; an empty text where there is none."""
    return (message.string or "",) if isinstance(message.string, str | None) else tuple(message.string)


def is_complete(message: Message) -> bool:
    """Whether it is translated in all forms."""
    return all(strings_of(message)) and not message.fuzzy


def compare(texts: Iterable[Text], language: Language, known: Catalog) -> Change:
    """Return what has to be done so that the catalogue holds these texts, all of them and no other.

    Raises ConflictingTextsError for texts that cannot stand in one catalogue.
    """
    before = {key_of(message): message for message in messages_of(known)}
    after = _merged(texts, language)
    for message in messages_of(after):
        translated = before.get(key_of(message))
        if (
            translated is not None
            and translated.pluralizable == message.pluralizable
            and not translated.fuzzy
        ):
            message.string = translated.string
    keys = [key_of(message) for message in messages_of(after)]
    return Change(
        added=tuple(key[1] for key in keys if key not in before),
        removed=tuple(key[1] for key in before if key not in keys),
        untranslated=tuple(key_of(message)[1] for message in messages_of(after) if not is_complete(message)),
        content=_written(after, language),
    )


def _merged(texts: Iterable[Text], language: Language) -> Catalog:
    """Return every text once, with all files that say it and what is told to translators first."""
    merged: dict[tuple[str | None, str], list[Text]] = {}
    for text in texts:
        merged.setdefault(text.key, []).append(text)
    catalogue = Catalog(locale=language.value)
    for (context, message), said in merged.items():
        plurals = {text.plural for text in said if text.plural is not None}
        if len(plurals) > 1:
            raise ConflictingTextsError(f"{message!r} has the plurals {sorted(plurals)}")
        comments = [text.comment for text in said if text.comment]
        catalogue.add(
            (message, *plurals) if plurals else message,
            context=context,
            locations=[(path, 0) for path in dict.fromkeys(text.path for text in said)],
            auto_comments=comments[:1],
        )
    return catalogue


def _written(catalogue: Catalog, language: Language) -> str:
    for message in messages_of(catalogue):
        # That braces are placeholders is so everywhere here, and a percent sign is none.
        message.flags.clear()
    body = BytesIO()
    write_po(body, catalogue, width=_LINE_LENGTH, omit_header=True, include_lineno=False)
    header = _HEADER.format(
        title=language.locale.get_language_name("en"),
        code=language.value,
        plural_forms=f"{catalogue.plural_forms};".replace(";;", ";"),
    )
    return f"{header}{body.getvalue().decode().strip()}\n"
