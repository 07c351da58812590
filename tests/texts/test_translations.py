"""Each language says everything that the code says, nothing else, and keeps what a text consists of."""

import re
from typing import Any

import pytest

from bot.text.language import LOCALES_FOLDER, Language
from tests.texts.catalogues import (
    TRANSLATED,
    catalogue_path,
    compare,
    is_complete,
    messages_of,
    read_catalogue,
    strings_of,
)
from tests.texts.collecting import Text
from tests.texts.commands import LANGUAGE_CODES, paths_of
from tests.texts.rules import commands_in, describe, faults_of

in_each_language = pytest.mark.parametrize("language", TRANSLATED)


def test_there_is_a_file_for_every_language_but_the_one_of_the_code() -> None:
    assert {path.stem for path in LOCALES_FOLDER.iterdir()} == {*Language} - {Language.ENGLISH}


@in_each_language
def test_a_language_has_every_text_and_no_other(language: Language, texts: tuple[Text, ...]) -> None:
    """`make texts` makes it so."""
    path = catalogue_path(language)
    change = compare(texts, language, read_catalogue(path, language))
    assert (change.added, change.removed) == ((), ())
    assert path.read_text(encoding="utf-8") == change.content


@in_each_language
def test_every_text_is_translated_in_all_its_forms(language: Language) -> None:
    catalogue = read_catalogue(catalogue_path(language), language)
    assert [describe(message) for message in messages_of(catalogue) if not is_complete(message)] == []


@in_each_language
def test_a_translation_keeps_placeholders_markdown_and_punctuation(language: Language) -> None:
    catalogue = read_catalogue(catalogue_path(language), language)
    faults = [
        f"{describe(message)}: {fault}"
        for message in messages_of(catalogue)
        if is_complete(message)
        for fault in faults_of(message)
    ]
    assert faults == []


def test_every_command_that_a_text_names_exists(
    texts: tuple[Text, ...], published: list[dict[str, Any]]
) -> None:
    known = {path for command in published for path in paths_of(command, None)}
    for text in texts:
        for english in filter(None, (text.message, text.plural)):
            assert {*commands_in(english)} <= known, text


@in_each_language
def test_every_command_that_a_translation_names_exists_in_that_language(
    language: Language, published: list[dict[str, Any]]
) -> None:
    """People may type both, the English name and that of their language."""
    code = LANGUAGE_CODES[language]
    known = {path for command in published for one in (None, code) for path in paths_of(command, one)}
    unknown = [
        f"{describe(message)}: {named}"
        for message in messages_of(read_catalogue(catalogue_path(language), language))
        for translation in strings_of(message)
        for named in commands_in(translation)
        if named not in known
    ]
    assert unknown == []


def test_an_english_text_is_written_for_people(texts: tuple[Text, ...]) -> None:
    for text in texts:
        assert text.message.strip(), text
        # Python's own placeholders, of a text that was meant to be formatted in another way.
        assert not re.search(r"\{\}|\{\d|%[sd]\b|%\(", text.message), text
