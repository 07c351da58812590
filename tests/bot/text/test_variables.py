from dataclasses import replace

import pytest

from bot.text.facts import ChannelFacts, InviterFacts, MemberFacts
from bot.text.values import Kind
from bot.text.variables import (
    CHANNEL_VARIABLES,
    INVITER_VARIABLES,
    OTHER_VARIABLES,
    SERVER_VARIABLES,
    USER_VARIABLES,
    VARIABLES,
    Family,
    read_values,
)
from tests.bot.text.people import (
    ADA,
    BARE_SERVER,
    BOB,
    BY_ADA,
    BY_ADA_OR_BOB,
    BY_NOBODY,
    CHANNEL,
    MOMENT,
    NOON_IN_WINTER_MS,
    SERVER,
)

BOBS_AVATAR = "https://cdn.discordapp.com/embed/avatars/0.png"


def user(member: MemberFacts) -> dict[str, str]:
    values = read_values(USER_VARIABLES, member, MOMENT)
    return {name.removeprefix("user_"): value.text for name, value in values.items()}


def inviter(facts: InviterFacts) -> dict[str, str]:
    values = read_values(INVITER_VARIABLES, facts, MOMENT)
    return {name.removeprefix("inviter_"): value.text for name, value in values.items()}


def test_user_variables_tell_what_is_set() -> None:
    assert user(ADA) == {
        "id": "1001",
        "mention": "<@1001>",
        "nickname": "Countess",
        "display_name": "Countess",
        "is_deaf": "Deafend",
        "is_mute": "Muted",
        "is_pending": "Pending",
        "joined_at": "01-01-2026 13:00:00",
        "premium_since": "01-01-2026 13:00:01",
        "roles": "<@&501> <@&502>",
        "communication_disabled_until": "01-01-2026 13:01:00",
        "avatar_url": "https://cdn.discordapp.com/avatars/1001/a_1f.gif?size=1024",
    }


def test_user_variables_say_what_is_not_set() -> None:
    assert user(BOB) == {
        "id": "1002",
        "mention": "<@1002>",
        "nickname": "No nickname",
        "display_name": "bob",
        "is_deaf": "Not deafend",
        "is_mute": "Not muted",
        "is_pending": "Not pending",
        "joined_at": "Not in use",
        "premium_since": "Not in use",
        "roles": "Not in use",
        "communication_disabled_until": "None",
        "avatar_url": BOBS_AVATAR,
    }


@pytest.mark.parametrize(
    ("member", "name"),
    [
        (ADA, "Countess"),
        (replace(ADA, nickname=None), "Ada L."),
        (replace(ADA, nickname=None, global_name=None), "ada"),
        (MemberFacts(user_id=7), "User 7"),
    ],
)
def test_the_display_name_is_the_nearest_name_that_is_set(member: MemberFacts, name: str) -> None:
    assert user(member)["display_name"] == name


def test_a_timeout_that_is_over_is_none() -> None:
    assert user(replace(ADA, timed_out_until_ms=NOON_IN_WINTER_MS))["communication_disabled_until"] == "None"


def test_the_default_avatar_follows_from_the_id() -> None:
    assert user(MemberFacts(user_id=4 << 22))["avatar_url"].endswith("/embed/avatars/4.png")


def test_one_inviter_is_described_like_any_member() -> None:
    values = inviter(BY_ADA)
    assert values.pop("current_invite_count") == "12"
    assert values.pop("invite_code") == "abc"
    assert values == user(ADA)


def test_an_unknown_inviter_is_called_so_everywhere() -> None:
    values = inviter(BY_NOBODY)
    assert values.pop("invite_code") == "Unknown invite"
    assert set(values.values()) == {"Unknown inviter"}


def test_a_vanity_join_has_a_code_but_no_inviter() -> None:
    values = inviter(InviterFacts(candidates=(None,), invite_codes=("garden",), current_invite_count=None))
    assert values["invite_code"] == "garden"
    assert values["display_name"] == values["current_invite_count"] == "Unknown inviter"


def test_where_several_inviters_fit_none_is_named_alone() -> None:
    assert inviter(BY_ADA_OR_BOB) == {
        "id": "Unknown inviter",
        "mention": "<@1001> or <@1002>",
        "nickname": "Countess or No nickname",
        "display_name": "Countess or bob",
        "is_deaf": "Deafend or Not deafend",
        "is_mute": "Muted or Not muted",
        "is_pending": "Pending or Not pending",
        "joined_at": "01-01-2026 13:00:00 or Not in use",
        "premium_since": "01-01-2026 13:00:01 or Not in use",
        "roles": "<@&501> <@&502> or Not in use",
        "communication_disabled_until": "01-01-2026 13:01:00 or None",
        "avatar_url": "Unknown inviter",
        "current_invite_count": "Unknown inviter",
        "invite_code": "abc or def",
    }


