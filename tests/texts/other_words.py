"""Languages made up for a test: files of the same kind, read in the same way, with other words in them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import write_po

from bot.text import language as language_module
from tests.texts.catalogues import TRANSLATED, catalogue_path
from tests.texts.collecting import Text


@contextmanager
def languages_where(folder: Path, texts: Iterable[Text], wording: Callable[[str], str]) -> Iterator[None]:
    """Let every language say `wording(english)` for each of these texts, and nothing else."""
    merged: dict[tuple[str | None, str], str | None] = {}
    for text in texts:
        merged[text.key] = text.plural or merged.get(text.key)
    for language in TRANSLATED:
        catalogue = Catalog(locale=language.value)
        for (context, message), plural in merged.items():
            if plural is None:
                catalogue.add(message, wording(message), context=context)
            else:
                catalogue.add((message, plural), (wording(message), wording(plural)), context=context)
        with catalogue_path(language, folder).open("wb") as file:
            write_po(file, catalogue)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language_module, "LOCALES_FOLDER", folder)
        language_module._translations.cache_clear()
        try:
            yield
        finally:
            language_module._translations.cache_clear()
