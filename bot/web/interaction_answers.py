"""Answers in the name of other applications: whoever has the token of an interaction may edit its first answer.

Nothing here keeps the token, logs it or tells it: for fifteen minutes, whoever knows it can speak as that application.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

import discord
from discord.webhook.async_ import async_context

from bot.client import HeadcountClient
from bot.errors import DiscordRefusedError
from bot.request_failures import REQUEST_FAILURES
from bot.ui.look import NO_PINGS
from bot.web.callers import waiting_caller

_log = logging.getLogger(__name__)

KEY_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,511}={0,2}$"
"""What tokens of interactions are made of; nothing that could lead to another path."""

ANSWER_SECONDS: Final = 10.0
"""Discord gets so long, waiting for rate limits and second tries included: somebody waits for our own answer."""


@dataclass(frozen=True, slots=True)
class InteractionKey:
    """What it takes to edit the first answer to an interaction (Discord documentation, Receiving and Responding)."""

    application_id: int
    token: str = field(repr=False)


async def edit_first_answer(client: discord.Client, key: InteractionKey, text: str) -> None:
    """Make this text the first answer to the interaction; pings nobody.

    Raises DiscordRefusedError with a sentence that begins with "The interaction was not answered".
    """
    webhook = discord.Webhook.partial(key.application_id, key.token, client=client)

    async def edit() -> None:
        # What discord.py edits its own interactions with: without a bot token, and with rate limits of their own.
        await async_context.get().edit_original_interaction_response(
            key.application_id,
            key.token,
            session=webhook.session,
            proxy=webhook.proxy,
            proxy_auth=webhook.proxy_auth,
            payload={"content": text, "allowed_mentions": NO_PINGS.to_dict()},
        )

    caller = waiting_caller()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            if caller is not None and isinstance(client, HeadcountClient):
                # discord.py sends these by another way, but Discord counts a token that is wrong like all it refuses.
                await client.request_pace.for_program(caller.guild_id, edit)
            else:
                await edit()
    except discord.NotFound:
        raise _failed("Discord does not know it, or its token has expired") from None
    except discord.HTTPException as error:
        # Not what Discord says: a proxy between us may repeat the path, and the token with it.
        raise _failed(f"Discord refused with status {error.status}") from None
    except (*REQUEST_FAILURES, TypeError, ValueError):
        # discord.py stumbles over what a proxy between us answers in Discord's place.
        raise _failed("Discord could not be reached in time") from None


def _failed(reason: str) -> DiscordRefusedError:
    _log.warning("The interaction of another application was not answered: %s.", reason)
    return DiscordRefusedError(f"The interaction was not answered: {reason}.")
