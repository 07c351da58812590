"""`python -m tests.reference`: write what is generated from the code."""

import asyncio

from tests.reference.writing import ROOT, render


def main() -> None:
    """Write the files that are not up to date, and name them."""
    for path, text in asyncio.run(render()).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
