"""Privacy over HTTP: for the operator alone, module by module."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.settings.guild_settings import GuildSettings
from cogs.privacy.routes import PATHS
from storage.joins import insert_joins
from storage.statistics.catalogue import MESSAGES_SENT
from storage.statistics.changes import EventRecorded
from tests.storage.rows import ORDINARY_JOIN
from tests.web.api import OPERATOR_KEY, Api, api_in_process

SERVERSTATS = "/modules/serverstats/privacy"
INVITES = "/modules/invite-tracker/privacy"
NOBODYS_ID = 175928847299117063


class Stage:
    """A server in which mia was seen."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.place = api.place
        self.mia = api.place.member

    async def count(self, root: str, **fields: Any) -> Any:
        """Return how many references there are to mia, or to somebody else."""
        query = {"privacy_member_id": self.mia.id, **fields}
        return await self.api.data("GET", f"{root}/get-user-entries", query=query, key=OPERATOR_KEY)

    async def erase(self, root: str, **fields: Any) -> Any:
        """Erase mia, or somebody else."""
        body = {"privacy_member_id": str(self.mia.id), **fields}
        return await self.api.data("DELETE", f"{root}/delete-user-entries", body=body, key=OPERATOR_KEY)

    async def put_on_record(self, guild_id: int, number: int = 3) -> None:
        """Store messages of mia's, a join of hers, and one that she brought."""
        recorder = self.place.client.parts.recorder
        now_ms = self.place.clock.now_ms()
        for _ in range(number):
            event = EventRecorded(
                guild_id, MESSAGES_SENT.number, recorder.next_id(now_ms), self.mia.id, self.place.channel.id
            )
            assert recorder.take(event)
        await recorder.flush()
        hers = replace(
            ORDINARY_JOIN, guild_id=guild_id, join_id=1, member_id=self.mia.id, joined_at_ms=now_ms
        )
        brought = replace(
            ORDINARY_JOIN,
            guild_id=guild_id,
            join_id=2,
            member_id=5,
            inviter_id=self.mia.id,
            credited_inviter_id=self.mia.id,
            joined_at_ms=now_ms,
        )
        async with self.place.client.parts.database.write() as tx:
            await insert_joins(tx, [hers, brought])

    async def label_invite(self, label: str) -> None:
        """Store an invite with a name that an admin gave it."""
        async with self.place.client.parts.database.write() as tx:
            await tx.execute(
                "INSERT INTO known_invites (guild_id, code, uses, accounted_uses, max_uses, is_temporary, label) "
                "VALUES (?, ?, 0, 0, 0, 0, ?)",
                (self.place.guild.id, label, label),
            )

    async def choose_log_channel(self) -> None:
        """Make the second channel the log channel."""
        settings = GuildSettings(log_channel_id=self.place.other_channel.id)
        await self.place.client.parts.guild_settings.save(self.place.guild.id, settings, 0)

    async def told(self) -> list[str]:
        """Return what stands in the log channel."""
        await self.place.env.settle()
        messages = self.place.world.messages.get(self.place.other_channel.id, {})
        return [
            f"{embed['title']}\n{embed['description']}"
            for message in messages.values()
            for embed in message.embeds
        ]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server in which no module is enabled."""
    async with api_in_process(tmp_path) as api:
        yield Stage(api)


def counts(**changed: int) -> list[tuple[str, int]]:
    """Return a record, in the order of its fields."""
    none = {"username": 0, "display_name": 0, "global_name": 0, "nickname": 0, "id": 0}
    return list({**none, **changed}.items())


def test_every_path_is_that_of_the_published_api() -> None:
    assert set(PATHS.values()) == {SERVERSTATS, INVITES}


async def test_references_are_counted_module_by_module_also_where_none_is_enabled(stage: Stage) -> None:
    assert list((await stage.count(SERVERSTATS)).items()) == counts()
    assert list((await stage.count(INVITES)).items()) == counts()
    await stage.put_on_record(stage.place.guild.id)
    # Three messages and the sum of their day.
    assert list((await stage.count(SERVERSTATS)).items()) == counts(id=4)
    assert list((await stage.count(INVITES)).items()) == counts(id=2)


async def test_every_name_of_a_member_is_looked_for_in_texts(stage: Stage) -> None:
    person = stage.place.add_member("quayle", nick="Skipper")
    await stage.label_invite("Quayle's link")
    await stage.label_invite("of the skipper")
    await stage.label_invite("another of Quayle")
    # The global name is the same as the username, and the nickname is what is displayed.
    assert list((await stage.count(INVITES, privacy_member_id=person.id)).items()) == counts(
        username=2, global_name=2, display_name=1, nickname=1
    )


async def test_who_left_is_counted_by_the_names_of_their_account(stage: Stage) -> None:
    gone = stage.place.env.create_user("quayle")
    await stage.label_invite("Quayle's link")
    found = await stage.count(INVITES, privacy_member_id=gone.id)
    assert found["username"] == 1


async def test_who_does_not_exist_has_no_names(stage: Stage) -> None:
    await stage.label_invite(f"for {NOBODYS_ID}")
    found = await stage.count(INVITES, privacy_member_id=NOBODYS_ID)
    assert list(found.items()) == counts(id=1)


async def test_when_discord_does_not_tell_who_it_is_nothing_wrong_is_answered(stage: Stage) -> None:
    stage.place.env.inject_error("GET", f"/users/{NOBODYS_ID}", status=400, message="No")
    query = {"privacy_member_id": NOBODYS_ID}
    path = f"{INVITES}/get-user-entries"
    assert await stage.api.refusal("GET", path, query=query, key=OPERATOR_KEY) == (
        502,
        "DiscordApiInteractionError! Discord did not tell who this is; try again in a minute.",
    )


async def test_one_module_is_erased_and_the_other_is_not(stage: Stage) -> None:
    await stage.put_on_record(stage.place.guild.id)
    assert await stage.erase(SERVERSTATS) == {}
    assert (await stage.count(SERVERSTATS))["id"] == 0
    assert (await stage.count(INVITES))["id"] == 2
    assert await stage.erase(INVITES) == {}
    assert (await stage.count(INVITES))["id"] == 0


async def test_an_erasure_is_told_without_saying_who(stage: Stage) -> None:
    await stage.choose_log_channel()
    await stage.put_on_record(stage.place.guild.id)
    await stage.erase(SERVERSTATS)
    [told] = await stage.told()
    assert "Serverstats" in told
    assert "**Data of a member:** 4 references → deleted" in told
    assert "by the operator's API key" in told
    assert str(stage.mia.id) not in told
    assert "mia" not in told
    # Nothing that was there is nothing to tell.
    await stage.erase(SERVERSTATS)
    assert len(await stage.told()) == 1


async def test_a_server_that_the_bot_left_is_looked_after_all_the_same(stage: Stage) -> None:
    await stage.put_on_record(NOBODYS_ID)
    assert (await stage.count(SERVERSTATS, guild_id=NOBODYS_ID))["id"] == 4
    assert await stage.erase(SERVERSTATS, guild_id=NOBODYS_ID) == {}
    assert (await stage.count(SERVERSTATS, guild_id=NOBODYS_ID))["id"] == 0


async def test_another_server_keeps_what_it_has(stage: Stage) -> None:
    await stage.put_on_record(stage.place.guild.id)
    await stage.put_on_record(NOBODYS_ID)
    await stage.erase(SERVERSTATS)
    assert (await stage.count(SERVERSTATS, guild_id=NOBODYS_ID))["id"] == 4


async def test_a_second_erasure_of_the_same_person_is_refused_while_the_first_is_under_way(
    stage: Stage,
) -> None:
    await stage.put_on_record(stage.place.guild.id)
    body = {"guild_id": stage.place.guild.id, "privacy_member_id": stage.mia.id}
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    answers = await asyncio.gather(
        *(
            stage.api.http.request("DELETE", f"{root}/delete-user-entries", json=body, headers=headers)
            for root in (SERVERSTATS, INVITES)
        )
    )
    await stage.place.env.settle()
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["error"]["message"] == (
        "ConflictError! The data of this member is being deleted already; that takes a moment."
    )


async def test_the_key_of_a_server_is_not_enough(stage: Stage) -> None:
    fields = {"privacy_member_id": stage.mia.id}
    for root in (SERVERSTATS, INVITES):
        for method, path, place in (
            ("GET", "get-user-entries", {"query": fields}),
            ("DELETE", "delete-user-entries", {"body": fields}),
        ):
            answer = await stage.api.refusal(method, f"{root}/{path}", **place)
            assert answer == (403, "ForbiddenError! Only the operator's key may do this.")


async def test_what_is_missing_or_no_id_is_refused(stage: Stage) -> None:
    path = f"{SERVERSTATS}/delete-user-entries"
    assert await stage.api.refusal("DELETE", path, body={}, key=OPERATOR_KEY) == (
        400,
        "BadRequestError! privacy_member_id is missing.",
    )
    query = {"privacy_member_id": "mia"}
    path = f"{SERVERSTATS}/get-user-entries"
    assert await stage.api.refusal("GET", path, query=query, key=OPERATOR_KEY) == (
        400,
        "BadRequestError! privacy_member_id must be an id: a whole number, or its digits as text.",
    )
