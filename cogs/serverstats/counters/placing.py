"""Storing counters with their channels: what a guild may have is checked in the transaction that stores it."""

import sqlite3
from dataclasses import replace
from typing import Final

from bot.errors import ModuleDisabledError, UnprocessableEntityError
from bot.text.language import _
from cogs.serverstats.settings import MODULE
from storage.counters import (
    Counter,
    delete_counters,
    fetch_counter_count,
    fetch_counter_of_channel,
    fetch_next_counter_id,
    insert_counter,
)
from storage.database import Database, ReadTransaction, WriteTransaction
from storage.guild_modules import fetch_module

COUNTERS_PER_GUILD: Final = 50


async def require_room(rx: ReadTransaction, guild_id: int) -> None:
    """Raise UnprocessableEntityError when the guild has all the counters that it can have."""
    if await fetch_counter_count(rx, guild_id) >= COUNTERS_PER_GUILD:
        raise UnprocessableEntityError(
            _("A server can have {most} counters; delete one first.", most=COUNTERS_PER_GUILD)
        )


async def place_new(database: Database, draft: Counter, channel_id: int) -> Counter:
    """Store a counter whose channel was made for it."""
    try:
        async with database.write() as tx:
            return await _insert(tx, draft, channel_id)
    except sqlite3.IntegrityError:
        raise UnprocessableEntityError(
            _("{channel} is a counter already.", channel=f"<#{channel_id}>")
        ) from None


async def place_on_existing(database: Database, draft: Counter, channel_id: int) -> Counter:
    """Store a counter for a channel that was there before, instead of the one that it shows already, if any.

    What is known of the channel is kept: whose it was, and when Discord lets it be renamed.
    """
    async with database.write() as tx:
        before = await fetch_counter_of_channel(tx, draft.guild_id, channel_id)
        if before is None:
            await require_room(tx, draft.guild_id)
            return await _insert(tx, replace(draft, is_adopted=True), channel_id)
        await delete_counters(tx, draft.guild_id, [before.counter_id])
        after = replace(
            draft,
            is_adopted=before.is_adopted,
            renamed_at_ms=before.renamed_at_ms,
            blocked_until_ms=before.blocked_until_ms,
        )
        return await _insert(tx, after, channel_id)


async def _insert(tx: WriteTransaction, draft: Counter, channel_id: int) -> Counter:
    # While Discord was asked, the module may have been disabled and its data deleted.
    if await fetch_module(tx, draft.guild_id, MODULE) is None:
        raise ModuleDisabledError(_("Serverstats was disabled in the meantime."))
    counter_id = await fetch_next_counter_id(tx, draft.guild_id, draft.created_at_ms)
    counter = replace(draft, counter_id=counter_id, channel_id=channel_id)
    await insert_counter(tx, counter)
    return counter
