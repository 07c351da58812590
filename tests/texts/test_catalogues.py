"""The files of translations follow the code: nothing that is translated is lost, nothing unused stays."""

from io import BytesIO

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from bot.text.language import Language
from tests.texts.catalogues import Change, ConflictingTextsError, compare, is_complete, messages_of
from tests.texts.collecting import Text
from tests.texts.rules import faults_of

NOTHING = Catalog(locale="nl")


def parsed(content: str) -> Catalog:
    return read_po(BytesIO(content.encode()), locale="nl", abort_invalid=True)


def dutch(*texts: Text, known: Catalog = NOTHING) -> Change:
    return compare(texts, Language.DUTCH, known)


def test_a_new_text_is_there_empty() -> None:
    change = dutch(Text("Hello", "a.py"), Text("{count} day", "a.py", plural="{count} days"))
    assert {*change.added} == {"Hello", "{count} day"}
    assert change.untranslated == ("Hello", "{count} day")
    assert [is_complete(message) for message in messages_of(parsed(change.content))] == [False, False]


def test_a_translation_stays_and_an_unused_one_goes() -> None:
    content = dutch(Text("Hello", "a.py"), Text("Bye", "a.py")).content
    content = content.replace('msgid "Hello"\nmsgstr ""', 'msgid "Hello"\nmsgstr "Hallo"')
    change = dutch(Text("New", "a.py"), Text("Hello", "b.py"), known=parsed(content))
    assert (change.added, change.removed) == (("New",), ("Bye",))
    assert change.untranslated == ("New",)
    assert 'msgid "Hello"\nmsgstr "Hallo"' in change.content


def test_a_second_update_changes_nothing() -> None:
    texts = (Text("Hello {name}", "a.py"), Text("top", "a.py", context="command name", comment="100% short"))
    content = dutch(*texts).content
    assert dutch(*texts, known=parsed(content)).content == content


def test_a_text_of_two_files_stands_once_and_names_both() -> None:
    content = dutch(Text("Hello", "a.py"), Text("Hello", "b.py")).content
    assert content.count("Hello") == 1
    assert "#: a.py b.py\n" in content


def test_a_fuzzy_translation_counts_as_none() -> None:
    content = dutch(Text("Hello", "a.py")).content
    content = content.replace('msgid "Hello"\nmsgstr ""', '#, fuzzy\nmsgid "Hello"\nmsgstr "Hallo"')
    assert dutch(Text("Hello", "a.py"), known=parsed(content)).untranslated == ("Hello",)


def test_one_singular_with_two_plurals_is_refused() -> None:
    with pytest.raises(ConflictingTextsError):
        dutch(Text("{count} die", "a.py", plural="{count} dice"), Text("{count} die", "a.py", plural="dies"))


@pytest.mark.parametrize(
    ("english", "translation", "is_right"),
    [
        ("Deleted: {what}.", "Verwijderd: {what}.", True),
        ("Deleted: {what}.", "Verwijderd: {wat}.", False),
        ("Deleted: {what}.", "Verwijderd: {what}", False),
        ("**{count}** now", "**{count}** nu", True),
        ("**{count}** now", "{count} nu", False),
        ("Use `/help`.", "Gebruik /help.", False),
        ("`<user_id>`", "`<gebruiker_id>`", False),
        ("One\ntwo", "Een twee", False),
        ("a ", "een", False),
    ],
)
def test_what_a_translation_loses_is_found(english: str, translation: str, is_right: bool) -> None:
    catalogue = Catalog(locale="nl")
    message = catalogue.add(english, translation)
    faults = [*faults_of(message)]
    assert bool(faults) != is_right, faults


def test_each_form_of_a_plural_is_checked_and_one_may_be_a_word() -> None:
    catalogue = Catalog(locale="nl")
    english = ("{count} day of {name}", "{count} days of {name}")
    right = catalogue.add(english, ("één dag van {name}", "{count} dagen van {name}"))
    assert not [*faults_of(right)]
    wrong = catalogue.add(english, ("{count} dag van {name}", "dagen van {name}"))
    assert [*faults_of(wrong)]
