"""`python -m tests.texts`: bring the files of translations up to what the code says; with --check only tell."""

import argparse
import asyncio
import sys

from tests.texts.catalogues import TRANSLATED, catalogue_path, compare, read_catalogue
from tests.texts.collecting import collect_texts


def main() -> int:
    """Update all files; with --check return 1 when one is out of date or something is still to translate."""
    parser = argparse.ArgumentParser(prog="python -m tests.texts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    parser.add_argument("--list", action="store_true", help="print what is still to translate")
    chosen = parser.parse_args()
    texts = asyncio.run(collect_texts())
    is_finished = True
    for language in TRANSLATED:
        path = catalogue_path(language)
        change = compare(texts, language, read_catalogue(path, language))
        print(
            f"{path.name}: {len(change.added)} new, {len(change.removed)} gone, {len(change.untranslated)} to translate"
        )
        if chosen.list:
            print(*(f"  {message!r}" for message in change.untranslated), sep="\n")
        if chosen.check:
            is_current = path.read_text(encoding="utf-8") == change.content
            is_finished &= is_current and not change.untranslated
        else:
            path.write_text(change.content, encoding="utf-8")
    return 0 if is_finished else 1


if __name__ == "__main__":
    sys.exit(main())
