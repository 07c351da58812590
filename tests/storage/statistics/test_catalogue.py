"""The catalogue: each kind has a switch, a record shape, a title, and rules that derive from them."""

from collections import Counter

import pytest

from storage.statistics.catalogue import (
    CATALOGUE,
    KINDS,
    LEGACY_SWITCHES,
    PRESENCE,
    VOICE,
    Aggregate,
    Group,
    Kind,
    Part,
    Source,
    kinds_of,
)

every_kind = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.key)

PUBLISHED_SWITCHES = (
    "stats_messages_enabled",
    "stats_commands_enabled",
    "stats_members_enabled",
    "stats_activities_enabled",
    "stats_voice_enabled",
    "stats_modules_autoresponder_enabled",
    "stats_modules_tags_enabled",
    "stats_modules_verifier_enabled",
    "stats_modules_socials_enabled",
    "stats_modules_rules_enabled",
    "stats_modules_invite_tracker_enabled",
    "stats_modules_reactionroles_enabled",
    "stats_modules_welcoming_enabled",
    "stats_modules_tempchannels_enabled",
    "stats_modules_tickets_enabled",
    "stats_functions_reminders_enabled",
    "stats_functions_giveaways_enabled",
    "stats_modules_polls_enabled",
)


def test_there_are_fifty_nine_kinds_with_numbers_and_keys_of_their_own() -> None:
    assert len(CATALOGUE) == len(KINDS) == 59
    assert sorted(kind.number for kind in CATALOGUE) == list(range(1, 60))


def test_the_switches_have_their_published_names() -> None:
    assert sorted(group.switch for group in Group) == sorted(PUBLISHED_SWITCHES)


@pytest.mark.parametrize("group", Group)
def test_every_group_switches_something_on_and_has_a_label(group: Group) -> None:
    assert kinds_of(group)
    assert group.label[0].isupper()


def test_every_kind_is_switched_on_by_one_group() -> None:
    assert Counter(kind.key for group in Group for kind in kinds_of(group)) == Counter(list(KINDS))


def test_every_record_has_a_name_of_its_own() -> None:
    assert len({kind.record for kind in CATALOGUE}) == len(CATALOGUE)


@every_kind
def test_every_kind_has_a_title_and_a_unit_for_people(kind: Kind) -> None:
    assert kind.title[0].isupper()
    assert kind.unit.islower()
    assert len(kind.title) <= 40


def test_no_two_kinds_have_the_same_title() -> None:
    assert len({kind.title for kind in CATALOGUE}) == len(CATALOGUE)


@every_kind
def test_every_record_shows_its_id_its_guild_and_its_time(kind: Kind) -> None:
    names = [name for name, _part in kind.shape]
    assert names[:2] == ["id", "guild_id"]
    assert len(set(names)) == len(names)
    parts = {part for _name, part in kind.shape}
    times = {Part.STARTED_AT, Part.ENDED_AT} if kind.aggregate is Aggregate.SECONDS else {Part.AT}
    assert parts >= times


@every_kind
def test_a_record_shows_what_its_aggregate_is_made_of(kind: Kind) -> None:
    parts = {part for _name, part in kind.shape}
    assert (Part.DURATION in parts) == (kind.aggregate is Aggregate.MEAN)
    assert (Part.FIRST in parts) == (kind.aggregate is Aggregate.LAST)
    assert (Part.STARTED_AT in parts) == (kind.aggregate is Aggregate.SECONDS)


@every_kind
def test_who_can_be_asked_for_is_on_record(kind: Kind) -> None:
    """Filters by user and erasure find people by the same column."""
    parts = {part for _name, part in kind.shape}
    assert not kind.has_user or Part.USER_ID in parts
    assert kind.has_channel == (Part.CHANNEL_ID in parts)


def test_the_kinds_that_come_from_discord_are_these() -> None:
    assert {kind.key for kind in CATALOGUE if kind.source is Source.GATEWAY} == {
        "messages/sent",
        "messages/deleted",
        "voice",
        "members/joined",
        "members/left",
        "members/total",
        "activities/statuses",
        "activities/presence",
        "modules/invite_tracker/invite/created",
        "modules/invite_tracker/invite/deleted",
        "modules/polls/poll/created",
        "modules/polls/poll/deleted",
        "modules/polls/poll/manually_closed",
        "modules/polls/vote/added",
        "modules/polls/vote/removed",
    }


@every_kind
def test_everything_but_samples_can_be_reported(kind: Kind) -> None:
    """Also what Discord itself tells: clients of the systems we replace may go on reporting it."""
    assert (kind.intake is None) == (kind.aggregate is Aggregate.LAST)
    assert (kind.intake_of_end is not None) == (kind is VOICE)


@every_kind
def test_a_report_says_what_the_record_shows(kind: Kind) -> None:
    if kind.intake is None:
        return
    names = [name for name, _part in kind.intake]
    assert "guild_id" not in names
    assert len(set(names)) == len(names)
    told = {part for _name, part in kind.intake}
    asked = {Part.USER_ID, Part.CHANNEL_ID, Part.MESSAGE_ID, Part.TEXT, Part.DURATION}
    if kind is PRESENCE:
        assert told == {Part.USER_ID, Part.ACTIVITIES}
    else:
        assert {part for _name, part in kind.shape} & asked == told - {Part.TEXT} | (
            {Part.TEXT} if kind.has_text else set()
        )


def test_older_generations_have_paths_of_their_own_but_for_those_that_both_share() -> None:
    older = {kind.key: kind.legacy for kind in CATALOGUE if kind.legacy is not None}
    assert older["messages/sent"].view_key == "message/view"
    assert older["commands/used"].report_key == "command/check"
    assert older["modules/tags/check-time"].view_key == "modules/tags/send-time/view"
    assert sorted(key for key, legacy in older.items() if legacy.report_key == key) == [
        "functions/giveaways/created",
        "functions/giveaways/deleted",
        "functions/giveaways/responders",
        "functions/reminders/created",
        "functions/reminders/deleted",
        "modules/reactionroles/check-time",
    ]
    assert not {legacy.view_key for legacy in older.values()} & KINDS.keys()
    assert not {legacy.report_key for key, legacy in older.items() if legacy.report_key != key} & KINDS.keys()
    assert not LEGACY_SWITCHES.keys() & {group.switch for group in Group}


@every_kind
def test_what_happens_once_is_told_by_a_user_and_a_text(kind: Kind) -> None:
    assert kind.is_once_each == (kind.key == "functions/giveaways/responders")
    assert not kind.is_once_each or (kind.keeps_user and kind.keeps_text)
