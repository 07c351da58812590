"""The websocket side: HELLO, IDENTIFY, RESUME, heartbeats, member chunks."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from enum import IntEnum
from typing import Any

import discord
from aiohttp import WSMsgType, web

from .backend import PRIVILEGED_INTENTS, serializers
from .sessions import Event, Session, to_json
from .shaping import PRESENCES
from .world import World

HEARTBEAT_INTERVAL_MS = 41_250
CHUNK_SIZE = 1000
CHUNK_LIMIT = 100
"""So many members are sent at most to who asks for ids or names (Discord documentation, Gateway Events)."""


class Op(IntEnum):
    """Gateway opcodes."""

    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    """Gateway close codes."""

    UNKNOWN_OPCODE = 4001
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SHARD = 4010
    DISALLOWED_INTENTS = 4014


class Gateway:
    """Every session of the bot and the doors to them."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self._sessions: dict[str, Session] = {}
        self._chunked_at: dict[int, float] = {}
        world.subscribers.append(self._deliver)

    # --------------------------------------------------------------- switches

    def sessions(self, shard_id: int | None = None) -> list[Session]:
        """Return the sessions of one shard or of all, connected or not."""
        return [s for s in self._sessions.values() if shard_id is None or s.shard_id == shard_id]

    def connected(self, shard_id: int | None = None) -> list[Session]:
        """Return the sessions that have a live connection."""
        return [session for session in self.sessions(shard_id) if session.connected]

    async def drop_sockets(self, shard_id: int | None = None, code: int | None = None) -> int:
        """Cut connections, with a close code or (None) as a broken line would; return how many."""
        cut = self.connected(shard_id)
        for session in cut:
            socket, request = session.socket, session.request
            if socket is None:
                continue
            session.detach(socket)
            if code is not None:
                await socket.close(code=code)
            elif request is not None and request.transport is not None:
                request.transport.abort()
        return len(cut)

    async def invalidate(self, shard_id: int | None = None, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION; without ``resumable`` the sessions are forgotten."""
        for session in self.connected(shard_id):
            if session.socket is not None:
                await _send(session.socket, Op.INVALID_SESSION, resumable)
            if not resumable:
                self._forget(session)

    async def ask_to_reconnect(self, shard_id: int | None = None) -> None:
        """Send RECONNECT: the bot should resume on a new connection."""
        for session in self.connected(shard_id):
            if session.socket is not None:
                await _send(session.socket, Op.RECONNECT, None)

    def push(self, name: str, payload: Mapping[str, Any]) -> int:
        """Send an event that never happened in the world; return how many sessions get it.

        Shards, intents, lag and resumes count as for any event; what the bot may see does not.
        """
        event = Event(name, payload)
        takers = [session for session in self._sessions.values() if session.wants(event)]
        for session in takers:
            session.push(event)
        return len(takers)

    def hold_events(self, shard_id: int | None = None) -> None:
        """Keep events back until ``release_events``."""
        for session in self.sessions(shard_id):
            session.hold()

    def release_events(self, shard_id: int | None = None) -> None:
        """Deliver what was held back."""
        for session in self.sessions(shard_id):
            session.let_go()

    async def close(self) -> None:
        """End every session and connection."""
        self._world.subscribers.remove(self._deliver)
        for session in list(self._sessions.values()):
            if session.socket is not None:
                with suppress(TimeoutError, ConnectionError):
                    await asyncio.wait_for(session.socket.close(code=1001), 0.5)
            self._forget(session)

    # -------------------------------------------------------------- connection

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one gateway connection from HELLO to its end."""
        if self._world.switches.refuse_connections:
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=True, timeout=0.5, max_msg_size=1 << 20, compress=False)
        await socket.prepare(request)
        await _send(socket, Op.HELLO, {"heartbeat_interval": HEARTBEAT_INTERVAL_MS, "_trace": ["local"]})
        session: Session | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                frame = json.loads(message.data)
                session = await self._take(socket, request, session, frame["op"], frame.get("d"))
        finally:
            if session is not None:
                # A client that we dropped may answer with 1000, too; only one that leaves by itself is done.
                left_by_itself = session.socket is socket and socket.close_code in {1000, 1001}
                session.detach(socket)
                if left_by_itself:
                    self._forget(session)
        return socket

    async def _take(
        self, socket: web.WebSocketResponse, request: web.Request, session: Session | None, op: int, data: Any
    ) -> Session | None:
        """Handle one frame from the bot; return the session that this connection now has."""
        if op == Op.HEARTBEAT:
            await _send(socket, Op.HEARTBEAT_ACK, None)
        elif op == Op.IDENTIFY:
            if session is not None:
                await socket.close(code=Close.ALREADY_AUTHENTICATED)
                return session
            return await self._identify(socket, request, data)
        elif op == Op.RESUME:
            return await self._resume(socket, request, data)
        elif session is None:
            await socket.close(code=Close.NOT_AUTHENTICATED)
        elif op == Op.REQUEST_MEMBERS:
            self._send_members(session, data)
        elif op not in {Op.PRESENCE, Op.VOICE_STATE}:
            await socket.close(code=Close.UNKNOWN_OPCODE)
        return session

    async def _identify(
        self, socket: web.WebSocketResponse, request: web.Request, data: Mapping[str, Any]
    ) -> Session | None:
        if data.get("token", "").removeprefix("Bot ") != self._token:
            await socket.close(code=Close.AUTHENTICATION_FAILED)
            return None
        shard_id, shard_count = data.get("shard") or (0, 1)
        if not 0 <= shard_id < shard_count:
            await socket.close(code=Close.INVALID_SHARD)
            return None
        intents = int(data.get("intents", 0))
        for name in PRIVILEGED_INTENTS:
            if intents & getattr(discord.Intents, name).flag and name not in self._world.approved_intents:
                await socket.close(code=Close.DISALLOWED_INTENTS)
                return None
        self._world.identifies += 1
        for old in self.sessions(shard_id):
            if not old.connected:
                self._forget(old)
        session = Session(
            self._world,
            shard_id=shard_id,
            shard_count=shard_count,
            intents=intents,
            large_threshold=int(data.get("large_threshold", 50)),
        )
        self._sessions[session.id] = session
        session.attach(socket, request, after=0)
        self._greet(session)
        return session

    def _greet(self, session: Session) -> None:
        """Send READY with the guilds still unavailable, then each of them."""
        world = self._world
        guilds = [
            guild
            for guild in world.guilds.values()
            if world.bot_is_in(guild.id) and (guild.id >> 22) % session.shard_count == session.shard_id
        ]
        ready = {
            "v": 10,
            "user": serializers.user_payload(world.bot_user),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": world.gateway_url,
            "shard": [session.shard_id, session.shard_count],
            "application": {"id": str(world.application_id), "flags": world.application_flags()},
            "private_channels": [],
            "_trace": ["local"],
        }
        session.dispatch("READY", to_json(ready))
        for guild in guilds:
            event = Event("GUILD_CREATE", world.guild_payload(guild))
            if session.wants(event):
                session.push(event)

    async def _resume(
        self, socket: web.WebSocketResponse, request: web.Request, data: Mapping[str, Any]
    ) -> Session | None:
        if data.get("token", "").removeprefix("Bot ") != self._token:
            await socket.close(code=Close.AUTHENTICATION_FAILED)
            return None
        session = self._sessions.get(data.get("session_id", ""))
        after = int(data.get("seq") or 0)
        switches = self._world.switches
        refused = switches.refuse_resumes > 0
        if refused:
            switches.refuse_resumes -= 1
        if session is not None and session.disconnected_at is not None:
            age_s = asyncio.get_running_loop().time() - session.disconnected_at
            refused = refused or age_s > switches.resume_window_s
        if session is None or refused or not session.can_replay(after):
            if session is not None:
                self._forget(session)
            await _send(socket, Op.INVALID_SESSION, False)
            return None
        session.attach(socket, request, after=after)
        session.dispatch("RESUMED", to_json({"_trace": ["local"]}))
        return session

    # ------------------------------------------------------------------- events

    def _deliver(self, name: str, payload: Mapping[str, Any]) -> None:
        self.push(name, payload)

    def _forget(self, session: Session) -> None:
        self._sessions.pop(session.id, None)
        session.close()

    def _send_members(self, session: Session, data: Mapping[str, Any]) -> None:
        """Answer REQUEST_GUILD_MEMBERS with chunks, or with RATE_LIMITED."""
        world = self._world
        guild_id = int(data["guild_id"][0] if isinstance(data["guild_id"], list) else data["guild_id"])
        if not world.bot_is_in(guild_id):
            return
        wanted_ids = data.get("user_ids")
        query, limit = data.get("query") or "", int(data.get("limit") or 0)
        nonce = {"nonce": data["nonce"]} if data.get("nonce") else {}
        if wanted_ids or query:
            limit = min(limit or CHUNK_LIMIT, CHUNK_LIMIT)
        if not wanted_ids and not query and not limit:
            wait_s = self._chunk_wait_s(guild_id)
            if wait_s > 0:
                meta = {"guild_id": str(guild_id), **nonce}
                refusal = {"opcode": Op.REQUEST_MEMBERS, "retry_after": round(wait_s, 3), "meta": meta}
                self._answer(session, "RATE_LIMITED", refusal)
                return
        guild = world.guilds[guild_id]
        not_found: list[str] = []
        if wanted_ids:
            asked = [int(one) for one in (wanted_ids if isinstance(wanted_ids, list) else [wanted_ids])]
            members = [guild.members[one] for one in asked if one in guild.members]
            not_found = [str(one) for one in asked if one not in guild.members]
        else:
            start = query.lower()
            members = [
                member
                for member in guild.members.values()
                if world.users[member.user_id].name.lower().startswith(start)
                or (member.nick or "").lower().startswith(start)
            ]
        members = members[:limit] if limit else members
        chunks = [members[at : at + CHUNK_SIZE] for at in range(0, len(members), CHUNK_SIZE)] or [[]]
        for index, chunk in enumerate(chunks):
            payload: dict[str, Any] = {
                "guild_id": str(guild_id),
                "members": [world.member_payload(guild, member) for member in chunk],
                "chunk_index": index,
                "chunk_count": len(chunks),
                "not_found": not_found if index == 0 else [],
                **nonce,
            }
            if data.get("presences") and session.intents & PRESENCES:
                payload["presences"] = [world.presence_payload(guild_id, m.user_id) for m in chunk]
            self._answer(session, "GUILD_MEMBERS_CHUNK", payload)

    def _answer(self, session: Session, name: str, payload: Mapping[str, Any]) -> None:
        """Send an event to the one session that asked."""
        self._world.transcript.append(("GATEWAY", name, payload))
        session.push(Event(name, payload))

    def _chunk_wait_s(self, guild_id: int) -> float:
        """Return how long a full chunk of this guild must wait; 0 counts it as granted."""
        window_s = self._world.switches.chunk_window_s
        now = asyncio.get_running_loop().time()
        last = self._chunked_at.get(guild_id)
        if window_s is not None and last is not None and now - last < window_s:
            return window_s - (now - last)
        self._chunked_at[guild_id] = now
        return 0


async def _send(socket: web.WebSocketResponse, op: int, data: Any) -> None:
    with suppress(ConnectionError):
        await socket.send_str(json.dumps({"op": op, "d": data, "s": None, "t": None}))
