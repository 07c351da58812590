"""/api_key: administrators, and nobody else, make keys that are shown once, see what there are, and delete them."""

import logging
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.web.callers import Right
from bot.web.keys import KEYS_MOST
from storage.guilds import delete_guild
from tests.cogs.api_keys.stage import KEY, Stage
from tests.discord_in_process import in_process, words_of

NOT_ALLOWED = "You need the permission Administrator for this."


class TestCreate:
    async def test_the_key_that_is_shown_opens_the_server_and_only_that(self, stage: Stage) -> None:
        caller = stage.book.find(await stage.make())
        assert caller is not None
        assert (caller.name, caller.guild_id) == ("website", stage.guild_id)
        [key] = stage.keys
        assert (key.created_by, key.created_at_ms) == (stage.admin.id, stage.place.clock.now_ms())

    async def test_the_answer_says_how_it_is_used_and_that_it_is_shown_once(self, stage: Stage) -> None:
        words = await stage.say("create", name="website")
        text = KEY.findall(words)[0]
        assert f"```\nAuthorization: Bearer {text}\n```" in words
        assert "I show it only now" in words
        assert "- read settings, statistics and lists" in words
        assert "- change settings" not in words
        assert "has not switched the HTTP API on" not in words

    @pytest.mark.parametrize(
        ("options", "rights"),
        [
            ({}, {Right.READ}),
            ({"write": True}, {Right.READ, Right.WRITE}),
            ({"read": False, "intake": True}, {Right.INTAKE}),
            ({"read": True, "write": True, "intake": True}, {*Right}),
        ],
        ids=["by itself it reads", "write beside it", "intake alone", "all"],
    )
    async def test_a_key_has_the_rights_that_were_chosen(
        self, stage: Stage, options: dict[str, Any], rights: set[Right]
    ) -> None:
        caller = stage.book.find(await stage.make(**options))
        assert caller is not None
        assert caller.rights == rights

    async def test_a_key_without_any_right_is_refused(self, stage: Stage) -> None:
        words = await stage.say("create", name="website", read=False)
        assert words == "A key without any right is of no use; give it at least one."
        assert stage.keys == ()

    async def test_a_name_that_is_there_already_is_refused(self, stage: Stage) -> None:
        await stage.make("Website")
        words = await stage.say("create", name=" website ")
        assert words == "This server has a key of that name already; choose another name."
        assert [key.name for key in stage.keys] == ["Website"]

    async def test_a_name_of_spaces_is_refused(self, stage: Stage) -> None:
        words = await stage.say("create", name="   ")
        assert words == "The name of a key must have 1 to 32 characters."

    async def test_one_key_too_many_is_refused_with_what_to_do(self, stage: Stage) -> None:
        for number in range(KEYS_MOST):
            await stage.book.create(stage.guild_id, f"key {number}", frozenset(Right), None)
        words = await stage.say("create", name="website")
        assert words == "This server has 20 keys, and may not have more; delete one first."

    async def test_where_the_api_is_off_this_is_said(self, tmp_path: Path) -> None:
        async with in_process(tmp_path) as place:
            stage = Stage(place)
            assert "The operator has not switched the HTTP API on" in await stage.say(
                "create", name="website"
            )
            assert "The operator has not switched the HTTP API on" in await stage.say("list")

    async def test_a_key_works_after_a_restart_and_so_does_what_is_known_of_it(self, stage: Stage) -> None:
        text = await stage.make()
        before = stage.book.find(text)
        stage.place.clock.skip_to(stage.place.clock.now_ms() + 5_000)
        await stage.place.restart()
        [key] = stage.keys
        assert key.last_used_at_ms is not None
        assert stage.book.find(text) == before is not None


