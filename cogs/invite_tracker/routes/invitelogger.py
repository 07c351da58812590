"""The two requests of InviteLogger's API, in its own shape: answers without an envelope.

Its page has the parameters in the body of a GET, which many clients cannot send: they may stand in the query as well.
"""

from typing import Annotated, Any, Self, TypeVar

from fastapi import Body, Depends, Query, Response
from pydantic import Field

from bot.errors import BadRequestError, ModuleDisabledError, SettingsError, UnprocessableEntityError
from bot.web.callers import Right
from bot.web.envelope import bare, bare_list
from bot.web.fields import Fields, GuildFields, Id, IdText, Record, TimeText, id_text, iso_time
from bot.web.paging import Paging
from bot.web.routing import ApiRouter
from cogs.invite_tracker.routes.bodies import CodeText
from cogs.invite_tracker.routes.scope import Service
from storage.invite_counts import JoinOfCode
from storage.records import InviteCounts

Asked = TypeVar("Asked", bound=Fields)


class BotGiven(Fields):
    """What both requests of InviteLogger's API may carry in the query or in the body."""

    bot_id: Annotated[Id | None, Field(description="This bot; required, here or in the other place.")] = None
    guild_id: Annotated[Id | None, Field(description="The server; required, here or in the other place.")] = (
        None
    )


class InviterGiven(BotGiven):
    """Whose counts are asked for."""

    inviter_id: Annotated[
        Id | None, Field(description="The inviter; required, here or in the other place.")
    ] = None


class CodeGiven(BotGiven, Paging):
    """Whose joins are asked for."""

    invite_code: Annotated[
        CodeText | None,
        Field(description="The code, without discord.gg/; required, here or in the other place."),
    ] = None


class BotFields(GuildFields):
    """What both requests of InviteLogger's API carry, wherever it was."""

    bot_id: Id


class InviterFields(BotFields):
    """Whose counts to give."""

    inviter_id: Id


class CodeFields(BotFields, Paging):
    """Whose joins to give."""

    invite_code: CodeText


class InviterRecord(Record):
    """How many people somebody invited."""

    total: int
    leaves: int
    fake: int
    bonus: int
    real: int

    @classmethod
    def of(cls, counts: InviteCounts) -> Self:
        """Return the record of these counts."""
        return cls(
            total=counts.total,
            leaves=counts.leaves,
            fake=counts.fake,
            bonus=counts.bonus,
            real=counts.real,
        )


class InvitedRecord(Record):
    """Somebody who came by an invite; `updated_at` is when the join was cleared, else when they left, else when they joined."""

    created_at: TimeText
    updated_at: TimeText
    member_id: IdText | None
    fake: bool
    left: bool
    cleared: bool

    @classmethod
    def of(cls, join: JoinOfCode) -> Self:
        """Return the record of this join."""
        changed_at_ms = (join.cleared_at_ms, join.left_at_ms, join.joined_at_ms)
        return cls(
            created_at=iso_time(join.joined_at_ms),
            updated_at=iso_time(next(at_ms for at_ms in changed_at_ms if at_ms is not None)),
            member_id=id_text(join.member_id),
            fake=join.is_fake,
            left=join.left_at_ms is not None,
            cleared=join.cleared_at_ms is not None,
        )


def gather(model: type[Asked], query: Fields, body: Fields | None) -> Asked:
    """Return what was asked, wherever it stood; raises BadRequestError for what is missing, or given twice and different."""
    given = _given(query)
    for name, value in _given(body).items():
        if given.setdefault(name, value) != value:
            raise BadRequestError(f"{name} is one in the query and another in the body.")
    for name, field in model.model_fields.items():
        if field.is_required() and name not in given:
            raise BadRequestError(f"{name} is missing.")
    return model.model_validate(given)


def _given(fields: Fields | None) -> dict[str, Any]:
    return {} if fields is None else fields.model_dump(exclude_unset=True, exclude_none=True)


def read_inviter(
    query: Annotated[InviterGiven, Query()], body: Annotated[InviterGiven | None, Body()] = None
) -> InviterFields:
    """Return whose counts are asked for."""
    return gather(InviterFields, query, body)


def read_code(
    query: Annotated[CodeGiven, Query()], body: Annotated[CodeGiven | None, Body()] = None
) -> CodeFields:
    """Return whose joins are asked for."""
    return gather(CodeFields, query, body)


router = ApiRouter("/v1/invites", "InviteLogger")


@router.endpoint(
    "GET",
    "/user",
    right=Right.READ,
    data=InviterRecord,
    is_bare=True,
    errors=(SettingsError, ModuleDisabledError),
)
async def count_invites_of_user(
    asked: Annotated[InviterFields, Depends(read_inviter)], service: Service
) -> Response:
    """Count the people somebody invited.

    The joins of the last 31 days: `total` of them, less `fake` ones, less those whose members left, and the bonus make
    `real`. Parameters may stand in the query or in a JSON body.
    """
    _check_bot(asked, service)
    stats = await service.fetch_inviter_stats(asked.guild_id, asked.inviter_id, 0)
    return bare(InviterRecord.of(stats.counts).model_dump())


@router.endpoint(
    "GET",
    "/code",
    right=Right.READ,
    data=list[InvitedRecord],
    is_bare=True,
    errors=(SettingsError, ModuleDisabledError),
)
async def list_members_invited_by_code(
    asked: Annotated[CodeFields, Depends(read_code)], service: Service
) -> Response:
    """List who came by an invite in the last 31 days, the latest first.

    Only who came by it for certain, and for the first time; cleared joins, too. `left` is false again for who came back.
    Parameters may stand in the query or in a JSON body.
    """
    _check_bot(asked, service)
    joins, total = await service.fetch_joins_of_code(
        asked.guild_id, asked.invite_code, asked.page_size, asked.offset
    )
    return await bare_list(joins, InvitedRecord.of, total=total)


def _check_bot(asked: BotFields, service: Service) -> None:
    if asked.bot_id != service.bot_id:
        raise UnprocessableEntityError(f"bot_id must be {service.bot_id}: I know nothing of other bots.")
