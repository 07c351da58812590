"""What follows from the counter panel of the older generation, before anything is done."""

from dataclasses import replace

import pytest

from bot.errors import UnprocessableEntityError
from cogs.serverstats.counters.counter_types import CounterType
from cogs.serverstats.counters.panel import PanelWish, RolePanel, plan_panel
from storage.counters import Counter

COUNTER = Counter(
    guild_id=1,
    counter_id=1,
    channel_id=10,
    counter_type=CounterType.MEMBERS,
    format="M: <value>",
    role_id=None,
    goal=None,
    announce_channel_id=None,
    is_adopted=True,
    created_at_ms=0,
    goal_reached_at_ms=None,
    renamed_at_ms=None,
    blocked_until_ms=None,
)
MADE = replace(COUNTER, counter_id=2, channel_id=20, is_adopted=False)
OF_ROLE = replace(COUNTER, counter_id=3, channel_id=30, counter_type=CounterType.ONLINE_WITH_ROLE, role_id=5)


def test_nothing_wished_for_is_nothing_to_do() -> None:
    plan = plan_panel([COUNTER, MADE, OF_ROLE], PanelWish())
    assert (plan.deleted, plan.released, plan.adopted, plan.made) == ((), (), (), ())


def test_null_releases_what_was_adopted_for_that_type_and_nothing_else() -> None:
    boosts = replace(COUNTER, counter_id=4, channel_id=40, counter_type=CounterType.BOOSTS)
    plan = plan_panel([COUNTER, MADE, boosts], PanelWish({CounterType.MEMBERS: None}))
    assert plan.released == (COUNTER,)


def test_a_channel_that_shows_this_number_already_is_left_alone() -> None:
    for counter in (COUNTER, MADE):
        plan = plan_panel([counter], PanelWish({CounterType.MEMBERS: counter.channel_id}))
        assert (plan.released, plan.adopted) == ((), ())


def test_another_channel_takes_its_place() -> None:
    plan = plan_panel([COUNTER], PanelWish({CounterType.MEMBERS: 11}))
    assert plan.released == (COUNTER,)
    assert plan.adopted == ((11, CounterType.MEMBERS),)


def test_channels_that_change_places_are_not_released() -> None:
    boosts = replace(COUNTER, counter_id=4, channel_id=40, counter_type=CounterType.BOOSTS)
    plan = plan_panel([COUNTER, boosts], PanelWish({CounterType.MEMBERS: 40, CounterType.BOOSTS: 10}))
    assert plan.released == ()
    assert plan.adopted == ((40, CounterType.MEMBERS), (10, CounterType.BOOSTS))


def test_a_channel_is_one_thing_only() -> None:
    with pytest.raises(UnprocessableEntityError, match="<#7> cannot be two things"):
        plan_panel([], PanelWish({CounterType.MEMBERS: 7, CounterType.ONLINE: 7}))
    with pytest.raises(UnprocessableEntityError, match="<#30> cannot be two things"):
        plan_panel([OF_ROLE], PanelWish({CounterType.MEMBERS: 30}, deleted_channel_ids=frozenset({30})))


def test_only_counters_of_members_with_a_role_who_are_online_are_deleted() -> None:
    assert plan_panel([OF_ROLE], PanelWish(deleted_channel_ids=frozenset({30}))).deleted == (OF_ROLE,)
    for channel_id in (COUNTER.channel_id, 99):
        with pytest.raises(UnprocessableEntityError, match=f"<#{channel_id}> is not a counter of members"):
            plan_panel([COUNTER], PanelWish(deleted_channel_ids=frozenset({channel_id})))


def test_what_goes_makes_room_for_what_comes() -> None:
    full = [replace(OF_ROLE, counter_id=number, channel_id=100 + number) for number in range(50)]
    panel = RolePanel("Crew: <value>", 5)
    with pytest.raises(UnprocessableEntityError, match="A server can have 50 counters"):
        plan_panel(full, PanelWish(made=(panel,)))
    plan = plan_panel(full, PanelWish(made=(panel,), deleted_channel_ids=frozenset({100})))
    assert plan.made == (panel,)
    # A server that is full can still be told what it is told anyway.
    assert plan_panel(full, PanelWish()).made == ()


@pytest.mark.parametrize(
    ("name", "format_text"),
    [("Crew", "Crew: <value>"), (" Crew ", "Crew: <value>"), ("<value> aboard", "<value> aboard")],
)
def test_the_number_stands_behind_a_name_that_does_not_say_where(name: str, format_text: str) -> None:
    assert RolePanel.named(name, 5).format == format_text
