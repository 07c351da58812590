"""What is marked in the code is found, in each of the forms that it is written in."""

from tests.texts.collecting import ROOT, Text, texts_of_source

SOURCE = """
TITLE = N_("Title")
# Translators: {what} is a list of names.
plain = _("Deleted: {what}.", what=", ".join(_("nothing") for _name in names))
long = _(
    "One half "
    "and the other."
)
number = ngettext("{count} join", "{count} joins", f(_("inside")))
named = pgettext("timeout", "None")
inside = f"{_('in braces')}"
later = _(TITLE)
foreign = gettext("no")
"""


def test_every_marked_text_is_found_once_with_its_plural_context_and_comment() -> None:
    assert list(texts_of_source(SOURCE, path="a.py")) == [
        Text("Title", "a.py"),
        Text("Deleted: {what}.", "a.py", comment="{what} is a list of names."),
        Text("nothing", "a.py", comment="{what} is a list of names."),
        Text("One half and the other.", "a.py"),
        Text("{count} join", "a.py", plural="{count} joins"),
        Text("inside", "a.py"),
        Text("None", "a.py", context="timeout"),
        Text("in braces", "a.py"),
    ]


def test_texts_come_from_code_commands_and_statistics(texts: tuple[Text, ...]) -> None:
    keys = {text.key for text in texts}
    assert (None, "You need the permission Administrator for this.") in keys
    assert (None, "Messages sent") in keys
    assert (None, "messages") in keys
    assert ("command name", "serverstats") in keys
    assert ("option name", "days") in keys


def test_every_text_is_written_in_a_file_that_exists(texts: tuple[Text, ...]) -> None:
    assert not [text for text in texts if not (ROOT / text.path).is_file()]


def test_the_same_code_gives_the_same_order(texts: tuple[Text, ...]) -> None:
    assert [text.path for text in texts] == sorted(text.path for text in texts)
