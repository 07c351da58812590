"""The truth against what the bot has on record of a server's life: messages, voice, votes, members. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage.statistics.catalogue import KINDS_BY_NUMBER
from storage.statistics.downtimes import Downtime
from storage.statistics.record_ids import time_ms_of

from .reading import Amount
from .truth import Moved, Truth, VoiceStay

LATE_MS = 3000
"""So late the bot may hear of something on a busy machine."""
EARLY_MS = 60
"""So much the times of two processes on one machine may differ."""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What the bot has on record."""

    sent: Mapping[int, int | None]
    deleted: Mapping[int, int | None]
    stays: Sequence[VoiceStay]
    downtimes: Sequence[Downtime]
    joined: Sequence[Moved]
    left: Sequence[Moved]
    votes: Sequence[Moved]
    votes_back: Sequence[Moved]
    sums: Mapping[str, tuple[Mapping[int, Amount], Mapping[int, Amount]]]
    """By table: what the raw records come to, and what the table says."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison; ``problems`` is empty when it is right."""

    what: str
    truth: str
    recorded: str
    note: str
    problems: tuple[str, ...]


def compare(truth: Truth, found: OnRecord, names: Mapping[int, str]) -> list[Compared]:
    """Hold everything on record against the truth; ``names`` are what people are called."""
    return [
        compare_messages(truth, found, names),
        compare_deletions(truth, found, names),
        compare_stays(truth, found, names),
        compare_downtimes(truth, found),
        _compare_moves("Joins", truth, truth.joined, found.joined, names),
        _compare_moves("Leaves", truth, truth.left, found.left, names),
        _compare_moves("Votes in polls", truth, truth.votes, found.votes, names),
        _compare_moves("Votes taken back", truth, truth.votes_back, found.votes_back, names),
        compare_sums(found),
    ]


def compare_sums(found: OnRecord) -> Compared:
    """Compare every sum that charts are made of with the records it sums up."""
    problems, checked = [], 0
    for table, (raw, summed) in found.sums.items():
        for kind in sorted(raw.keys() | summed.keys()):
            checked += 1
            if raw.get(kind) != summed.get(kind):
                key = KINDS_BY_NUMBER[kind].key
                problems.append(
                    f"{table} says {summed.get(kind)} for {key}, the records come to {raw.get(kind)}."
                )
    right = checked - len(problems)
    return Compared("Sums for charts", f"{checked}", f"{right} equal", "", tuple(problems))


def compare_messages(truth: Truth, found: OnRecord, names: Mapping[int, str]) -> Compared:
    """Compare the messages that were sent: each once, with its author, and none that never was."""
    problems = []
    for message_id, author_id in found.sent.items():
        if message_id not in truth.sent:
            problems.append(f"Message {message_id} is on record and was never sent.")
        elif truth.sent[message_id] != author_id:
            problems.append(f"Message {message_id} is on record for the wrong author.")
    missing = [one for one in truth.sent if one not in found.sent]
    lost = [one for one in missing if not truth.was_blind(time_ms_of(one))]
    for author_id in sorted({truth.sent[one] for one in lost}):
        number = sum(truth.sent[one] == author_id for one in lost)
        problems.append(f"{number} messages of {_name(author_id, names)} are not on record.")
    note = _around_kill(len(missing))
    return Compared("Messages sent", f"{len(truth.sent):,}", f"{len(found.sent):,}", note, tuple(problems))


def compare_deletions(truth: Truth, found: OnRecord, names: Mapping[int, str]) -> Compared:
    """Compare the messages that were deleted, and whose they were."""
    problems = [
        f"Message {message_id} is on record as deleted and was not."
        for message_id in found.deleted
        if message_id not in truth.deleted
    ]
    missing = [one for one in truth.deleted if one not in found.deleted]
    lost = [one for one in missing if not truth.was_blind(truth.deleted[one])]
    problems += [f"The deletion of message {message_id} is not on record." for message_id in lost]
    for message_id, author_id in found.deleted.items():
        true_id = truth.sent.get(message_id)
        if message_id in found.sent and author_id != true_id:
            wrote = names.get(true_id or 0, "somebody")
            problems.append(f"The deletion of message {message_id} is not on record as one of {wrote}.")
    note = _around_kill(len(missing))
    return Compared(
        "Messages deleted", f"{len(truth.deleted):,}", f"{len(found.deleted):,}", note, tuple(problems)
    )


