"""Commands as people can click them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.client import HeadcountClient


def command_mention(client: "HeadcountClient", name: str) -> str:
    """Return a mention that opens the command of that qualified name, e.g. `serverstats top`.

    It is plain text while Discord's id of the command is not known: the mention of a command that was not published
    would read as an unknown one.
    """
    command_id = client.command_ids.get(name.partition(" ")[0])
    return f"`/{name}`" if command_id is None else f"</{name}:{command_id}>"
