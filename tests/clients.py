"""The client as tests start it, again and again."""

import importlib

from bot.client import HeadcountClient


class ReusingClient(HeadcountClient):
    """Imports the features once for all clients of this process.

    discord.py executes modules of an extension anew for every client, which takes longer than most tests. How it loads them
    is seen where the bot runs as a process of its own: at the demo, at the start-up errors and at the crash tests.
    """

    async def load_extension(self, name: str, *, package: str | None = None) -> None:
        """Set the feature up."""
        await importlib.import_module(name, package).setup(self)