class TestList:
    async def test_every_key_is_listed_with_all_that_is_known_of_it_but_the_key(self, stage: Stage) -> None:
        text = await stage.make("website", write=True)
        await stage.make("Bridge *", read=False, intake=True)
        created = stage.place.clock.now_ms() // 1000
        stage.book.find(text)
        bridge, website = stage.keys
        result = await stage.use("list")
        assert words_of(result).splitlines() == [
            "API keys",
            f"**Bridge \\*** · `{bridge.key_id}` · intake",
            f"-# created <t:{created}:d> by <@{stage.admin.id}> · never used",
            f"**website** · `{website.key_id}` · read, write",
            f"-# created <t:{created}:d> by <@{stage.admin.id}> · last used <t:{created}:R>",
            "2 keys",
        ]
        assert not KEY.search(words_of(result))

    async def test_as_many_keys_as_there_can_be_are_all_shown(self, stage: Stage) -> None:
        for number in range(KEYS_MOST):
            name = f"{number:02}" + "_*" * 15
            new = await stage.book.create(stage.guild_id, name, frozenset(Right), 2**63 - 1)
            stage.book.find(new.text)
        words = await stage.say("list")
        assert words.count("-# created") == KEYS_MOST
        assert "more" not in words

    async def test_a_server_without_keys_is_told_so(self, stage: Stage) -> None:
        assert "This server has no API keys." in await stage.say("list")

    async def test_keys_of_other_servers_are_not_shown(self, stage: Stage) -> None:
        await stage.book.create(stage.guild_id + 1, "foreign", frozenset(Right), None)
        assert "foreign" not in await stage.say("list")


class TestDelete:
    async def test_a_key_is_refused_once_its_deletion_is_confirmed(self, stage: Stage) -> None:
        text, other = await stage.make(), await stage.make("other")
        [key] = [key for key in stage.keys if key.name == "website"]
        result = await stage.use("delete", key=key.key_id)
        question = words_of(result)
        assert "Delete this API key?" in question
        assert f"**website** · `{key.key_id}` · read" in question
        assert "It cannot be undone" in question
        assert stage.book.find(text) is not None
        assert result.response is not None
        await stage.admin.click(result.response, label="Delete")
        assert f"**website** (`{key.key_id}`) is refused from now on." in words_of(result.response)
        assert stage.book.find(text) is None
        assert stage.book.find(other) is not None
        await stage.place.restart()
        assert stage.book.find(text) is None
        assert stage.book.find(other) is not None

    async def test_cancelled_nothing_is_deleted(self, stage: Stage) -> None:
        text = await stage.make()
        result = await stage.use("delete", key="website")
        assert result.response is not None
        await stage.admin.click(result.response, label="Cancel")
        assert stage.book.find(text) is not None

    async def test_a_question_of_before_a_restart_still_works(self, stage: Stage) -> None:
        text = await stage.make()
        result = await stage.use("delete", key="website")
        await stage.place.restart()
        assert result.response is not None
        await stage.admin.click(result.response, label="Delete")
        assert stage.book.find(text) is None

    async def test_a_key_that_is_gone_meanwhile_is_said_to_be(self, stage: Stage) -> None:
        await stage.make()
        first, second = [await stage.use("delete", key="website") for _ in range(2)]
        assert first.response is not None
        assert second.response is not None
        await stage.admin.click(first.response, label="Delete")
        clicked = await stage.admin.click(second.response, label="Delete")
        assert "This server has no such key; choose one from the list." in words_of(clicked)

    async def test_a_key_is_meant_by_its_id_before_the_name_of_another(self, stage: Stage) -> None:
        await stage.make()
        [website] = stage.keys
        await stage.make(website.key_id)
        assert "**website** ·" in await stage.say("delete", key=website.key_id)
        assert "**website** ·" in await stage.say("delete", key=" WEBSITE ")

    async def test_what_is_no_key_is_refused(self, stage: Stage) -> None:
        foreign = await stage.book.create(stage.guild_id + 1, "foreign", frozenset(Right), None)
        for typed in ("nothing", "foreign", foreign.key.key_id):
            assert (
                await stage.say("delete", key=typed)
                == "This server has no such key; choose one from the list."
            )

    async def test_keys_are_offered_by_name_and_id_to_administrators(self, stage: Stage) -> None:
        await stage.make("website")
        await stage.make("bridge")
        bridge, website = stage.keys

        async def offered(typed: str, who: simcord.MemberActor = stage.admin) -> list[str]:
            choices = await who.autocomplete(stage.place.channel, "api_key delete", "key", typed)
            return [choice["value"] for choice in choices]

        assert await offered("") == [bridge.key_id, website.key_id]
        assert await offered("WEB") == [website.key_id]
        assert await offered(bridge.key_id[:6]) == [bridge.key_id]
        assert await offered("x") == []
        stage.show_command_to(stage.place.manager)
        assert await offered("", stage.place.manager) == []


