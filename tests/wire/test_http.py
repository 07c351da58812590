"""The HTTP API of the bot as it really runs: a process of its own, on a local Discord and a real socket."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bot.sandbox.demo.bot_process import BotProcess, error_lines
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from tests.web.contract.requests import SWITCHES
from tests.wire.town import eventually

OPERATOR_KEY = "operator-key-of-the-wire-tests-0123456789abcdef"
START_SECONDS = 60.0
WANTED = ("stats_messages_enabled", "stats_members_enabled", "stats_voice_enabled")
STAR = "⭐"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Front:
    """A local Discord with a guild, the bot's process, and a client of its API."""

    def __init__(self, world: World, server: SandboxServer, folder: Path) -> None:
        self.world = world
        self.guild = world.make_guild("Harbour")
        self.channel = world.first_channel(self.guild.id)
        self.board = world.text_channel(self.guild.id, "board")
        self.ada, self.ben = (world.add_person(name) for name in ("ada", "ben"))
        for person in (self.ada, self.ben):
            world.add_old_member(self.guild.id, person.id)
        self.bot = BotProcess(
            folder, api_base=server.api_base, gateway_url=server.gateway_url, token=server.token
        )
        self.bot._environment |= {
            "HEADCOUNT_HTTP__ENABLED": "true",
            "HEADCOUNT_HTTP__PORT": "0",
            "HEADCOUNT_HTTP__OPERATOR_KEY": OPERATOR_KEY,
        }
        headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        self.http = httpx.AsyncClient(headers=headers, timeout=START_SECONDS, trust_env=False)

    async def start(self) -> None:
        """Start the bot; returns once its API listens, whether or not it has answers."""
        await self.bot.start()

        async def is_listening() -> bool:
            self.bot.require_alive()
            return bool(self._addresses())

        await eventually(is_listening, "the API listens", START_SECONDS)
        [address] = self._addresses()
        self.http.base_url = httpx.URL(address)

    async def ready(self) -> None:
        """Wait until the bot has answers."""

        async def is_ready() -> bool:
            return (await self.http.get("/readyz")).status_code == 200

        await eventually(is_ready, "the bot is ready", START_SECONDS)

    async def get(self, path: str, **query: Any) -> Any:
        """Return the data of an answer."""
        return self._data(await self.http.get(path, params={"guild_id": str(self.guild.id), **query}))

    async def act(self, method: str, path: str, **body: Any) -> Any:
        """Send a request that changes something and return the data of its answer."""
        body = {"guild_id": str(self.guild.id), **body}
        return self._data(await self.http.request(method, path, json=body))

    async def listed(self, number: int, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Wait until a list has so many records, and return it."""
        found: Any = []

        async def is_long_enough() -> bool:
            nonlocal found
            found = await ask()
            return len(found) >= number

        await eventually(is_long_enough, f"{number} records are listed")
        assert len(found) == number
        return found

    def _addresses(self) -> list[str]:
        return [match[0] for line in self.bot.log_lines() if (match := _ADDRESS.search(line))]

    def _data(self, response: httpx.Response) -> Any:
        assert response.status_code == 200, response.text
        return response.json()["data"]


@asynccontextmanager
async def front(folder: Path) -> AsyncIterator[Front]:
    """Run a local Discord; the bot is not started yet, and is stopped at the end."""
    world = World()
    async with SandboxServer(world) as server:
        here = Front(world, server, folder)
        try:
            yield here
        finally:
            await here.http.aclose()
            await here.bot.stop()
    assert world.gaps == []
    assert error_lines(here.bot.log_lines()) == ()


async def test_what_happens_at_discord_appears_in_the_api(tmp_path: Path) -> None:
    async with front(tmp_path) as here:
        world, stats = here.world, "/modules/serverstats/stats"
        await here.start()
        await here.ready()
        await here.act("POST", "/modules/invite-tracker/enable")
        await here.act("POST", "/modules/serverstats/enable")
        await here.act("PUT", "/modules/serverstats/settings", **settings_of(here))
        invite = world.make_invite(here.channel.id, here.ada.id)
        await here.listed(1, lambda: here.get("/modules/invite-tracker/invite-links"))

        message = world.say(here.channel.id, here.ada.id, "hello")
        [sent] = await here.listed(1, lambda: here.get(f"{stats}/messages/sent", user_id=here.ada.id))
        assert sent["message_id"] == str(message.id)
        assert sent["author_id"] == str(here.ada.id)

        cyd = world.add_person("cyd")
        world.join(here.guild.id, cyd.id, code=invite.code)
        uses = f"/modules/invite-tracker/stats/uses?guild_id={here.guild.id}&inviter_id={here.ada.id}"
        [use] = await here.listed(1, lambda: posted(here, uses))
        assert (use["member_id"], use["invite_id"], use["has_left"]) == (str(cyd.id), invite.code, False)
        [joined] = await here.listed(1, lambda: here.get(f"{stats}/members/joined"))
        assert joined["member_id"] == str(cyd.id)

        voice = world.voice_channel(here.guild.id, "voice")
        world.enter_voice(here.guild.id, here.ben.id, voice.id)
        [session] = await here.listed(1, lambda: here.get(f"{stats}/voice"))
        assert (session["user_id"], session["left_at"]) == (str(here.ben.id), None)
        world.leave_voice(here.guild.id, here.ben.id)

        async def has_left() -> bool:
            [ended] = await here.get(f"{stats}/voice")
            return ended["id"] == session["id"] and ended["left_at"] is not None

        await eventually(has_left, "the session has ended")

        world.react(message, here.ben.id, STAR)
        board = world.messages.setdefault(here.board.id, {})
        await world.until(lambda: len(board) == 1)
        [entry] = await here.act(
            "POST",
            "/modules/serverstats/starboard/add",
            channel_id=str(here.channel.id),
            message_id=str(message.id),
        )
        [post_id] = board
        assert entry["original_message_id"] == str(message.id)
        assert entry["starboard_message_id"] == str(post_id)


async def test_the_api_answers_before_discord_is_connected_and_says_what_is_missing(tmp_path: Path) -> None:
    async with front(tmp_path) as here:
        gateway = here.world.switches.hold_answer("GET", "/gateway/bot", times=None)
        await here.start()
        assert (await here.http.get("/livez")).status_code == 200
        await here.world.until(lambda: gateway.taken > 0, START_SECONDS)
        not_ready = await here.http.get("/readyz")
        assert not_ready.status_code == 503
        assert not_ready.json()["error"]["message"].startswith("ServiceUnavailableError! ")
        assert "Discord" in not_ready.json()["error"]["message"]
        early = await here.http.get("/modules/serverstats/status", params={"guild_id": here.guild.id})
        assert early.status_code == 503
        assert early.headers["Retry-After"].isdecimal()
        assert early.json()["error"]["message"].startswith("ServiceUnavailableError! ")
        gateway.release()
        await here.ready()
        assert await here.get("/modules/serverstats/status") == {"enabled": False}


async def test_a_request_that_is_being_answered_ends_before_the_bot_stops(tmp_path: Path) -> None:
    async with front(tmp_path) as here:
        await here.start()
        await here.ready()
        await here.act("POST", "/modules/invite-tracker/enable")
        held = here.world.switches.hold_answer("POST", "/channels/{id}/invites")
        making = asyncio.create_task(
            here.act(
                "POST",
                "/modules/invite-tracker/invite",
                channel_id=str(here.channel.id),
                max_uses=0,
                max_age=0,
                is_temporary=False,
                application_id=None,
                token=None,
            )
        )
        await here.world.until(lambda: held.taken == 1)
        stopping = asyncio.create_task(here.bot.stop())

        async def is_closed() -> bool:
            try:
                async with httpx.AsyncClient(trust_env=False) as stranger:
                    await stranger.get(f"{here.http.base_url}/livez")
            except httpx.ConnectError:
                return True
            return False

        await eventually(is_closed, "the bot takes no more connections")
        held.release()
        made = await making
        assert made["invite_code"] in {invite.code for invite in here.world.live_invites(here.guild.id)}
        assert await stopping


async def posted(here: Front, url: str) -> Any:
    """Return the data of the answer to a POST without a body."""
    return here._data(await here.http.post(url))


def settings_of(here: Front) -> dict[str, Any]:
    """Settings with what these tests are about switched on."""
    return {
        **{switch: switch in WANTED for switch in SWITCHES},
        "counters_enabled": False,
        "counters_category_id": str(here.world.category(here.guild.id, "Counters").id),
        "starboard_enabled": True,
        "starboard_channel": str(here.board.id),
        "starboard_count": 1,
    }