def compare_stays(truth: Truth, found: OnRecord, names: Mapping[int, str]) -> Compared:
    """Compare the time in voice: nothing beyond the truth, and all of it but the time that the bot was away."""
    problems: list[str] = []
    left_over = list(found.stays)
    unseen_ms = 0
    for stay in truth.stays:
        ended_at_ms = stay.ended_at_ms
        if ended_at_ms is None:
            problems.append(f"{_name(stay.user_id, names)} is still in voice at the end.")
            continue
        seen = [one for one in left_over if _is_part_of(one, stay, ended_at_ms)]
        left_over = [one for one in left_over if one not in seen]
        away_ms = sum(_overlap_ms(stay, down) for down in found.downtimes)
        unseen_ms += away_ms
        true_ms = ended_at_ms - stay.began_at_ms - away_ms
        recorded_ms = sum(map(_length_ms, seen))
        if abs(recorded_ms - true_ms) > LATE_MS:
            problems.append(
                f"{_name(stay.user_id, names)} was in voice for {true_ms / 1000:.1f} s that the bot could see, "
                f"but {recorded_ms / 1000:.1f} s are on record."
            )
        if any(_overlap_ms(one, down) > EARLY_MS for one in seen for down in found.downtimes):
            problems.append(f"{_name(stay.user_id, names)} is on record in voice while the bot was away.")
    problems += [
        f"A time of {_name(one.user_id, names)} in voice is on record that never was." for one in left_over
    ]
    recorded_s = sum(map(_length_ms, found.stays)) / 1000
    note = f"{unseen_ms / 1000:.1f} s around the kill" if unseen_ms else ""
    return Compared(
        "Time in voice", say_duration(truth.voice_seconds()), say_duration(recorded_s), note, tuple(problems)
    )


def compare_downtimes(truth: Truth, found: OnRecord) -> Compared:
    """Compare the times that the bot says it was away with those that it was."""
    # How far back a killed bot must look depends on what it could prove; never beyond the beginning of its life.
    away = [*truth.away, *((one.alive_since_ms, one.until_ms) for one in truth.blind)]
    wrong = [
        down
        for down in found.downtimes
        if not any(
            since_ms - LATE_MS <= down.began_at_ms and down.ended_at_ms <= until_ms + LATE_MS
            for since_ms, until_ms in away
        )
    ]
    problems = [
        f"The bot says that it was away for {(down.ended_at_ms - down.began_at_ms) / 1000:.1f} s when it was not."
        for down in wrong
    ]
    if len(found.downtimes) != len(away):
        problems.append(f"The bot was away {len(away)} times, and has {len(found.downtimes)} on record.")
    return Compared("Times of absence", f"{len(away)}", f"{len(found.downtimes)}", "", tuple(problems))


def say_duration(seconds: float) -> str:
    """Return a duration as people read it: "151 h 12 min 8 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min {rest} s"


def _compare_moves(
    what: str, truth: Truth, true: Sequence[Moved], found: Sequence[Moved], names: Mapping[int, str]
) -> Compared:
    problems = []
    left_over = list(found)
    missing = 0
    for user_id, at_ms in true:
        match = next(
            (one for one in left_over if one[0] == user_id and -EARLY_MS <= one[1] - at_ms <= LATE_MS), None
        )
        if match is not None:
            left_over.remove(match)
            continue
        missing += 1
        if not truth.was_blind(at_ms):
            problems.append(f"{what}: {_name(user_id, names)} is not on record.")
    problems += [f"{what}: {_name(user_id, names)} is on record too often." for user_id, _at_ms in left_over]
    return Compared(what, f"{len(true):,}", f"{len(found):,}", _around_kill(missing), tuple(problems))


def _is_part_of(recorded: VoiceStay, stay: VoiceStay, ended_at_ms: int) -> bool:
    return (
        (recorded.user_id, recorded.channel_id) == (stay.user_id, stay.channel_id)
        and stay.began_at_ms - EARLY_MS <= recorded.began_at_ms <= ended_at_ms + LATE_MS
        and recorded.began_at_ms + _length_ms(recorded) <= ended_at_ms + LATE_MS
    )


def _length_ms(stay: VoiceStay) -> int:
    return 0 if stay.ended_at_ms is None else stay.ended_at_ms - stay.began_at_ms


def _overlap_ms(stay: VoiceStay, down: Downtime) -> int:
    ended_at_ms = stay.began_at_ms + _length_ms(stay)
    return max(0, min(ended_at_ms, down.ended_at_ms) - max(stay.began_at_ms, down.began_at_ms))


def _around_kill(number: int) -> str:
    return f"{number} around the kill" if number else ""


def _name(user_id: int, names: Mapping[int, str]) -> str:
    return names.get(user_id, f"member {user_id}")