class TestRights:
    async def test_discord_does_not_even_show_the_commands_to_anybody_but_administrators(
        self, stage: Stage
    ) -> None:
        for who in (stage.place.manager, stage.place.member):
            with pytest.raises(simcord.SetupError):
                await stage.use("list", who=who)

    @pytest.mark.parametrize("person", ["manager", "member"])
    async def test_who_is_shown_the_commands_all_the_same_is_refused(self, stage: Stage, person: str) -> None:
        who: simcord.MemberActor = getattr(stage.place, person)
        text = await stage.make()
        stage.show_command_to(who)
        assert await stage.say("create", who=who, name="mine") == NOT_ALLOWED
        assert await stage.say("list", who=who) == NOT_ALLOWED
        assert await stage.say("delete", who=who, key="website") == NOT_ALLOWED
        assert stage.book.find(text) is not None
        assert len(stage.keys) == 1

    async def test_who_is_no_administrator_any_more_deletes_nothing(self, stage: Stage) -> None:
        text = await stage.make()
        result = await stage.use("delete", key="website")
        stage.place.world.edit_member(stage.guild_id, stage.admin.id, {"role_ids": []})
        assert result.response is not None
        clicked = await stage.admin.click(result.response, label="Delete")
        assert NOT_ALLOWED in words_of(clicked)
        assert stage.book.find(text) is not None


class TestTelling:
    async def test_making_and_deleting_a_key_is_told_in_the_log_channel_without_its_secret(
        self, stage: Stage, caplog: pytest.LogCaptureFixture
    ) -> None:
        await stage.set_log_channel()
        with caplog.at_level(logging.DEBUG):
            text = await stage.make("web`site", write=True)
            [key] = stage.keys
            result = await stage.use("delete", key=key.key_id)
            assert result.response is not None
            await stage.admin.click(result.response, label="Delete")
            await stage.place.env.settle()
        named = f"`web\u02cbsite` ({key.key_id}: read, write)"
        who = f"-# by <@{stage.admin.id}>"
        assert stage.told() == [
            f"Settings changed: API keys\n**Key:** nothing → {named}\n{who}",
            f"Settings changed: API keys\n**Key:** {named} → nothing\n{who}",
        ]
        secret = text[len("hc_12345678_") :]
        assert secret not in caplog.text
        assert all(secret not in str(record.__dict__) for record in caplog.records)

    async def test_a_refused_key_is_told_nobody(self, stage: Stage) -> None:
        await stage.set_log_channel()
        await stage.say("create", name="website", read=False)
        await stage.place.env.settle()
        assert stage.told() == []


async def test_the_end_of_a_servers_data_is_the_end_of_its_keys(stage: Stage) -> None:
    text = await stage.make()
    for module in stage.place.client.parts.modules:
        await module.forget(stage.guild_id)
    assert stage.book.find(text) is None
    async with stage.place.client.parts.database.write() as tx:
        await delete_guild(tx, stage.guild_id)
    await stage.place.restart()
    assert stage.book.find(text) is None


async def test_uses_are_stored_every_minute(stage: Stage) -> None:
    text = await stage.make()
    stage.book.find(text)
    [job] = [job for module in stage.place.client.parts.modules for job in module.jobs if "API" in job.name]
    assert job.every_seconds == 60
    await job.run()
    async with stage.place.client.parts.database.read() as rx:
        rows = await rx.fetch_all("SELECT last_used_at_ms FROM api_keys")
    assert rows == [(stage.place.clock.now_ms(),)]
