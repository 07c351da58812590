"""Sessions: what is recorded of a time somebody spent is never more than that time."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cogs.serverstats.statistics.sessions import Doing, OpenSessions, close_at_proof
from storage.statistics.changes import Change, SessionClosed, SessionOpened
from storage.statistics.record_ids import RecordIds, first_record_id, time_ms_of
from tests.cogs.serverstats.statistics.scenery import GUILD, NOW_MS

KIND = 3
PEOPLE = (1, 2, 3)
CHANNELS = (None, 10, 11)


@dataclass
class Truth:
    """Where people really are, and a bot that hears of it while it runs."""

    now_ms: int = NOW_MS
    here: dict[int, int] = field(default_factory=dict)
    since_ms: dict[int, int] = field(default_factory=dict)
    stays: list[tuple[int, int, int, int]] = field(default_factory=list)
    """User, channel, from when to when."""
    begun: dict[int, SessionOpened] = field(default_factory=dict)
    ended: dict[int, SessionClosed] = field(default_factory=dict)
    sessions: OpenSessions = field(default_factory=lambda: OpenSessions(RecordIds().next))
    is_running: bool = True
    beat_at_ms: int = NOW_MS

    def store(
        self, changes: list[Change] | list[SessionClosed] | list[SessionClosed | SessionOpened]
    ) -> None:
        for change in changes:
            if isinstance(change, SessionOpened):
                assert change.record_id not in self.begun
                self.begun[change.record_id] = change
            elif isinstance(change, SessionClosed):
                assert change.record_id not in self.ended, "a session ended twice"
                assert tuple(self.begun[change.record_id]) == change[:-1]
                self.ended[change.record_id] = change

    def move(self, user_id: int, channel_id: int | None) -> None:
        before = self.here.get(user_id)
        if before == channel_id:
            return
        self.here.pop(user_id, None)
        if before is not None:
            self.stays.append((user_id, before, self.since_ms[user_id], self.now_ms))
        if channel_id is not None:
            self.here[user_id], self.since_ms[user_id] = channel_id, self.now_ms
        if self.is_running:
            self.hear(user_id, channel_id)

    def hear(self, user_id: int, channel_id: int | None) -> None:
        doing = () if channel_id is None else (Doing(channel_id),)
        self.store(self.sessions.change(GUILD, (KIND, user_id), doing, self.now_ms))

    def beat(self) -> None:
        if self.is_running:
            self.beat_at_ms = self.now_ms

    def crash(self) -> None:
        self.is_running = False
        self.sessions = OpenSessions(RecordIds().next)

    def stop(self) -> None:
        if self.is_running:
            self.store(self.sessions.end(GUILD, self.now_ms))
            self.beat_at_ms = self.now_ms
            self.is_running = False

    def start(self) -> None:
        if self.is_running:
            return
        left_open = [opened for record_id, opened in self.begun.items() if record_id not in self.ended]
        self.store([close_at_proof(opened, self.beat_at_ms, self.now_ms) for opened in left_open])
        self.is_running = True
        for user_id, channel_id in self.here.items():
            self.hear(user_id, channel_id)

    def lose_events(self) -> None:
        """The connection breaks and begins anew: nothing since the last proof is certain."""
        if self.is_running:
            self.store(self.sessions.end(GUILD, self.beat_at_ms))
            for user_id, channel_id in self.here.items():
                self.hear(user_id, channel_id)


ACTS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(PEOPLE), st.sampled_from(CHANNELS)),
    st.tuples(st.sampled_from(["beat", "crash", "stop", "start", "lose_events"])),
)


@given(st.lists(st.tuples(st.integers(0, 100_000), ACTS), max_size=60))
def test_nothing_is_invented_whatever_happens(
    history: list[tuple[int, tuple[str, *tuple[int | None, ...]]]],
) -> None:
    """No session lies outside the person's stay in that channel, none overlaps another, and all end in the end."""
    truth = Truth()
    for pause_ms, (act, *arguments) in history:
        truth.now_ms += pause_ms
        getattr(truth, act)(*arguments)
    truth.start()
    truth.stop()
    for user_id in PEOPLE:
        truth.move(user_id, None)
    assert truth.begun.keys() == truth.ended.keys()
    spans = sorted(
        (change.user_id or 0, time_ms_of(record_id), change.ended_at_ms, change.channel_id or 0)
        for record_id, change in truth.ended.items()
    )
    for user_id, began_ms, ended_ms, channel_id in spans:
        assert any(
            (user_id, channel_id) == (who, where) and since_ms <= began_ms <= ended_ms <= until_ms
            for who, where, since_ms, until_ms in truth.stays
        )
    for before, after in pairwise(spans):
        assert before[0] != after[0] or before[2] <= after[1]


