"""The one place in the settings that names members: those who are left out of the leaderboard."""

from cogs.invite_tracker.settings import MODULE, InviteTrackerSettings
from storage.database import ReadTransaction, WriteTransaction
from storage.guild_modules import fetch_module, update_module_settings


async def is_left_out(rx: ReadTransaction, guild_id: int, user_id: int) -> bool:
    """Whether the settings name the member as left out."""
    module = await fetch_module(rx, guild_id, MODULE)
    if module is None:
        return False
    settings = InviteTrackerSettings.model_validate_json(module.settings)
    return user_id in settings.leaderboard_hidden_members


async def erase_from_left_out(tx: WriteTransaction, guild_id: int, user_id: int) -> None:
    """Let the settings name the member no more; an admin who is changing them must look at them again."""
    module = await fetch_module(tx, guild_id, MODULE)
    if module is None:
        return
    settings = InviteTrackerSettings.model_validate_json(module.settings)
    if user_id not in settings.leaderboard_hidden_members:
        return
    others = settings.leaderboard_hidden_members - {user_id}
    settings = settings.model_copy(update={"leaderboard_hidden_members": others})
    await update_module_settings(tx, guild_id, MODULE, settings.model_dump_json(), module.settings_version)
