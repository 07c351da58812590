import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.facts import InviterFacts, MemberFacts
from bot.text.templates import TemplateError
from bot.text.variables import VARIABLES, Family
from cogs.invite_tracker.messages.rendering import (
    JOIN_VARIABLES,
    LEAVE_VARIABLES,
    JoinFacts,
    LeaveFacts,
    check_join_template,
    check_leave_template,
    inviter_facts,
    render_join_message,
    render_leave_message,
)
from cogs.invite_tracker.settings import DEFAULT_JOIN_TEMPLATE, DEFAULT_LEAVE_TEMPLATE
from storage.records import Candidate, Certainty, Join, Method, Source
from tests.bot.text.people import ADA, BOB, BY_ADA, BY_ADA_OR_BOB, BY_NOBODY, CHANNEL, MOMENT, SERVER
from tests.bot.text.test_escape import NASTY

NEWCOMER = MemberFacts(user_id=1003, username="cy")
MEMBERS = {ADA.user_id: ADA, BOB.user_id: BOB}


def join_facts(member: MemberFacts = NEWCOMER, inviter: InviterFacts = BY_ADA) -> JoinFacts:
    return JoinFacts(member, inviter, SERVER, MOMENT, CHANNEL)


def leave_facts(member: MemberFacts = NEWCOMER, inviter: InviterFacts = BY_ADA) -> LeaveFacts:
    return LeaveFacts(member, inviter, SERVER, MOMENT)


def join(
    certainty: Certainty,
    *,
    code: str | None = None,
    inviter_id: int | None = None,
    candidates: tuple[Candidate, ...] = (),
) -> Join:
    return Join(
        guild_id=1,
        join_id=1,
        member_id=1003,
        joined_at_ms=0,
        recorded_at_ms=0,
        source=Source.INVITE,
        code=code,
        inviter_id=inviter_id,
        method=Method.USES_RISE,
        certainty=certainty,
        candidates=candidates,
        evidence=(),
        reason=None,
        credited_code="abc",
        credited_inviter_id=1001,
        account_created_at_ms=0,
        had_avatar=False,
        is_rejoin=False,
        is_own_invite=False,
        left_at_ms=None,
        cleared_at_ms=None,
    )


def by(code: str | None, inviter_id: int | None) -> Candidate:
    return Candidate(Source.INVITE, code, inviter_id)


def test_a_join_message_welcomes_and_names_the_inviter() -> None:
    message = render_join_message(DEFAULT_JOIN_TEMPLATE, False, join_facts())
    assert message.content == "👋 Welcome to **Garden**, <@1003>!\nInvited by: **Countess** · Invite: `abc`"
    assert message.allowed_user_ids == (1003,)


def test_a_leave_message_names_the_inviter_and_pings_nobody() -> None:
    message = render_leave_message(DEFAULT_LEAVE_TEMPLATE, False, leave_facts())
    assert message.content == "**cy** has left **Garden**.\nInvited by: **Countess** · Invite: `abc`"
    assert render_leave_message("<user_mention>", False, leave_facts()).allowed_user_ids == ()


def test_where_several_inviters_fit_a_message_names_them_all() -> None:
    template = "<inviter_display_name> / <invite_code> / <current_invite_count>"
    message = render_join_message(template, False, join_facts(inviter=BY_ADA_OR_BOB))
    assert message.content == "Countess or bob / abc or def / Unknown inviter"


def test_an_inviter_is_shown_but_never_pinged() -> None:
    message = render_join_message("<inviter_mention> <server_owner> <inviter_roles>", False, join_facts())
    assert message.content == "<@1001> <@1001> <@&501> <@&502>"
    assert message.allowed_user_ids == ()


def test_a_leave_message_knows_no_channel() -> None:
    template = "<channel_name> <server_name>"
    assert render_join_message(template, False, join_facts()).content == "welcome Garden"
    assert render_leave_message(template, False, leave_facts()).content == "<channel_name> Garden"


@pytest.mark.parametrize(
    ("variables", "families"),
    [(JOIN_VARIABLES, set(Family)), (LEAVE_VARIABLES, set(Family) - {Family.CHANNEL})],
)
def test_a_message_knows_whole_families(variables: tuple[object, ...], families: set[Family]) -> None:
    expected = {variable.name for variable in VARIABLES if variable.family in families}
    assert {getattr(variable, "name", None) for variable in variables} == expected


