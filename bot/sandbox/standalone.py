"""The local Discord alone, for people who write bots."""

import asyncio
import signal
from contextlib import suppress

from .server import SandboxServer
from .world import World

LIVELY_INTERVAL_S = 3.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def serve(
    host: str,
    port: int,
    *,
    guild_name: str = "Local guild",
    token: str | None = None,
    lively: bool = False,
    interval_s: float = LIVELY_INTERVAL_S,
) -> None:
    """Run a local Discord with one guild until SIGINT or SIGTERM.

    Prints what a bot needs to connect. With ``lively`` somebody joins every ``interval_s`` seconds through
    an invite of one of three people, and now and then somebody leaves. Raises
    ValueError for a host beyond loopback.
    """
    world = World()
    guild = world.make_guild(guild_name, text_channels=("general", "welcome"), vanity_code="local")
    people = [world.add_person(name) for name in ("ada", "grace", "linus")]
    codes = []
    for person in people:
        world.add_old_member(guild.id, person.id)
        codes.append(world.make_invite(world.first_channel(guild.id).id, person.id).code)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    try:
        async with SandboxServer(world, host=host, port=port, token=token) as server:
            _introduce(server, guild.id, codes)
            life = asyncio.create_task(_live(world, guild.id, codes, interval_s)) if lively else None
            await stop.wait()
            if life is not None:
                life.cancel()
                with suppress(asyncio.CancelledError):
                    await life
    finally:
        for number in SIGNALS:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)


def _introduce(server: SandboxServer, guild_id: int, codes: list[str]) -> None:
    lines = {
        "API": server.api_base,
        "Gateway": server.gateway_url,
        "Token": server.token,
        "Guild": str(guild_id),
        "Invites": ", ".join(codes),
    }
    for name, value in lines.items():
        print(f"{name:8} {value}", flush=True)  # noqa: T201  this is what the command is for


async def _live(world: World, guild_id: int, codes: list[str], interval_s: float) -> None:
    """Let people come and go for ever."""
    chance = world.switches.chance
    newcomers: list[int] = []
    for number in range(1, 1_000_000):
        await asyncio.sleep(interval_s)
        if len(newcomers) > 2 and chance.random() < 0.2:
            world.leave(guild_id, newcomers.pop(0))
            continue
        person = world.add_person(f"newcomer{number}", account_age_days=chance.randint(1, 2000))
        world.join(guild_id, person.id, code=chance.choice(codes))
        newcomers.append(person.id)
