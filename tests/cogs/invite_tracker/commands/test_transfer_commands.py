"""/invite_tracker export: a file for the person alone, or as many as it takes."""

import discord
import pytest
import simcord

from bot.settings.guild_settings import GuildSettings
from cogs.invite_tracker.commands.transfer_commands import FILES_MOST
from cogs.invite_tracker.use_cases.transfer import FILE_BYTES_MOST, ROOM_BYTES
from storage.records import Evidence, Method
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import words_of


async def files_of(result: simcord.InteractionResult) -> dict[str, str]:
    """Return the files of an answer by their names."""
    messages = [message for message in (result.response, *result.followups) if message is not None]
    return {
        attachment.filename: (await attachment.read()).decode()
        for message in messages
        for attachment in message.attachments
    }


def limit_files(monkeypatch: pytest.MonkeyPatch, bytes_most: int) -> None:
    """Let Discord take files of this size in every server."""
    monkeypatch.setattr(discord.Guild, "filesize_limit", bytes_most + ROOM_BYTES)


async def test_joins_come_as_a_csv_file_for_the_person_alone(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, 7), stage.join(102, 7, code="=1+1")])

    result = await stage.use(stage.manager, "export")

    assert result.ephemeral
    [(name, text)] = (await files_of(result)).items()
    assert name == f"joins-{stage.guild.id}-1.csv"
    (header, first, second) = text.splitlines()
    assert header.startswith("server_id,member_id,joined_at,")
    assert first.startswith(f"{stage.guild.id},101,")
    assert ",'=1+1," in second
    assert "keep the file where others cannot read it" in words_of(result)


async def test_who_does_not_manage_the_server_gets_no_file(stage: Stage) -> None:
    result = await stage.use(stage.member, "export")

    assert words_of(result) == "You need the permission Administrator or Manage Server for this."
    assert await files_of(result) == {}


async def test_other_records_and_json_lines_come_as_chosen(stage: Stage) -> None:
    await stage.record_invites(["abc"], label="door")

    result = await stage.use(stage.admin, "export", what="invites", format="jsonl")

    [(name, text)] = (await files_of(result)).items()
    assert name == f"invites-{stage.guild.id}-1.jsonl"
    assert '"code":"abc","label":"door"' in text


async def test_with_nothing_on_record_the_file_has_its_header(stage: Stage) -> None:
    result = await stage.use(stage.admin, "export", what="bonuses")

    [text] = (await files_of(result)).values()
    assert text == "server_id,inviter_id,amount,reason,granted_by,granted_at\r\n"


async def test_what_is_too_large_for_one_file_comes_in_several(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.record_joins([stage.join(100 + number, 7) for number in range(40)])
    limit_files(monkeypatch, 3_000)

    result = await stage.use(stage.admin, "export")

    files = await files_of(result)
    assert 1 < len(files) <= FILES_MOST
    assert all(len(text) <= 3_000 for text in files.values())
    rows = [line for text in files.values() for line in text.splitlines()[1:]]
    assert [row.split(",")[1] for row in rows] == [str(100 + number) for number in range(40)]
    assert all(message.ephemeral for message in result.followups)


async def test_where_discord_takes_huge_files_they_are_kept_small_enough_for_the_memory(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tuple(Evidence("abc", number, Method.USES_RISE, 1, 2) for number in range(500))
    await stage.record_joins([stage.join(100 + number, 7, evidence=seen) for number in range(260)])
    limit_files(monkeypatch, 100 * 1024 * 1024)

    files = await files_of(await stage.use(stage.admin, "export"))

    assert [len(text) < FILE_BYTES_MOST for text in files.values()] == [True, True]
    assert sum(len(text.splitlines()) - 1 for text in files.values()) == 260


async def test_what_is_too_large_for_all_files_is_left_to_the_operator(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.record_joins([stage.join(100 + number, 7) for number in range(FILES_MOST + 5)])
    limit_files(monkeypatch, 450)

    result = await stage.use(stage.admin, "export")

    assert len(await files_of(result)) == FILES_MOST
    assert "There is more than 10 files can hold here." in words_of(result)
    assert "`python -m bot export --what joins`" in words_of(result)


async def test_without_attach_files_the_permission_is_named(stage: Stage) -> None:
    stage.place.deny_bot(stage.channel, attach_files=False)

    assert await stage.say(stage.admin, "export") == "I lack the permission Attach Files in this channel."


async def test_the_other_admins_are_told_who_took_records_out(stage: Stage) -> None:
    settings = GuildSettings(log_channel_id=stage.other_channel.id)
    await stage.place.client.parts.guild_settings.save(stage.guild.id, settings, 0)

    await stage.use(stage.manager, "export", what="bonuses")
    await stage.env.settle()

    message = stage.other_channel.last_message
    assert message is not None
    assert message.embeds[0].description == (
        f"**Exported records:** added `bonuses`\n-# by {stage.manager.mention}"
    )


async def test_the_export_of_one_server_holds_nothing_of_another(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, 7), stage.join(102, 7, guild_id=stage.guild.id + 1)])

    [text] = (await files_of(await stage.use(stage.admin, "export"))).values()

    assert ",102," not in text
