"""`python -m tests.screens`: draw the pictures of the documentation, or any others."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.screens.drawing import NoBrowserError, studio
from tests.screens.scenes import SCENES, Scene, stage

DOCS = Path(__file__).parents[2] / "docs"


async def draw(scenes: Sequence[Scene], folder: Path, language: str) -> None:
    """Draw each scene on a server of its own."""
    async with studio() as here:
        for scene in scenes:
            with tempfile.TemporaryDirectory() as database:
                async with stage(Path(database), language, is_new=scene.is_new) as place:
                    shown = await scene.play(place)
                    file = folder / f"{scene.name}.png"
                    await here.draw(place, scene.viewer(place), shown, file)
                    print(file)


def main() -> int:
    """Draw; return 2 where there is no browser."""
    parser = argparse.ArgumentParser(prog="python -m tests.screens", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(scene.name for scene in SCENES)], metavar="name")
    parser.add_argument("--all", action="store_true", help="draw also what the documentation does not show")
    parser.add_argument("--folder", type=Path, default=DOCS)
    parser.add_argument("--language", default="en-US", help="one of Discord's locales")
    asked = parser.parse_args()
    chosen = [
        scene
        for scene in SCENES
        if scene.name in asked.names or (not asked.names and (asked.all or scene.in_docs))
    ]
    try:
        asyncio.run(draw(chosen, asked.folder, asked.language))
    except NoBrowserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
