"""What join and leave messages say: their variables, and how they are filled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.text.facts import ChannelFacts, InviterFacts, MemberFacts, Moment, ServerFacts
from bot.text.rendering import RenderedMessage, check_template, render_message
from bot.text.values import Value
from bot.text.variables import (
    CHANNEL_VARIABLES,
    INVITER_VARIABLES,
    OTHER_VARIABLES,
    SERVER_VARIABLES,
    USER_VARIABLES,
    Variable,
    read_values,
)
from storage.records import Certainty, Join

LEAVE_VARIABLES: tuple[Variable[Any], ...] = (
    *USER_VARIABLES,
    *INVITER_VARIABLES,
    *SERVER_VARIABLES,
    *OTHER_VARIABLES,
)
JOIN_VARIABLES: tuple[Variable[Any], ...] = (*LEAVE_VARIABLES, *CHANNEL_VARIABLES)


@dataclass(frozen=True, slots=True)
class LeaveFacts:
    """What a leave message can tell."""

    member: MemberFacts
    inviter: InviterFacts
    server: ServerFacts
    moment: Moment


@dataclass(frozen=True, slots=True)
class JoinFacts(LeaveFacts):
    """What a join message can tell; `channel` is the one it is sent to."""

    channel: ChannelFacts


def inviter_facts(
    join: Join | None, members: Mapping[int, MemberFacts], current_invite_count: int | None
) -> InviterFacts:
    """Return who may have invited the member of this join; nobody is known without one.

    `members` holds what is known of the inviters; of one who is missing the id is known. The count is that of
    `join.inviter_id`.
    """

    def describe(inviter_id: int | None) -> MemberFacts | None:
        return None if inviter_id is None else members.get(inviter_id, MemberFacts(user_id=inviter_id))

    if join is None:
        return InviterFacts(candidates=(), invite_codes=(), current_invite_count=None)
    inviter_ids, codes = what_is_told(join)
    return InviterFacts(
        candidates=tuple(describe(inviter_id) for inviter_id in inviter_ids),
        invite_codes=codes,
        current_invite_count=current_invite_count,
    )


def what_is_told(join: Join) -> tuple[tuple[int | None, ...], tuple[str | None, ...]]:
    """Return the inviters and the codes that a message about this join may name, each list with all that fit."""
    # The inviter can be certain although the code is not.
    inviter_ids: tuple[int | None, ...] = (join.inviter_id,)
    if join.inviter_id is None and join.certainty is Certainty.AMBIGUOUS:
        inviter_ids = tuple(candidate.inviter_id for candidate in join.candidates)
    codes: tuple[str | None, ...] = (join.code,)
    if join.code is None and join.certainty is Certainty.AMBIGUOUS:
        codes = tuple(candidate.code for candidate in join.candidates)
    return inviter_ids, codes


def names_inviter(template: str) -> bool:
    """Whether a message says anything else when more is known of how the member came."""
    return any(f"<{variable.name}>" in template for variable in INVITER_VARIABLES)


def check_join_template(template: str, is_embed: bool) -> tuple[str, ...]:
    """Return warnings about a join message; raises TemplateError when it cannot be saved."""
    return check_template(template, is_embed, {variable.name for variable in JOIN_VARIABLES})


def check_leave_template(template: str, is_embed: bool) -> tuple[str, ...]:
    """Return warnings about a leave message; raises TemplateError when it cannot be saved."""
    return check_template(template, is_embed, {variable.name for variable in LEAVE_VARIABLES})


def render_join_message(template: str, is_embed: bool, facts: JoinFacts) -> RenderedMessage:
    """Return the message about a join; it pings the new member if the template asks for it, nobody else."""
    values = _leave_values(facts) | read_values(CHANNEL_VARIABLES, facts.channel, facts.moment)
    return render_message(template, is_embed, values, {"user_mention": facts.member.user_id})


def render_leave_message(template: str, is_embed: bool, facts: LeaveFacts) -> RenderedMessage:
    """Return the message about a leave; it pings nobody."""
    return render_message(template, is_embed, _leave_values(facts), {})


def _leave_values(facts: LeaveFacts) -> dict[str, Value]:
    return {
        **read_values(USER_VARIABLES, facts.member, facts.moment),
        **read_values(INVITER_VARIABLES, facts.inviter, facts.moment),
        **read_values(SERVER_VARIABLES, facts.server, facts.moment),
        **read_values(OTHER_VARIABLES, None, facts.moment),
    }
