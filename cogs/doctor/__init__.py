"""/doctor: what keeps the bot from its work in this server, and what to do."""

from bot.client import HeadcountClient
from cogs.doctor.commands import AGAIN, DoctorCommands, check_again


async def setup(client: HeadcountClient) -> None:
    """Publish the command and answer its button."""
    client.actions.on(AGAIN, check_again)
    await client.add_cog(DoctorCommands())