def test_an_explanation_without_an_inviter_reads_as_unknown() -> None:
    facts = InviterFacts(candidates=(BOB, None), invite_codes=("def", None), current_invite_count=3)
    values = inviter(facts)
    assert values["display_name"] == "bob or Unknown inviter"
    assert values["mention"] == "<@1002> or Unknown inviter"
    assert values["invite_code"] == "def or Unknown invite"
    assert values["id"] == values["avatar_url"] == values["current_invite_count"] == "Unknown inviter"


def test_an_inviter_behind_all_candidates_is_named() -> None:
    facts = InviterFacts(candidates=(BOB, BOB), invite_codes=("abc", "def"), current_invite_count=3)
    values = inviter(facts)
    assert (values["id"], values["display_name"], values["current_invite_count"]) == ("1002", "bob", "3")
    assert values["invite_code"] == "abc or def"


def test_channel_variables() -> None:
    values = read_values(CHANNEL_VARIABLES, CHANNEL, MOMENT)
    assert {name: value.text for name, value in values.items()} == {
        "channel_id": "175928847299117063",
        "channel_mention": "<#175928847299117063>",
        "channel_name": "welcome",
        "channel_type": "GUILD_TEXT",
        "channel_created_at": "30-04-2016 13:18:25",
    }


def test_a_channel_type_that_is_new_is_shown_by_its_number() -> None:
    channel = ChannelFacts(channel_id=1, name="x", type_number=99)
    assert read_values(CHANNEL_VARIABLES, channel, MOMENT)["channel_type"].text == "UNKNOWN_99"


def test_server_variables_tell_what_is_set() -> None:
    values = read_values(SERVER_VARIABLES, SERVER, MOMENT)
    assert {name.removeprefix("server_"): value.text for name, value in values.items()} == {
        "id": "175928847299117063",
        "name": "Garden",
        "created_at": "30-04-2016 13:18:25",
        "description": "All about gardens",
        "afk_timeout": "0:05:00",
        "mfa_level": "ELEVATED",
        "owner": "<@1001>",
        "preferred_locale": "en-US",
        "premium_subscription_count": "7",
        "premium_tier": "TIER_1",
        "verification_level": "VERY_HIGH",
        "nsfw_level": "AGE_RESTRICTED",
        "public_updates_channel": "<#601>",
        "rules_channel": "<#602>",
        "system_channel": "<#603>",
        "widget_channel": "<#604>",
    }


def test_server_variables_say_what_is_not_in_use() -> None:
    values = read_values(SERVER_VARIABLES, BARE_SERVER, MOMENT)
    assert {name.removeprefix("server_") for name, value in values.items() if value.text == "Not in use"} == {
        "description",
        "afk_timeout",
        "owner",
        "public_updates_channel",
        "rules_channel",
        "system_channel",
        "widget_channel",
    }
    assert values["server_premium_tier"].text == values["server_mfa_level"].text == "NONE"


def test_the_present_is_shown_in_the_timezone_of_the_server() -> None:
    values = read_values(OTHER_VARIABLES, None, MOMENT)
    assert {name: value.text for name, value in values.items()} == {
        "current_date": "01-01-2026",
        "current_time": "13:00:00",
        "current_datetime": "01-01-2026 13:00:00",
        "current_datetime_iso": "2026-01-01T13:00:00+01:00",
    }


def test_what_people_chose_is_never_trusted() -> None:
    values = (
        read_values(USER_VARIABLES, ADA, MOMENT)
        | read_values(INVITER_VARIABLES, BY_ADA_OR_BOB, MOMENT)
        | read_values(CHANNEL_VARIABLES, CHANNEL, MOMENT)
        | read_values(SERVER_VARIABLES, SERVER, MOMENT)
    )
    assert {name for name, value in values.items() if value.kind is Kind.TEXT} == {
        "user_nickname",
        "user_display_name",
        "inviter_nickname",
        "inviter_display_name",
        "invite_code",
        "channel_name",
        "server_name",
        "server_description",
    }


def test_the_catalogue_names_every_variable_once_with_help() -> None:
    names = [variable.name for variable in VARIABLES]
    assert len(set(names)) == len(names)
    sizes = {family: sum(variable.family is family for variable in VARIABLES) for family in Family}
    assert sizes == {
        Family.USER: 12,
        Family.INVITER: 14,
        Family.CHANNEL: 5,
        Family.SERVER: 16,
        Family.OTHER: 4,
    }
    for variable in VARIABLES:
        assert variable.description.endswith(".")
        assert "{" not in variable.description
        assert variable.example
