"""What a request to Discord can fail with, although nothing is wrong with the request itself or with this program."""

from typing import Final

import aiohttp
import discord

CONNECTION_FAILURES: Final = (aiohttp.ClientError, TimeoutError, OSError)
"""No answer came, so whether the request had its effect is not known."""

REQUEST_FAILURES: Final = (discord.HTTPException, discord.RateLimited, *CONNECTION_FAILURES)
"""No answer came, or Discord said no, or that it wants to be left alone for longer than the client waits."""
