"""What requests about the invite tracker carry; names as the clients of the systems that we replace know them."""

import re
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from bot.web.fields import WHOLE, Flag, GuildFields, Id, Text, Whole, ill_typed, unprocessable
from bot.web.interaction_answers import KEY_PATTERN, InteractionKey
from bot.web.paging import Paging
from cogs.invite_tracker.setting_fields import MINIMUM_AGE_MOST
from cogs.invite_tracker.settings import InviteTrackerSettings
from cogs.invite_tracker.use_cases.links import MAX_AGE_SECONDS_MOST, MAX_USES_MOST

CODE_LENGTH_MOST: Final = 200
"""Room for a whole link."""


def _read_code(value: Any) -> Any:
    # The published description calls codes integers; some are digits alone.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _check_code(code: str) -> str:
    if not 1 <= len(code) <= CODE_LENGTH_MOST:
        raise unprocessable(f"must have 1 to {CODE_LENGTH_MOST} characters")
    return code


CodeText = Annotated[
    Text,
    AfterValidator(_check_code),
    BeforeValidator(_read_code),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": CODE_LENGTH_MOST},
                {"type": "integer", "minimum": 0},
            ],
            "examples": ["abc123"],
        }
    ),
]
"""The code of an invite."""


def _check_token(token: str) -> str:
    if re.fullmatch(KEY_PATTERN, token) is None:
        raise unprocessable("is not the token of an interaction")
    return token


Token = Annotated[str, AfterValidator(_check_token), Field(json_schema_extra={"pattern": KEY_PATTERN})]
"""What Discord gave another application together with an interaction."""


class SettingsFields(GuildFields):
    """All settings; what may be left out stays as it is."""

    id: Annotated[
        Whole | None, Field(description="Taken, so that a record can be sent back; it changes nothing.")
    ] = None
    join_messages_enabled: Annotated[Flag, Field(description="Whether everyone who joins is greeted.")]
    join_messages_channel: Annotated[
        Id | None, Field(description="The channel of join messages; null for none, while they are off.")
    ] = None
    join_message_content: Annotated[
        Text | None,
        Field(
            description="The text with its variables, or the JSON of embeds; null, while join messages are off, for the "
            "text that it was in the beginning."
        ),
    ] = None
    join_message_is_embed: Annotated[Flag, Field(description="Whether the content is the JSON of embeds.")]
    leave_messages_enabled: Annotated[Flag, Field(description="Whether everyone who leaves is told of.")]
    leave_messages_channel: Annotated[
        Id | None, Field(description="The channel of leave messages; null for none, while they are off.")
    ] = None
    leave_message_content: Annotated[
        Text | None,
        Field(
            description="The text with its variables, or the JSON of embeds; null, while leave messages are off, for the "
            "text that it was in the beginning."
        ),
    ] = None
    leave_message_is_embed: Annotated[Flag, Field(description="Whether the content is the JSON of embeds.")]
    prevent_own_invite_code: Annotated[
        Flag, Field(description="Whether joins by an invite of one's own count as fake.")
    ]
    server_shared_invite_link: Annotated[
        Text | None,
        Field(
            description="The link that everyone may share, which must lead to this server; null for none.",
        ),
    ] = None
    fake_rejoins: Annotated[
        Flag | None, Field(description="Whether joins of people who were here before count as fake.")
    ] = None
    fake_without_avatar: Annotated[
        Flag | None, Field(description="Whether joins of accounts without a picture count as fake.")
    ] = None
    fake_minimum_account_age_days: Annotated[
        Annotated[int, Field(ge=0, le=MINIMUM_AGE_MOST), WHOLE] | None,
        Field(description="Joins of accounts younger than so many days count as fake; 0: none do."),
    ] = None

    @field_validator("join_message_content", "leave_message_content")
    @classmethod
    def _be_there_while_sent(cls, content: str | None, info: ValidationInfo) -> str | None:
        kind = (info.field_name or "").removesuffix("_message_content")
        if content is None and info.data.get(f"{kind}_messages_enabled"):
            raise unprocessable("must not be null while these messages are on")
        return content

    def applied_to(
        self, stored: InviteTrackerSettings, defaults: InviteTrackerSettings
    ) -> InviteTrackerSettings:
        """Return the settings that the request asks for."""
        changes = {name: getattr(self, name) for name in self.model_fields_set - {"id", "guild_id"}}
        for kind in ("join", "leave"):
            if changes.get(f"{kind}_message_content", "") is None:
                # The text of the beginning is no JSON, whatever the request calls it.
                changes[f"{kind}_message_content"] = getattr(defaults, f"{kind}_message_content")
                changes[f"{kind}_message_is_embed"] = False
        for name in ("fake_rejoins", "fake_without_avatar", "fake_minimum_account_age_days"):
            if changes.get(name, 0) is None:
                del changes[name]
        return stored.model_copy(update=changes)


class InteractionFields(GuildFields):
    """A request that may also answer an interaction of another application."""

    application_id: Annotated[
        Id | None,
        Field(description="Whose interaction is answered, too; with `token`, or both left out or null."),
    ] = None
    token: Annotated[Token | None, Field(description="The token of that interaction; it is not kept.")] = None

    @model_validator(mode="after")
    def _have_both_or_none(self) -> Self:
        if (self.application_id is None) != (self.token is None):
            raise ill_typed("must have both application_id and token, or neither")
        return self

    @property
    def interaction(self) -> InteractionKey | None:
        """What it takes to answer the interaction; None where none is to be answered."""
        if self.application_id is None or self.token is None:
            return None
        return InteractionKey(self.application_id, self.token)


class CreateInviteFields(InteractionFields):
    """Which invite to make."""

    channel_id: Annotated[Id, Field(description="Where the invite leads.")]
    max_uses: Annotated[
        int, Field(ge=0, le=MAX_USES_MOST, description="How often it can be used; 0 for no limit."), WHOLE
    ]
    max_age: Annotated[
        int,
        Field(ge=0, le=MAX_AGE_SECONDS_MOST, description="For how many seconds it can be used; 0: for ever."),
        WHOLE,
    ]
    is_temporary: Annotated[
        Flag, Field(description="Whether who got no role by the time is removed when they go offline.")
    ]


class DeleteInviteFields(InteractionFields):
    """Which invite to delete."""

    invite_code: Annotated[CodeText, Field(description="Its code, or the whole link.")]


class LinksFields(GuildFields, Paging):
    """Which invites to list."""


class UsesFields(GuildFields, Paging):
    """Whose invited people to list."""

    inviter_id: Annotated[Id, Field(description="The inviter.")]


class InviteCreatedFields(GuildFields):
    """An invite that other software has seen being made."""

    invite_code: CodeText
    channel_id: Annotated[Id, Field(description="Where the invite leads.")]


class InviteDeletedFields(GuildFields):
    """An invite that other software has seen being deleted."""

    invite_code: CodeText
