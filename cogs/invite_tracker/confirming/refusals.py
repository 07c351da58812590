"""Servers that the search is not asked about for a while, and why."""

from dataclasses import dataclass, field

from bot.text.language import N_
from cogs.invite_tracker.confirming.pace import Pace

REFUSED = N_(
    "Discord refuses its member search in this server (403), so doubtful joins stay open. I try again in an hour."
)
MISSING = N_(
    "Discord's member search is not there for this server (404), so doubtful joins stay open. I try again in an hour."
)
NOT_ALLOWED = N_(
    "Discord does not allow bots its member search any more (405), so doubtful joins stay open. "
    "I try again in an hour."
)
OTHERWISE = N_(
    "Discord's member search does not take my request, so doubtful joins stay open. I try again in an hour."
)

_SENTENCES = {403: REFUSED, 404: MISSING, 405: NOT_ALLOWED}


@dataclass(slots=True)
class _State:
    not_before_ms: int = 0
    failures: int = 0
    trouble: str | None = None


@dataclass(slots=True)
class Refusals:
    """When each server may be asked about next; a refusal holds for long, a failure for a while that grows."""

    pace: Pace
    _states: dict[int, _State] = field(default_factory=dict)

    def not_before_ms(self, guild_id: int) -> int:
        """Return the earliest moment for the next request."""
        state = self._states.get(guild_id)
        return 0 if state is None else state.not_before_ms

    def trouble(self, guild_id: int) -> str | None:
        """Return why nothing is asked, a sentence of the catalogue; None while all is well."""
        state = self._states.get(guild_id)
        return None if state is None else state.trouble

    def note_request(self, guild_id: int, now_ms: int) -> None:
        """Keep the distance to the next request."""
        self._state(guild_id).not_before_ms = now_ms + self.pace.guild_distance_ms

    def note_answer(self, guild_id: int) -> bool:
        """Learn that the search answers; return whether it did not before."""
        state = self._state(guild_id)
        was_refused = state.trouble is not None
        state.failures, state.trouble = 0, None
        return was_refused

    def note_failure(self, guild_id: int, now_ms: int, least_seconds: float = 0) -> None:
        """Learn that no answer came, or that the search is not ready and wants to be left alone for so long."""
        state = self._state(guild_id)
        state.failures += 1
        pause_ms = max(self.pace.pause_ms(state.failures), int(least_seconds * 1000))
        state.not_before_ms = max(state.not_before_ms, now_ms + pause_ms)

    def note_refusal(self, guild_id: int, status: int, now_ms: int) -> bool:
        """Learn that the search is refused; return whether that is new."""
        state = self._state(guild_id)
        trouble = _SENTENCES.get(status, OTHERWISE)
        is_new = state.trouble != trouble
        state.trouble = trouble
        state.not_before_ms = now_ms + self.pace.refused_ms
        return is_new

    def forget(self, guild_id: int) -> None:
        """Begin anew with a server."""
        self._states.pop(guild_id, None)

    def _state(self, guild_id: int) -> _State:
        return self._states.setdefault(guild_id, _State())