@given(st.lists(st.tuples(st.integers(1, 100_000), st.sampled_from(PEOPLE), st.sampled_from(CHANNELS))))
def test_without_disturbances_every_stay_is_recorded_whole(
    moves: list[tuple[int, int, int | None]],
) -> None:
    truth = Truth()
    for pause_ms, user_id, channel_id in moves:
        truth.now_ms += pause_ms
        truth.move(user_id, channel_id)
    truth.stop()
    for user_id in PEOPLE:
        truth.move(user_id, None)
    recorded = sorted(
        (change.user_id, change.channel_id, time_ms_of(record_id), change.ended_at_ms)
        for record_id, change in truth.ended.items()
    )
    assert recorded == sorted(truth.stays)


def opened_at(at_ms: int) -> SessionOpened:
    return SessionOpened(GUILD, KIND, first_record_id(at_ms), 1, 10)


def test_a_session_left_open_ends_at_the_last_heartbeat() -> None:
    assert close_at_proof(opened_at(5_000_000_000_000), 5_000_000_000_900, 5_000_000_001_000)[-1] == (
        5_000_000_000_900
    )


def test_a_session_that_began_after_the_last_heartbeat_ends_as_it_begins() -> None:
    began_ms = 5_000_000_000_000
    assert close_at_proof(opened_at(began_ms), began_ms - 1, began_ms + 9)[-1] == began_ms
    assert close_at_proof(opened_at(began_ms), None, began_ms + 9)[-1] == began_ms


def test_a_heartbeat_from_the_future_does_not_count() -> None:
    began_ms = 5_000_000_000_000
    assert close_at_proof(opened_at(began_ms), began_ms + 99, began_ms + 9)[-1] == began_ms + 9


def test_no_session_ends_before_it_began() -> None:
    sessions = OpenSessions(RecordIds().next)
    sessions.change(GUILD, (KIND, 1), (Doing(10),), NOW_MS)
    (closed,) = sessions.end(GUILD, NOW_MS - 1)
    assert closed.ended_at_ms == NOW_MS


def test_only_the_sessions_of_one_kind_end() -> None:
    sessions = OpenSessions(RecordIds().next)
    sessions.change(GUILD, (KIND, 1), (Doing(10),), NOW_MS)
    sessions.change(GUILD, (8, 1), (Doing(None, "Chess", 0),), NOW_MS)
    assert [closed.kind for closed in sessions.end(GUILD, NOW_MS, KIND)] == [KIND]
    assert [closed.kind for closed in sessions.end(GUILD, NOW_MS)] == [8]
    assert sessions.guild_ids() == ()


def test_a_session_whose_beginning_was_not_kept_has_no_end() -> None:
    sessions = OpenSessions(RecordIds().next)
    for is_anonymous in (False, True):
        (opened,) = sessions.change(GUILD, (KIND, 1), (Doing(10),), NOW_MS, is_anonymous=is_anonymous)
        assert isinstance(opened, SessionOpened)
        sessions.change(GUILD, (KIND, 2), (Doing(10),), NOW_MS)
        sessions.refuse(opened)
        assert sessions.change(GUILD, (KIND, 1), (), NOW_MS + 5) == []
        assert len(sessions.end(GUILD, NOW_MS + 5)) == 1


def test_an_opt_out_ends_the_named_session_and_goes_on_without_the_id() -> None:
    sessions = OpenSessions(RecordIds().next)
    sessions.change(GUILD, (KIND, 1), (Doing(10),), NOW_MS)
    sessions.change(GUILD, (KIND, 2), (Doing(10),), NOW_MS)
    ended, begun = sessions.part_from(GUILD, 1, NOW_MS + 60)
    assert (ended.user_id, begun.user_id, begun.channel_id) == (1, None, 10)
    assert isinstance(ended, SessionClosed)
    assert ended.ended_at_ms == time_ms_of(begun.record_id) == NOW_MS + 60
    assert sessions.change(GUILD, (KIND, 1), (), NOW_MS + 90) == [SessionClosed(*begun[:7], NOW_MS + 90)]
    assert [closed.user_id for closed in sessions.end(GUILD, NOW_MS + 90)] == [2]


def test_an_erasure_takes_the_id_out_of_a_session_that_goes_on() -> None:
    sessions = OpenSessions(RecordIds().next)
    (opened,) = sessions.change(GUILD, (KIND, 1), (Doing(10),), NOW_MS)
    sessions.anonymise(GUILD, 1)
    (closed,) = sessions.change(GUILD, (KIND, 1), (), NOW_MS + 5)
    assert (closed.record_id, closed.user_id) == (opened.record_id, None)


def test_a_forgotten_guild_has_no_sessions() -> None:
    sessions = OpenSessions(RecordIds().next)
    sessions.change(GUILD, (KIND, 1), (Doing(10),), NOW_MS)
    sessions.forget(GUILD)
    assert sessions.end(GUILD, NOW_MS) == []
