"""/invite_tracker tree: a list while it is short, a picture when it is long."""

import simcord

from storage.records import Certainty, Method
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import words_of


async def allow_pictures(stage: Stage) -> None:
    stage.place.deny_bot(stage.channel)


def lines_of(answer: str) -> list[str]:
    return answer.splitlines()


async def test_a_short_tree_is_a_nested_list(stage: Stage) -> None:
    mia = stage.member.id
    await stage.record_joins(
        [
            stage.join(101, mia),
            stage.join(102, 101),
            stage.join(103, 102, left_at_ms=5),
            stage.join(104, mia),
            stage.join(105, mia, certainty=Certainty.AMBIGUOUS, method=Method.IMPORTED),
        ]
    )

    answer = await stage.say(stage.member, "tree")

    assert lines_of(answer) == [
        "Whom mia brought",
        "3 people brought directly, 5 in all",
        "- <@101> · **1**",
        "  - <@102> · **1**",
        "    - <@103> · left since",
        "- <@104>",
        "- <@105> ?",
        "-# With a question mark: another bot's record says so; nobody measured it.",
    ]


async def test_an_open_join_is_counted_and_not_shown(stage: Stage) -> None:
    await stage.record_joins(
        [stage.join(101, stage.member.id), stage.ambiguous_join(102, [stage.member.id, stage.admin.id])]
    )

    answer = await stage.say(stage.member, "tree")

    assert "<@102>" not in answer
    assert "1 join is not shown: more than one inviter fits." in answer


async def test_who_brought_nobody_has_no_tree(stage: Stage) -> None:
    assert "Nobody, as far as it is on record and certain." in await stage.say(stage.member, "tree")


async def test_the_tree_of_others_needs_manage_server(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, stage.admin.id)])

    refused = await stage.say(stage.member, "tree", member=stage.admin)
    allowed = await stage.say(stage.manager, "tree", member=stage.admin)

    assert refused == "You need the permission Administrator or Manage Server for this."
    assert "<@101>" in allowed


async def test_who_opted_out_is_not_named(stage: Stage) -> None:
    await stage.record_joins([stage.join(101, stage.member.id), stage.join(102, 101)])
    await stage.place.client.parts.recorder.opt_out(stage.guild.id, 101)

    answer = await stage.say(stage.member, "tree")

    assert "<@101>" not in answer
    assert "- somebody who is not named · **1**\n  - <@102>" in answer


async def plant(stage: Stage, count: int) -> simcord.InteractionResult:
    """Let so many people be brought, each tenth of them by the one before, and ask for the tree."""
    joins = [
        stage.join(
            10_000 + number,
            stage.member.id if number % 10 else 10_000 + number - 1,
            left_at_ms=5 if number % 4 == 0 else None,
        )
        for number in range(1, count + 1)
    ]
    await stage.record_joins(joins)
    return await stage.use(stage.member, "tree")


async def test_a_long_tree_is_a_picture(stage: Stage) -> None:
    await allow_pictures(stage)

    result = await plant(stage, 300)

    assert result.ephemeral
    assert result.response is not None
    [file] = result.response.message.attachments
    assert file.filename == "tree.png"
    assert "<@1" not in words_of(result)
    assert "270 people brought directly; 200 are shown" in words_of(result)


async def test_without_attach_files_a_long_tree_is_a_list_that_ends_in_time(stage: Stage) -> None:
    stage.place.deny_bot(stage.channel, attach_files=False)

    result = await plant(stage, 300)

    assert result.response is not None
    assert not result.response.message.attachments
    assert "more" in words_of(result).splitlines()[-1]
    assert len(words_of(result)) < 4096
