"""Who may use which command of serverstats: enforced before every command, shown in the documentation."""

from typing import Final

from bot.ui.access import Access
from cogs.serverstats.counters.commands import COUNTER_ACCESS
from cogs.serverstats.starboard.commands import STARBOARD_ACCESS

COMMAND_ACCESS: Final = {
    "serverstats overview": Access.EVERYONE,
    "serverstats messages": Access.OWN_RECORDS,
    "serverstats voice": Access.OWN_RECORDS,
    "serverstats members": Access.EVERYONE,
    "serverstats activities": Access.OWN_RECORDS,
    "serverstats commands": Access.OWN_RECORDS,
    "serverstats modules": Access.OWN_RECORDS,
    "serverstats top": Access.OWN_RECORDS,
    "serverstats info": Access.MANAGE_SERVER,
    "serverstats enable": Access.MANAGE_SERVER,
    "serverstats disable": Access.MANAGE_SERVER,
    "serverstats settings": Access.MANAGE_SERVER,
    **COUNTER_ACCESS,
    **STARBOARD_ACCESS,
}