def test_every_variable_of_a_message_is_replaced() -> None:
    for variable in JOIN_VARIABLES:
        assert f"<{variable.name}>" not in (
            render_join_message(f"<{variable.name}>", False, join_facts()).content or ""
        )
    for variable in LEAVE_VARIABLES:
        assert f"<{variable.name}>" not in (
            render_leave_message(f"<{variable.name}>", False, leave_facts()).content or ""
        )


def test_an_embed_message_is_filled_and_may_ping_the_new_member() -> None:
    template = json.dumps({"content": "ignored", "embeds": [{"description": "Hi <user_mention>"}]})
    message = render_join_message(template, True, join_facts())
    assert message.content is None
    assert message.embeds == ({"description": "Hi <@1003>"},)
    assert message.allowed_user_ids == (1003,)
    assert render_leave_message(template, True, leave_facts()).allowed_user_ids == ()


def test_the_default_messages_can_be_saved_without_warnings() -> None:
    assert check_join_template(DEFAULT_JOIN_TEMPLATE, False) == ()
    assert check_leave_template(DEFAULT_LEAVE_TEMPLATE, False) == ()


def test_the_form_warns_of_what_the_message_does_not_know() -> None:
    assert check_join_template("<channel_name>", False) == ()
    (warning,) = check_leave_template("<channel_name>", False)
    assert warning.startswith("`<channel_name>` is not a variable and will be shown as it is")


def test_the_form_refuses_an_embed_that_discord_would_refuse() -> None:
    with pytest.raises(TemplateError, match=r"^embeds has more than 5 entries\.$"):
        check_join_template(json.dumps({"embeds": [{"title": "t"}] * 6}), True)


def test_a_certain_join_has_one_inviter() -> None:
    facts = inviter_facts(
        join(Certainty.CERTAIN, code="abc", inviter_id=1001, candidates=(by("abc", 1001),)), MEMBERS, 3
    )
    assert facts == InviterFacts(candidates=(ADA,), invite_codes=("abc",), current_invite_count=3)


def test_an_ambiguous_join_keeps_every_inviter_and_code() -> None:
    candidates = (by("abc", 1001), by("def", 1002), Candidate(Source.UNKNOWN, None, None))
    facts = inviter_facts(join(Certainty.AMBIGUOUS, candidates=candidates), MEMBERS, None)
    assert facts.candidates == (ADA, BOB, None)
    assert facts.invite_codes == ("abc", "def", None)


def test_an_ambiguous_join_by_one_inviter_names_them_and_every_code() -> None:
    candidates = (by("abc", 1001), by("def", 1001))
    facts = inviter_facts(join(Certainty.AMBIGUOUS, inviter_id=1001, candidates=candidates), MEMBERS, 3)
    assert facts == InviterFacts(candidates=(ADA,), invite_codes=("abc", "def"), current_invite_count=3)


def test_a_vanity_join_has_a_code_only() -> None:
    facts = inviter_facts(join(Certainty.CERTAIN, code="garden"), MEMBERS, None)
    assert facts == InviterFacts(candidates=(None,), invite_codes=("garden",), current_invite_count=None)


def test_of_an_inviter_who_was_never_seen_the_id_is_known() -> None:
    facts = inviter_facts(join(Certainty.CERTAIN, code="abc", inviter_id=7), {}, 1)
    assert facts.candidates == (MemberFacts(user_id=7),)


def test_a_leave_without_a_join_on_record_has_no_inviter() -> None:
    assert inviter_facts(None, MEMBERS, None) == BY_NOBODY


@given(
    NASTY,
    st.sampled_from(
        [DEFAULT_JOIN_TEMPLATE, "<user_mention> <user_nickname>", "@<user_nickname> by <inviter_nickname>"]
    ),
)
def test_no_name_pings_anybody(name: str, template: str) -> None:
    """Of all mentions in a message, those of names are dead; only the new member may be pinged, and only if asked for."""
    member = MemberFacts(user_id=1003, nickname=name)
    inviter = InviterFacts(
        candidates=(MemberFacts(user_id=1001, nickname=name),), invite_codes=(name,), current_invite_count=0
    )
    message = render_join_message(template, False, join_facts(member, inviter))
    assert message.content
    assert not re.search("@(everyone|here)", message.content, re.IGNORECASE)
    asked_for = "<user_mention>" in template
    assert re.findall(r"<@[!&]?\d+>", message.content) == ["<@1003>"] * asked_for
    assert message.allowed_user_ids == (1003,) * asked_for
