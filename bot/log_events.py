"""The decisions that are logged: what each is called, and which fields its line has beside the sentence.

With `log.format = "json"` every line also has `time` (ISO 8601, UTC), `level`, `logger`, `message`, and `traceback` where
there is one. Ids are Discord's. No line has the name or the id of a member, or anything of a message; the one id of a
person is that of the admin who changed a setting, and such a line has the names that admins give to counters, boards
and API keys.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One decision that an operator may look for."""

    name: str
    """The value of the field `event`."""
    about: str
    """When it is logged."""
    fields: tuple[str, ...] = ()


LOG_EVENTS: Final = (
    # The process
    LogEvent("stopping", "The bot was told to stop."),
    LogEvent("intent_missing", "A privileged intent is switched off.", ("intent",)),
    LogEvent("clock_off", "This machine's clock and Discord's differ.", ("seconds",)),
    LogEvent("health_changed", "Troubles began or ended.", ("state", "was", "troubles")),
    LogEvent("job_failing", "A job failed for the first time in a row.", ("job",)),
    LogEvent("job_well", "A job works again.", ("job", "failures")),
    LogEvent("job_cancelled", "A job was still running when the bot had to stop."),
    # The HTTP API
    LogEvent("http_started", "The HTTP API answers requests.", ("host", "port")),
    LogEvent(
        "http_unencrypted", "The HTTP API can be reached from other machines, without HTTPS.", ("host",)
    ),
    LogEvent("http_stopped", "The HTTP API ended with the bot."),
    LogEvent("http_failed", "The HTTP API ended by itself; the bot goes on."),
    LogEvent("request_failed", "A request failed because of an error that was not foreseen."),
    LogEvent("request_database_failed", "A request failed because of the database."),
    # The connection
    LogEvent("shard_ready", "A shard is connected and knows its servers.", ("shard_id", "guilds")),
    LogEvent("shard_disconnected", "A shard lost its connection.", ("shard_id",)),
    LogEvent("shard_resumed", "A shard goes on where it was interrupted.", ("shard_id",)),
    LogEvent("guild_left", "The bot was removed from a server.", ("guild_id",)),
    LogEvent("departed_guild_deleted", "The data of a server that the bot left is gone.", ("guild_id",)),
    # Recording
    LogEvent("recording_failing", "The database cannot be written.", ("waiting",)),
    LogEvent("recording_well", "The database can be written again.", ("seconds",)),
    LogEvent("records_given_up", "There is no room for more records.", ("waiting",)),
    LogEvent("records_lost", "Records could not be stored before the stop.", ("records",)),
    LogEvent("record_unstorable", "A record that no database takes was given up.", ("guild_id",)),
    LogEvent("downtime_found", "Nothing is on record for a time.", ("guild_id", "seconds")),
    LogEvent("statistics_expired", "Old statistics were deleted.", ("guild_id", "records")),
    # Settings and people
    LogEvent("settings_changed", "Somebody changed settings.", ("guild_id", "user_id", "actor")),
    LogEvent("timezone_changed", "The days of a server follow another timezone.", ("guild_id", "timezone")),
    LogEvent("module_enabled", "A module was enabled.", ("guild_id", "feature")),
    LogEvent("module_disabled", "A module was disabled and its data deleted.", ("guild_id", "feature")),
    LogEvent("api_key_created", "An administrator made an API key.", ("guild_id", "key_id")),
    LogEvent("api_key_deleted", "An administrator deleted an API key.", ("guild_id", "key_id")),
    LogEvent("log_channel_failed", "A log channel could not be written to.", ("guild_id",)),
    LogEvent("opted_out", "Somebody is recorded without their id from now on.", ("guild_id",)),
    LogEvent("opted_in", "Somebody is recorded with their id again.", ("guild_id",)),
    LogEvent("data_erased", "What was stored of a member was deleted.", ("guild_id",)),
    LogEvent("bot_introduced", "The bot introduced itself in a new server.", ("guild_id", "channel_id")),
    LogEvent("bot_not_introduced", "Nobody could be told about the bot.", ("guild_id",)),
    # Invites
    LogEvent(
        "join_decided",
        "It was decided how somebody came.",
        ("guild_id", "code", "source", "certainty", "method"),
    ),
    LogEvent(
        "join_repaired",
        "An earlier decision was corrected.",
        ("guild_id", "code", "source", "certainty", "method"),
    ),
    LogEvent(
        "join_corrected",
        "The member search contradicts what was held for certain.",
        ("guild_id", "code", "source", "believed_code", "believed_source", "believed_method"),
    ),
    LogEvent("search_refused", "Discord refuses the member search.", ("guild_id", "status")),
    LogEvent("search_answers", "The member search answers again.", ("guild_id",)),
    LogEvent(
        "members_synced",
        "The members from before are on record.",
        ("guild_id", "recorded", "explained", "outcome"),
    ),
    LogEvent("joins_undecided", "Joins wait unusually long.", ("guild_id", "waiting", "reason")),
    LogEvent("tracker_failing", "Joins cannot be recorded; it is tried again.", ("guild_id",)),
    LogEvent("tracker_blind", "Discord hides how often invites are used.", ("guild_id",)),
    LogEvent("invite_created", "An invite was made.", ("guild_id", "code", "channel_id")),
    LogEvent("invite_deleted", "An invite was deleted.", ("guild_id", "code")),
    LogEvent("joins_expired", "Old joins were deleted.", ("joins", "rises", "tombstones")),
    LogEvent("message_sent", "A join or leave message was sent.", ("guild_id", "channel_id", "kind")),
    LogEvent("leaderboard_posted", "The leaderboard of a week or month was posted.", ("guild_id",)),
    LogEvent("leaderboard_left_out", "A leaderboard that was due is not posted.", ("guild_id",)),
    LogEvent("message_edited", "A join message was corrected.", ("guild_id", "channel_id", "kind")),
    LogEvent("message_failed", "A join or leave message was not sent.", ("guild_id", "channel_id", "kind")),
    # Counters and starboard
    LogEvent("counter_made", "A counter was made.", ("guild_id", "channel_id")),
    LogEvent("counters_gone", "Counters went with their category.", ("guild_id",)),
    LogEvent("counters_renamed", "Counters show new numbers.", ("guild_id", "renamed", "refused")),
    LogEvent(
        "counter_limited", "Discord allows no rename for a while.", ("guild_id", "channel_id", "seconds")
    ),
    LogEvent("goal_announced", "A goal that was reached was announced.", ("guild_id", "channel_id")),
    LogEvent("star_posted", "A message came onto a board.", ("guild_id", "channel_id", "message_id")),
    LogEvent("star_removed", "A message left a board.", ("guild_id", "channel_id", "message_id")),
    LogEvent("board_lost", "A board went with its channel.", ("guild_id", "channel_id")),
    LogEvent("board_refused", "Discord refuses posts on a board.", ("guild_id", "channel_id")),
    LogEvent("stars_expired", "Old messages are no longer monitored.", ("messages",)),
)
