"""Which message announced which join, and whether it still tells what is on record."""

import discord

from cogs.invite_tracker.messages.rendering import what_is_told
from storage.confirmations import (
    JoinMessage,
    delete_join_messages,
    fetch_changed_join_ids,
    fetch_join_message,
    insert_join_message,
    update_join_message_shown,
)
from storage.database import Database
from storage.joins import fetch_joins_by_id
from storage.records import Join


class JoinMessages:
    """The messages about joins of members who may be named."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note_sent(self, told: Join, message: discord.Message) -> bool:
        """Store that this message tells of a join; return whether more is on record by now than it tells."""
        async with self._database.write() as tx:
            stored = (await fetch_joins_by_id(tx, told.guild_id, [told.join_id])).get(told.join_id)
            if stored is None or stored.member_id is None:
                return False
            is_outdated = what_is_told(stored) != what_is_told(told)
            row = JoinMessage(message.channel.id, message.id, changes=int(is_outdated))
            await insert_join_message(tx, told.guild_id, told.join_id, row)
        return is_outdated

    async def fetch_outdated(self, guild_id: int) -> list[int]:
        """Return the joins of a guild whose messages are to be edited."""
        async with self._database.read() as rx:
            return await fetch_changed_join_ids(rx, guild_id)

    async def fetch_revision(self, guild_id: int, join_id: int) -> tuple[JoinMessage, Join] | None:
        """Return the message of a join and what it should tell; None when it tells that already, or there is none."""
        async with self._database.read() as rx:
            message = await fetch_join_message(rx, guild_id, join_id)
            join = (await fetch_joins_by_id(rx, guild_id, [join_id])).get(join_id)
        if message is None or message.changes == 0 or join is None or join.member_id is None:
            return None
        return message, join

    async def note_shown(self, guild_id: int, join_id: int, message: JoinMessage) -> None:
        """Store that a message tells what `fetch_revision` returned."""
        async with self._database.write() as tx:
            await update_join_message_shown(tx, guild_id, join_id, message.changes)

    async def forget(self, guild_id: int, join_id: int) -> None:
        """Store that the message of a join cannot be edited any more."""
        async with self._database.write() as tx:
            await delete_join_messages(tx, guild_id, [join_id])
