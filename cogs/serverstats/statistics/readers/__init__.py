"""Which gateway events feed which kinds of statistics: a new source is a new row."""

from typing import Final

from cogs.serverstats.statistics.readers import arrival, members, messages, polls, presence, usage, voice
from cogs.serverstats.statistics.readers.state import KnownMember, Reader, State
from storage.statistics.catalogue import (
    COMMANDS_USED,
    INVITES_CREATED,
    INVITES_DELETED,
    MEMBERS_JOINED,
    MEMBERS_LEFT,
    MESSAGES_DELETED,
    MESSAGES_SENT,
    POLLS_CLOSED,
    POLLS_CREATED,
    POLLS_DELETED,
    PRESENCE,
    VOICE,
    VOTES_ADDED,
    VOTES_REMOVED,
)

__all__ = ["READERS", "KnownMember", "Reader", "State"]

READERS: Final = (
    Reader("MESSAGE_CREATE", (MESSAGES_SENT,), messages.read_message),
    Reader("MESSAGE_DELETE", (MESSAGES_DELETED,), messages.read_message_delete),
    Reader("MESSAGE_DELETE_BULK", (MESSAGES_DELETED,), messages.read_message_bulk_delete),
    Reader("GUILD_MEMBER_ADD", (MEMBERS_JOINED,), members.read_member_add),
    Reader("GUILD_MEMBER_REMOVE", (MEMBERS_LEFT,), members.read_member_remove),
    Reader("VOICE_STATE_UPDATE", (VOICE,), voice.read_voice_state),
    Reader("GUILD_CREATE", (VOICE,), arrival.read_voice_states),
    Reader("GUILD_MEMBER_REMOVE", (VOICE,), voice.read_member_remove),
    Reader("PRESENCE_UPDATE", (PRESENCE,), presence.read_presence),
    Reader("GUILD_CREATE", (PRESENCE,), arrival.read_presences),
    Reader("GUILD_MEMBER_REMOVE", (PRESENCE,), presence.read_member_remove),
    Reader("INTERACTION_CREATE", (COMMANDS_USED,), usage.read_interaction),
    Reader("INVITE_CREATE", (INVITES_CREATED,), usage.read_invite_create),
    Reader("INVITE_DELETE", (INVITES_DELETED,), usage.read_invite_delete),
    Reader("MESSAGE_CREATE", (POLLS_CREATED, POLLS_CLOSED), polls.read_message),
    Reader("MESSAGE_UPDATE", (POLLS_CLOSED,), polls.read_message_update),
    Reader("MESSAGE_DELETE", (POLLS_DELETED,), polls.read_message_delete),
    Reader("MESSAGE_DELETE_BULK", (POLLS_DELETED,), polls.read_message_bulk_delete),
    Reader("MESSAGE_POLL_VOTE_ADD", (VOTES_ADDED,), polls.read_vote_add),
    Reader("MESSAGE_POLL_VOTE_REMOVE", (VOTES_REMOVED,), polls.read_vote_remove),
)
