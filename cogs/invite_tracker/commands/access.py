"""Who may use which command of the invite tracker: enforced before every command, shown in the documentation."""

from typing import Final

from bot.ui.access import Access

COMMAND_ACCESS: Final = {
    "invite_tracker create": Access.CREATE_INVITE,
    "invite_tracker delete": Access.ADMINISTRATOR,
    "invite_tracker list": Access.ADMINISTRATOR,
    "invite_tracker serverlink": Access.EVERYONE,
    "invite_tracker stats": Access.EVERYONE,
    "invite_tracker inviter": Access.OWN_RECORDS,
    "invite_tracker leaderboard": Access.EVERYONE,
    "invite_tracker invites": Access.OWN_RECORDS,
    "invite_tracker explain": Access.MANAGE_SERVER,
    "invite_tracker correct inviter": Access.MANAGE_SERVER,
    "invite_tracker correct nobody": Access.MANAGE_SERVER,
    "invite_tracker correct undo": Access.MANAGE_SERVER,
    "invite_tracker joins": Access.MANAGE_SERVER,
    "invite_tracker label": Access.MANAGE_SERVER,
    "invite_tracker bonus add": Access.MANAGE_SERVER,
    "invite_tracker bonus remove": Access.MANAGE_SERVER,
    "invite_tracker bonus list": Access.MANAGE_SERVER,
    "invite_tracker reset member": Access.MANAGE_SERVER,
    "invite_tracker reset server": Access.MANAGE_SERVER,
    "invite_tracker reset undo": Access.MANAGE_SERVER,
    "invite_tracker rules": Access.MANAGE_SERVER,
    "invite_tracker role add": Access.MANAGE_ROLES,
    "invite_tracker role remove": Access.MANAGE_ROLES,
    "invite_tracker role list": Access.MANAGE_ROLES,
    "invite_tracker info": Access.MANAGE_SERVER,
    "invite_tracker export": Access.MANAGE_SERVER,
    "invite_tracker sync": Access.MANAGE_SERVER,
    "invite_tracker enable": Access.MANAGE_SERVER,
    "invite_tracker disable": Access.MANAGE_SERVER,
    "invite_tracker settings join_message": Access.MANAGE_SERVER,
    "invite_tracker settings leave_message": Access.MANAGE_SERVER,
    "invite_tracker settings rules": Access.MANAGE_SERVER,
    "invite_tracker settings shared_link": Access.MANAGE_SERVER,
    "invite_tracker settings leaderboard": Access.MANAGE_SERVER,
    "invite_tracker tree": Access.OWN_RECORDS,
}
