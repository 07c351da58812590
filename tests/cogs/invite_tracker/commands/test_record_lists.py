"""/invite_tracker joins, invites and label: who came by a link, whose links there are, how they are called."""

from storage.records import Candidate, Certainty, Method, Source
from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, words_of


class TestJoinsOfACode:
    async def test_each_shows_when_and_what_became_of_it(self, stage: Stage) -> None:
        await stage.record_invites(["abc", "other"], label="Reddit")
        inviter = stage.member.id
        await stage.record_joins(
            [
                stage.join(101, inviter, left_at_ms=5_000),
                stage.join(102, inviter, had_avatar=False),
                stage.join(103, inviter, cleared_at_ms=7_000),
                stage.join(104, inviter, code="other"),
                stage.ambiguous_join(105, [inviter]),
                stage.join(None, inviter),
            ]
        )
        await stage.save(fake_without_avatar=True)

        answer = await stage.say(stage.manager, "joins", code="https://discord.gg/abc")

        assert "Joins of abc · Reddit" in answer
        assert "· left <t:5:R>" in answer.split("<@101>")[1].splitlines()[0]
        assert answer.split("<@102>")[1].splitlines()[0].endswith("· fake")
        assert answer.split("<@103>")[1].splitlines()[0].endswith("· cleared <t:7:R>")
        assert "<@104>" not in answer
        assert "<@105>" not in answer
        assert "somebody who is not named · joined" in answer
        assert "4 joins, the latest first" in answer

    async def test_it_is_read_page_by_page_also_after_a_restart(self, stage: Stage) -> None:
        await stage.record_invites(["abc"])
        await stage.record_joins([stage.join(100 + number, stage.member.id) for number in range(12)])
        shown = await stage.use(stage.manager, "joins", code="abc")
        message = shown.response
        assert message is not None

        assert "<@111>" in words_of(message)
        assert "<@101>" not in words_of(message)
        await stage.place.restart()
        await stage.manager.click(message, custom_id=control_of(message, "list.tracker.joins", "next", 2))
        assert "<@101>" in words_of(message)
        assert "<@111>" not in words_of(message)

    async def test_a_code_that_was_never_seen_is_refused(self, stage: Stage) -> None:
        for as_text in (False, True):
            answer = await stage.say(stage.manager, "joins", code="nope", as_text=as_text)
            assert answer == "I have never seen an invite with the code `nope` in this server."

    async def test_a_code_that_only_joins_name_is_known(self, stage: Stage) -> None:
        """Another bot's record, or Discord's search, names invites that were gone before anybody here saw them."""
        await stage.record_joins([stage.join(101, stage.member.id, code="gone")])

        assert "<@101>" in await stage.say(stage.manager, "joins", code="gone")
        assert "<@101>" in await stage.say(stage.manager, "joins", code="gone", as_text=True)
        answer = await stage.say(stage.manager, "label", code="gone", text="Flyers")
        assert answer == "I have never seen an invite with the code `gone` in this server."

    async def test_a_text_that_is_no_code_is_refused(self, stage: Stage) -> None:
        answer = await stage.say(stage.manager, "joins", code="<@1>")
        assert "is not an invite" in answer


class TestMembersOfACode:
    async def test_a_short_list_has_ids_and_mentions_and_pings_nobody(self, stage: Stage) -> None:
        await stage.record_invites(["abc"])
        now_ms = stage.place.clock.now_ms()
        await stage.record_joins(
            [
                stage.join(101, 501, joined_at_ms=now_ms - 9_000_000, left_at_ms=5),
                stage.join(102, 501, joined_at_ms=now_ms - 8_000_000, left_at_ms=5),
                stage.join(101, 501, joined_at_ms=now_ms - 7_000_000, is_rejoin=True),
                stage.join(103, 501, cleared_at_ms=7),
                stage.join(None, 501),
            ]
        )

        shown = await stage.use(stage.manager, "joins", code="abc", as_text=True)
        answer = words_of(shown)

        assert shown.ephemeral
        assert "3 members came by `abc` for certain." in answer
        assert "And 1 who may not be named." in answer
        assert [line.split(" ")[:2] for line in answer.splitlines()[2:]] == [
            ["102", "<@102>"],
            ["101", "<@101>"],
            ["103", "<@103>"],
        ]
        assert [line.rpartition(" ")[2] for line in answer.splitlines()[2:]] == ["left", "here", "here"]
        assert shown.response is not None
        assert shown.response.message.mentions == []

    async def test_who_came_back_by_another_link_is_here(self, stage: Stage) -> None:
        await stage.record_invites(["abc"])
        now_ms = stage.place.clock.now_ms()
        await stage.record_joins(
            [
                stage.join(101, 501, joined_at_ms=now_ms - 9_000_000, left_at_ms=5),
                stage.join(101, 501, code="other", is_rejoin=True),
            ]
        )

        answer = await stage.say(stage.manager, "joins", code="abc", as_text=True)

        assert answer.endswith("here")

    async def test_who_perhaps_came_by_it_is_listed_apart(self, stage: Stage) -> None:
        await stage.record_invites(["code1", "code2"])
        await stage.record_joins(
            [
                stage.join(101, 501, code="code1", credited_code="code1"),
                stage.ambiguous_join(102, [501, 502]),
                stage.ambiguous_join(103, [501]),
            ]
        )

        first = await stage.say(stage.manager, "joins", code="code1", as_text=True)
        second = await stage.say(stage.manager, "joins", code="code2", as_text=True)

        assert "1 member came by `code1` for certain." in first
        assert "Of 2 more it is one explanation among several." in first
        assert [line.split(" ")[0] for line in first.splitlines()[2:]] == ["101", "102", "103"]
        assert [line.endswith("not certain") for line in first.splitlines()[2:]] == [False, True, True]
        assert "0 members came by `code2` for certain." in second
        assert [line.split(" ")[0] for line in second.splitlines()[2:]] == ["102"]

    async def test_what_another_bot_recorded_is_not_certain(self, stage: Stage) -> None:
        await stage.record_invites(["abc"])
        facts = {
            "method": Method.IMPORTED,
            "certainty": Certainty.AMBIGUOUS,
            "candidates": (Candidate(Source.INVITE, "abc", stage.member.id),),
        }
        await stage.record_joins([stage.join(101, stage.member.id, **facts)])

        answer = await stage.say(stage.manager, "joins", code="abc", as_text=True)

        assert "0 members came by `abc` for certain." in answer
        assert "101 <@101>" in answer
        assert answer.endswith("· not certain")

    async def test_a_long_list_is_a_file(self, stage: Stage) -> None:
        await stage.record_invites(["abc"])
        await stage.record_joins([stage.join(10**17 + number, 501) for number in range(200)])

        shown = await stage.use(stage.manager, "joins", code="abc", as_text=True)

        assert shown.response is not None
        [attachment] = shown.response.attachments
        assert attachment.filename == "members-abc.txt"
        lines = (await attachment.read()).decode().splitlines()
        assert len(lines) == 200
        assert lines[0].startswith(f"{10**17} <@{10**17}> · ")
        assert "200 members came by `abc` for certain." in words_of(shown)


