"""A server in which both modules are used, another one in which nothing is enabled, and keys of every kind."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import connect
from typing import Any

import discord
import httpx

from bot.sandbox.world import activity
from bot.web.callers import Right
from cogs.serverstats.statistics.sampling import PHASES
from tests.discord_in_process import Place
from tests.web.api import OPERATOR_KEY, Api, api_in_process
from tests.web.contract import CONTRACT
from tests.web.contract.facts import Needs, Row
from tests.web.contract.requests import Fields, Spot, fields_for, send
from tests.web.contract.statistics import HEARD

MODULES = ("invite-tracker", "serverstats")
STAR = "⭐"
# Keys note when they were used; the bot notes that it lives.
_RESTLESS = {"api_keys", "heartbeats", "sqlite_sequence"}


@dataclass(slots=True)
class Scene:
    """What the contract is tried in."""

    api: Api
    spot: Spot
    """The server with everything."""
    elsewhere: Spot
    """The server in which no module is enabled."""
    keys: Mapping[Needs, str]
    """Keys of the first server with only this right, and the operator's."""
    key_of_elsewhere: str
    """With every right, of the other server."""

    @property
    def place(self) -> Place:
        """The first server."""
        return self.api.place

    def key_for(self, row: Row) -> str:
        """The key that has just what the row needs."""
        return self.keys[Needs.INTAKE if row.needs is Needs.ANY else row.needs]

    def fields(self, row: Row) -> Fields:
        """Fields that are fine in the first server."""
        return fields_for(row, self.spot)

    async def send(
        self, row: Row, fields: Mapping[str, Any] | None = None, *, key: str | None = "", **more: Any
    ) -> httpx.Response:
        """Send the request of a row, with fine fields and the fitting key unless others are given."""
        fields = self.fields(row) if fields is None else fields
        key = self.key_for(row) if key == "" else key
        return await send(self.api.http, row, fields, key=key, spot=more.pop("spot", self.spot), **more)

    async def write(self, method: str, path: str, **fields: Any) -> None:
        """Send a request that changes something, which must succeed."""
        await self.api.data(method, path, body=fields)

    async def enable(self, module: str) -> None:
        """Enable a module with everything that it can do; one that is enabled is set up anew."""
        await self.api.ask("POST", f"/modules/{module}/enable", body={})
        for row in CONTRACT:
            if row.pair == f"PUT /modules/{module}/settings" and not row.is_legacy:
                more = {"stats_modules_polls_enabled": True} if module == "serverstats" else {}
                response = await self.send(row, {**self.fields(row), **more})
                assert response.status_code == 200, response.text
        await self.place.env.settle()

    def stored(self) -> dict[str, list[Any]]:
        """Return the rows of every table, but for what changes by itself."""
        with closing(connect(self.place.client.parts.database.path)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {
                name: connection.execute(f"SELECT * FROM {name}").fetchall()
                for (name,) in tables
                if name not in _RESTLESS
            }

    def acts(self) -> list[tuple[str, str]]:
        """Return what the bot asked Discord to change."""
        requests = self.place.world.http_requests
        return [(request.method, request.path) for request in requests if request.method != "GET"]

    async def live(self) -> None:
        """Let happen at Discord what statistics are about, once each."""
        world, here, spot = self.place.world, self.place.guild.id, self.spot
        member, admin = self.place.member.id, self.place.admin.id
        said = world.say(spot.channel_id, member, "hello")
        starred = world.say(spot.channel_id, member, "hello again")
        world.react(starred, admin, STAR)
        spot.message_id = starred.id
        world.delete_message(spot.channel_id, said.id)
        invite = world.make_invite(spot.channel_id, member)
        spot.invite_code = invite.code
        world.delete_invite(world.make_invite(spot.channel_id, member).code)
        await self.place.env.settle()
        guest = world.add_person("guest")
        world.join(here, guest.id, code=invite.code)
        await self.place.env.settle()
        await self.place.env.advance_time(10)
        passer_by = world.add_person("passer-by")
        world.join(here, passer_by.id, code=invite.code)
        await self.place.env.settle()
        world.leave(here, passer_by.id)
        voice = world.voice_channel(here, "voice")
        world.enter_voice(here, member, voice.id)
        world.set_presence(here, member, "online", activities=[activity(0, "Chess")])
        poll = world.ask(spot.channel_id, member, "Tea?", ["yes", "no"])
        world.add_poll_vote(spot.channel_id, poll.id, 1, member)
        world.remove_poll_vote(spot.channel_id, poll.id, 1, member)
        world.close_poll(poll)
        deleted = world.ask(spot.channel_id, member, "Cake?", ["yes", "no"])
        await self.place.env.settle()
        world.delete_message(spot.channel_id, deleted.id)
        # Until the joins are decided and announced.
        await self.place.env.advance_time(10)
        for _ in range(PHASES):
            await self.place.client.parts.scheduler.run_now("statistics samples")
        await self.place.client.parts.recorder.flush()

    async def report(self) -> None:
        """Report what other software does, once each."""
        for row in CONTRACT:
            is_report = row.answer == "Recorded" and row.pair not in HEARD and not row.is_legacy
            if is_report:
                response = await self.send(row)
                assert response.status_code == 200, (row.name, response.text)


@asynccontextmanager
async def scene(folder: Path, *, modules: Iterable[str] = MODULES) -> AsyncIterator[Scene]:
    """Run the bot and its API in two servers; in the first, these modules are enabled."""
    async with api_in_process(folder) as api:
        place = api.place
        place.world.set_bot_permissions(place.guild.id, discord.Permissions.all())
        elsewhere = place.env.create_guild("Elsewhere")
        await place.env.settle()
        keys = {
            Needs.READ: await api.make_key(Right.READ),
            Needs.WRITE: await api.make_key(Right.WRITE),
            Needs.INTAKE: await api.make_key(Right.INTAKE),
            Needs.OPERATOR: OPERATOR_KEY,
        }
        made = Scene(
            api,
            _spot_in(place, place.guild.id),
            _spot_in(place, elsewhere.id),
            keys,
            await api.make_key(guild_id=elsewhere.id),
        )
        for module in modules:
            await made.enable(module)
        yield made


async def make_counter(stage: Scene) -> None:
    """Let there be a counter, and the spot name it."""
    counters = await stage.api.data("GET", "/modules/serverstats/counters")
    if not counters:
        row = next(row for row in CONTRACT if row.pair == "POST /modules/serverstats/counters")
        response = await stage.send(row)
        assert response.status_code == 200, response.text
        counters = [response.json()["data"]]
    stage.spot.counter_id = counters[0]["counter_id"]


def _spot_in(place: Place, guild_id: int) -> Spot:
    world = place.world
    channel = world.text_channel(guild_id, "talk")
    role = world.create_role(guild_id, "Regulars")
    # Nobody of this place is in the other server.
    talk = [world.say(channel.id, world.bot_user.id, "hello").id for _ in range(2)]
    world.delete_message(channel.id, talk[1])
    gone = world.text_channel(guild_id, "gone")
    world.delete_channel(gone.id)
    return Spot(
        guild_id=guild_id,
        bot_id=world.bot_user.id,
        channel_id=channel.id,
        board_id=world.text_channel(guild_id, "board").id,
        category_id=world.category(guild_id, "Counters").id,
        role_id=role.id,
        member_id=place.member.id,
        message_id=talk[0],
        gone_channel_id=gone.id,
        gone_message_id=talk[1],
    )
