"""What the log says of the joins of one guild: how they were decided, and why some wait. Never whose they are."""

import logging
from collections.abc import Collection, Iterable
from typing import Final

from storage.records import Arrival, Join

_log = logging.getLogger(__name__)

UNUSUAL_WAIT_MS: Final = 30_000
"""Longer than any join waits while Discord answers."""


class DecisionLog:
    """Logs what the tracker of a guild decides."""

    def __init__(self, guild_id: int) -> None:
        self._guild_id = guild_id
        self._has_told_of_waiting = False

    def note_joins(self, joins: Iterable[Join]) -> None:
        """Tell joins that were decided."""
        for join in joins:
            _log.info(
                "Somebody joined: %s, %s.",
                join.code or f"source {join.source}",
                join.certainty,
                extra={
                    "event": "join_decided",
                    "guild_id": self._guild_id,
                    "code": join.code,
                    "source": join.source,
                    "certainty": join.certainty,
                    "method": join.method,
                },
            )

    def note_repairs(self, joins: Iterable[Join]) -> None:
        """Tell joins of which more is known now than was recorded."""
        for join in joins:
            _log.info(
                "More is known of an earlier join: %s, %s.",
                join.code or f"source {join.source}",
                join.certainty,
                extra={
                    "event": "join_repaired",
                    "guild_id": self._guild_id,
                    "code": join.code,
                    "source": join.source,
                    "certainty": join.certainty,
                    "method": join.method,
                },
            )

    def note_waiting(self, undecided: Collection[Arrival], now_ms: int, reason: str) -> None:
        """Tell, once until all of them are decided, that joins wait unusually long."""
        if not undecided:
            self._has_told_of_waiting = False
        elif not self._has_told_of_waiting:
            waited_ms = now_ms - min(arrival.received_at_ms for arrival in undecided)
            if waited_ms >= UNUSUAL_WAIT_MS:
                self._has_told_of_waiting = True
                _log.warning(
                    "Joins have been waiting for %d seconds to be decided: %s",
                    waited_ms // 1000,
                    reason,
                    extra={
                        "event": "joins_undecided",
                        "guild_id": self._guild_id,
                        "waiting": len(undecided),
                        "reason": reason,
                    },
                )