class TestInvitesOfAMember:
    async def test_it_shows_uses_and_labels_and_what_is_gone(self, stage: Stage) -> None:
        await stage.record_invites(["abc"], uses=4, label="Reddit")
        await stage.record_invites(["gone"], uses=9, deleted_at_ms=7_000)
        await stage.record_invites(["others"], inviter_id=stage.admin.id)

        answer = await stage.say(stage.member, "invites")

        assert "`abc` **Reddit** · 4 uses" in answer
        assert answer.index("`abc`") < answer.index("`gone`")
        assert "gone since <t:7:R>" in answer
        assert "`others`" not in answer
        assert "2 links" in answer

    async def test_those_of_others_need_manage_server(self, stage: Stage) -> None:
        await stage.record_invites(["abc"])

        refused = await stage.say(stage.member, "invites", member=stage.admin)
        allowed = await stage.say(stage.manager, "invites", member=stage.member)

        assert refused == "You need the permission Administrator or Manage Server for this."
        assert "`abc`" in allowed

    async def test_somebody_without_links_has_none(self, stage: Stage) -> None:
        answer = await stage.say(stage.manager, "invites", member=stage.admin)
        assert f"I know of no invite links of {stage.admin.mention}." in answer


class TestLabels:
    async def test_a_label_is_shown_wherever_the_code_is_listed(self, stage: Stage) -> None:
        await stage.record_invites(["abc"])
        await stage.record_joins([stage.join(stage.member.id, stage.admin.id)])

        answer = await stage.say(stage.manager, "label", code="abc", text="  Reddit   **post** ")

        assert "`abc` is called **Reddit \\*\\*post\\*\\*** now." in answer
        assert "Reddit" in await stage.say(stage.admin, "list")
        assert "Reddit" in await stage.say(stage.manager, "joins", code="abc")
        assert "(Reddit" in await stage.say(stage.manager, "explain", member=stage.member)
        choices = await stage.manager.autocomplete(stage.channel, "invite_tracker label", "code", "Red")
        assert [choice["value"] for choice in choices] == ["abc"]

    async def test_a_label_is_changed_and_taken_away(self, stage: Stage) -> None:
        await stage.record_invites(["abc"], label="Reddit")

        changed = await stage.say(stage.manager, "label", code="abc", text="Flyer")
        removed = await stage.say(stage.manager, "label", code="abc")

        assert "is called **Flyer** now" in changed
        assert "It was called Reddit." in changed
        assert "`abc` has no label now." in removed
        assert "It was called Flyer." in removed

    async def test_a_label_outlives_the_next_look_at_the_invites(self, stage: Stage) -> None:
        await stage.use(stage.manager, "create")
        [invite] = stage.place.world.live_invites(stage.guild.id)
        await stage.say(stage.manager, "label", code=invite.code, text="Flyer")

        newcomer = stage.env.create_user("newcomer")
        stage.place.world.join(stage.guild.id, newcomer.id, code=invite.code)
        await stage.env.advance_time(60)

        assert "**Flyer** · 1 use" in await stage.say(stage.admin, "list")

    async def test_an_unknown_code_is_refused(self, stage: Stage) -> None:
        answer = await stage.say(stage.manager, "label", code="nope", text="Flyer")
        assert answer == "I have never seen an invite with the code `nope` in this server."

    async def test_codes_are_offered_to_those_who_may_see_records(self, stage: Stage) -> None:
        await stage.record_invites(["abc"])
        for person, expected in ((stage.member, []), (stage.manager, ["abc"])):
            choices = await person.autocomplete(stage.channel, "invite_tracker joins", "code", "")
            assert [choice["value"] for choice in choices] == expected
