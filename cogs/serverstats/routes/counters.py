"""Counters over HTTP."""

from typing import Annotated

from fastapi import Body, Path, Query, Response
from pydantic import Field

from bot.errors import DiscordRefusedError, ModuleDisabledError, SettingsError
from bot.web.callers import Right
from bot.web.envelope import success
from bot.web.fields import WHOLE, GuildFields, Id, IdText, Record, Text, id_text
from bot.web.paging import PAGE_SIZE_MOST, Paging
from bot.web.routing import ApiRouter, provided
from cogs.serverstats.counters.counter_types import KINDS
from cogs.serverstats.counters.drafts import GOAL_MOST
from cogs.serverstats.counters.names import FORMAT_LENGTH_MOST
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.service import ServerstatsService
from storage.counters import Counter

router = ApiRouter("/modules/serverstats", "Counters")

Module = Annotated[ServerstatsService, provided(ServerstatsService)]
Counters = Annotated[CountersService, provided(CountersService)]
CounterId = Annotated[Id, Path(description="The `counter_id` of the counter.")]

_TYPES = ", ".join(f"{int(kind.counter_type)} {kind.title}" for kind in KINDS)


class CounterRecord(Record):
    """A counter: a channel whose name shows a number."""

    id: Annotated[int, Field(description="The same as `counter_id`.")]
    guild_id: IdText
    channel_id: IdText
    counter_id: IdText
    counter_type: Annotated[int, Field(ge=1, le=len(KINDS), description=f"{_TYPES}.")]
    format: Annotated[str, Field(examples=["Members: <value>"])]
    role_id: IdText | None
    goal_count: int | None


class CountersFields(GuildFields, Paging):
    """Which counters are wanted."""

    page_size: Annotated[
        int, Field(ge=1, le=PAGE_SIZE_MOST, description="How many entries a page has at most."), WHOLE
    ] = 10


class NewCounterFields(GuildFields):
    """A counter to be made."""

    counter_type: Annotated[int, Field(ge=1, le=len(KINDS), description=f"{_TYPES}."), WHOLE]
    new_format: Annotated[
        Text,
        Field(
            description="The name of the channel, with variables such as `<value>` in the place of numbers.",
            examples=["Members: <value>"],
            json_schema_extra={"minLength": 1, "maxLength": FORMAT_LENGTH_MOST},
        ),
    ]
    new_role_id: Annotated[Id | None, Field(description="Needed by the types with a role.")] = None
    new_goal: Annotated[
        Annotated[int, Field(ge=1, le=GOAL_MOST), WHOLE] | None,
        Field(description="With a goal the channel shows how many are missing."),
    ] = None


class DeletedChannelFields(GuildFields):
    """A channel that was deleted."""

    channel_id: Id


@router.endpoint(
    "GET",
    "/counters",
    right=Right.READ,
    data=list[CounterRecord],
    errors=(SettingsError, ModuleDisabledError),
)
async def list_counters(
    query: Annotated[CountersFields, Query()], module: Module, counters: Counters
) -> Response:
    """List the counters of a server, the oldest first."""
    module.require_guild(query.guild_id)
    found = await counters.fetch_all(query.guild_id)
    shown = found[query.offset : query.offset + query.page_size]
    return success([_record(counter) for counter in shown], total=len(found))


@router.endpoint(
    "POST",
    "/counters",
    right=Right.WRITE,
    data=CounterRecord,
    errors=(SettingsError, ModuleDisabledError, DiscordRefusedError),
)
async def create_counter(body: Annotated[NewCounterFields, Body()], counters: Counters) -> Response:
    """Make a counter with a channel of its own, and turn counters on.

    The channel is made in the category of the settings; where there is none, one is made.
    """
    made = await counters.create(
        body.guild_id,
        body.counter_type,
        format=body.new_format,
        role_id=body.new_role_id,
        goal=body.new_goal,
    )
    return success(_record(made.counter))


@router.endpoint(
    "GET",
    "/counter/{counter_id}",
    right=Right.READ,
    data=CounterRecord,
    errors=(SettingsError, ModuleDisabledError),
)
async def get_counter(
    counter_id: CounterId, query: Annotated[GuildFields, Query()], module: Module, counters: Counters
) -> Response:
    """Get a counter of a server."""
    module.require_guild(query.guild_id)
    return success(_record(await counters.fetch(query.guild_id, counter_id)))


@router.endpoint(
    "DELETE",
    "/counter/{counter_id}",
    right=Right.WRITE,
    errors=(SettingsError, ModuleDisabledError, DiscordRefusedError),
)
async def delete_counter(
    counter_id: CounterId, query: Annotated[GuildFields, Query()], module: Module, counters: Counters
) -> Response:
    """Delete a counter of a server, and its channel unless that was there before the counter."""
    module.require_guild(query.guild_id)
    await counters.delete(query.guild_id, counter_id)
    return success()


@router.endpoint("POST", "/counters/update", right=None, operator_only=True)
async def update_counters(counters: Counters) -> Response:
    """Bring the counters of all servers up to date soon, without waiting for their turn.

    The answer does not wait for it. However often this is called, it happens once a minute at most.
    """
    counters.ask_for_update()
    return success()


@router.endpoint(
    "POST",
    "/stats/counter-panel/update",
    right=None,
    operator_only=True,
    errors=(SettingsError, ModuleDisabledError),
    is_deprecated=True,
)
async def update_counter_panel(counters: Counters) -> Response:
    """Do the same as `POST /modules/serverstats/counters/update`."""
    counters.ask_for_update()
    return success()


@router.endpoint(
    "POST", "/counters/check-delete", right=Right.INTAKE, errors=(SettingsError, ModuleDisabledError)
)
async def check_deleted_counter_channel(
    body: Annotated[DeletedChannelFields, Body()], module: Module, counters: Counters
) -> Response:
    """Have the bot look whether a channel is gone, and forget what it was: a counter, or their category.

    For a channel that is still there, or was neither, nothing happens.
    """
    return await _check_deleted(body, module, counters)


@router.endpoint(
    "POST",
    "/stats/counter-panel/check-deleted-channel",
    right=Right.INTAKE,
    errors=(SettingsError, ModuleDisabledError),
    is_deprecated=True,
)
async def check_deleted_counter_panel_channel(
    body: Annotated[DeletedChannelFields, Body()], module: Module, counters: Counters
) -> Response:
    """Do the same as `POST /modules/serverstats/counters/check-delete`."""
    return await _check_deleted(body, module, counters)


async def _check_deleted(
    body: DeletedChannelFields, module: ServerstatsService, counters: CountersService
) -> Response:
    module.require_guild(body.guild_id)
    await counters.check_deleted(body.guild_id, body.channel_id)
    return success()


def _record(counter: Counter) -> CounterRecord:
    return CounterRecord(
        id=counter.counter_id,
        guild_id=str(counter.guild_id),
        channel_id=str(counter.channel_id),
        counter_id=str(counter.counter_id),
        counter_type=counter.counter_type,
        format=counter.format,
        role_id=id_text(counter.role_id),
        goal_count=counter.goal,
    )
