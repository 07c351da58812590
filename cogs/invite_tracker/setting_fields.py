"""What people read of the settings of the invite tracker: on the screen, in the log of changes, in the documentation."""

from typing import Final

from bot.settings.fields import FieldKind, SettingField
from bot.text.language import N_
from cogs.invite_tracker.leaderboard.schedule import HOUR_MOST, SCHEDULE_NAMES
from cogs.invite_tracker.settings import HIDDEN_MOST

TITLE: Final = N_("Invite tracker")

MINIMUM_AGE_MOST: Final = 365

JOIN_SECTION: Final = N_("Join messages")
LEAVE_SECTION: Final = N_("Leave messages")
FAKE_SECTION: Final = N_("Fake joins")
EXISTING_SECTION: Final = N_("Members from before")
LINK_SECTION: Final = N_("Shared link")
LEADERBOARD_SECTION: Final = N_("Leaderboard")

JOIN_FORM: Final = "join_message"
LEAVE_FORM: Final = "leave_message"
LINK_FORM: Final = "shared_link"
LEADERBOARD_FORM: Final = "leaderboard"
"""The keys of the forms on the settings page."""

_FORMATS: Final = {False: N_("text"), True: N_("embeds")}

SETTING_FIELDS: Final = (
    SettingField(
        name="join_messages_enabled",
        label=N_("Join messages"),
        about=N_("A message greets everyone who joins."),
        kind=FieldKind.SWITCH,
        section=JOIN_SECTION,
    ),
    SettingField(
        name="join_messages_channel",
        label=N_("Channel of join messages"),
        about=N_("Join messages are sent there."),
        kind=FieldKind.CHANNEL,
        section=JOIN_SECTION,
    ),
    SettingField(
        name="join_message_content",
        label=N_("Join message"),
        about=N_("This is what the message says."),
        kind=FieldKind.TEXT,
        section=JOIN_SECTION,
        form=JOIN_FORM,
    ),
    SettingField(
        name="join_message_is_embed",
        label=N_("Format of the join message"),
        about=N_("The message is text, or the JSON of embeds."),
        kind=FieldKind.CHOICE,
        choices=_FORMATS,
        section=JOIN_SECTION,
        form=JOIN_FORM,
        is_on_screen=False,
    ),
    SettingField(
        name="leave_messages_enabled",
        label=N_("Leave messages"),
        about=N_("A message tells of everyone who leaves."),
        kind=FieldKind.SWITCH,
        section=LEAVE_SECTION,
    ),
    SettingField(
        name="leave_messages_channel",
        label=N_("Channel of leave messages"),
        about=N_("Leave messages are sent there."),
        kind=FieldKind.CHANNEL,
        section=LEAVE_SECTION,
    ),
    SettingField(
        name="leave_message_content",
        label=N_("Leave message"),
        about=N_("This is what the message says."),
        kind=FieldKind.TEXT,
        section=LEAVE_SECTION,
        form=LEAVE_FORM,
    ),
    SettingField(
        name="leave_message_is_embed",
        label=N_("Format of the leave message"),
        about=N_("The message is text, or the JSON of embeds."),
        kind=FieldKind.CHOICE,
        choices=_FORMATS,
        section=LEAVE_SECTION,
        form=LEAVE_FORM,
        is_on_screen=False,
    ),
    SettingField(
        name="prevent_own_invite_code",
        label=N_("Own link"),
        about=N_("Somebody who joins with a link that they made themselves counts as fake."),
        kind=FieldKind.SWITCH,
        section=FAKE_SECTION,
    ),
    SettingField(
        name="fake_rejoins",
        label=N_("Coming back"),
        about=N_("Somebody who was here before counts as fake."),
        kind=FieldKind.SWITCH,
        section=FAKE_SECTION,
    ),
    SettingField(
        name="fake_without_avatar",
        label=N_("No avatar"),
        about=N_("Somebody whose account has no picture counts as fake."),
        kind=FieldKind.SWITCH,
        section=FAKE_SECTION,
    ),
    SettingField(
        name="fake_minimum_account_age_days",
        label=N_("Least age of an account"),
        about=N_("Somebody whose account is younger, in days, counts as fake; 0 turns this off."),
        kind=FieldKind.NUMBER,
        least=0,
        most=MINIMUM_AGE_MOST,
        section=FAKE_SECTION,
    ),
    SettingField(
        name="count_existing",
        label=N_("Count members from before"),
        about=N_(
            "Members who were here before me count for their inviters, from the day they were recorded."
        ),
        kind=FieldKind.SWITCH,
        section=EXISTING_SECTION,
    ),
    SettingField(
        name="server_shared_invite_link",
        label=N_("Shared link"),
        about=N_("Everyone gets this link with `/invite_tracker serverlink`."),
        kind=FieldKind.NAME,
        section=LINK_SECTION,
        form=LINK_FORM,
    ),
    SettingField(
        name="leaderboard_schedule",
        label=N_("Leaderboard"),
        about=N_("The leaderboard of the past week or month is posted on that day."),
        kind=FieldKind.CHOICE,
        choices=SCHEDULE_NAMES,
        section=LEADERBOARD_SECTION,
    ),
    SettingField(
        name="leaderboard_hour",
        label=N_("Hour of the leaderboard"),
        about=N_("It is posted at that hour, 0 to 23, of the server's time."),
        kind=FieldKind.NUMBER,
        least=0,
        most=HOUR_MOST,
        section=LEADERBOARD_SECTION,
    ),
    SettingField(
        name="leaderboard_channel",
        label=N_("Channel of the leaderboard"),
        about=N_("The leaderboard is posted there."),
        kind=FieldKind.CHANNEL,
        section=LEADERBOARD_SECTION,
    ),
    SettingField(
        name="leaderboard_hidden_roles",
        label=N_("Roles left out"),
        about=N_("Members with one of these roles are not on the leaderboard that is posted."),
        kind=FieldKind.ROLES,
        most=HIDDEN_MOST,
        section=LEADERBOARD_SECTION,
    ),
    SettingField(
        name="leaderboard_hidden_members",
        label=N_("Members left out"),
        about=N_("These members are not on the leaderboard that is posted."),
        kind=FieldKind.MEMBERS,
        most=HIDDEN_MOST,
        section=LEADERBOARD_SECTION,
        form=LEADERBOARD_FORM,
        is_on_screen=False,
    ),
)
"""Every field of InviteTrackerSettings."""
