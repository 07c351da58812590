"""Draws a message as Discord's client shows it: simcord's preview, in a browser without a window."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import simcord
from PIL import Image

from tests.discord_in_process import Place

WIDTH = 760
HEIGHT_MOST = 3_000


class NoBrowserError(Exception):
    """There is no browser to draw with."""


class Studio:
    """A browser that draws."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    async def draw(self, place: Place, viewer: simcord.MemberActor, shown: Any, file: Path) -> None:
        """Draw a message, or what an interaction was answered with, as this person sees it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        preparing = place.env.preview(place.channel, viewers=[viewer], width=WIDTH, height=HEIGHT_MOST)
        async with preparing as preview:
            # simcord starts a browser of its own choice otherwise, which would have to be downloaded.
            preview._capture_manager._browser = self._browser
            try:
                await preview.screenshot(file, target=shown, allow_incomplete=True)
                _make_small(file)
            finally:
                preview._capture_manager._browser = None


def _make_small(file: Path) -> None:
    """Leave 256 colours: a third of the size, and no difference to be seen."""
    with Image.open(file) as drawn:
        drawn.quantize(256).save(file, optimize=True)


@asynccontextmanager
async def studio() -> AsyncIterator[Studio]:
    """Start the browser that is installed, and end it; raises NoBrowserError where there is none."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        raise NoBrowserError("Install a browser to draw with; on Debian and Ubuntu: apt install chromium")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        # The sandbox of the browser needs rights that a container lacks; it opens pages of ours only.
        opened = await playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        try:
            yield Studio(opened)
        finally:
            await opened.close()
