"""Files of other bots: which columns are read, and what a row is taken to say."""

import pytest

from cogs.invite_tracker.transfer.incoming import Incoming, Refused, TransferError
from cogs.invite_tracker.transfer.sheets import BONUSES
from cogs.invite_tracker.transfer.writing import Format, render_header
from storage.records import Candidate, Certainty, Join, Method, Source
from tests.cogs.invite_tracker.transfer.examples import SERVER, entries_of

ADA, BEA = 1199648432165432165, 1199648432165432166
WHEN = "2026-01-05 10:00:00"
WHEN_MS = 1_767_607_200_000


def join_of(text: str, **options: str) -> Join:
    (entry,) = entries_of(text, **options)
    assert isinstance(entry, Incoming), entry
    assert entry.is_foreign
    return entry.join


def refusal_of(text: str, **options: str) -> str:
    (entry,) = entries_of(text, **options)
    assert isinstance(entry, Refused), entry
    assert entry.line == 2
    return entry.reason


def test_what_another_bot_says_is_kept_as_that_and_never_certain() -> None:
    join = join_of(f"member,inviter,code,date\n{ADA},{BEA},abc,{WHEN}\n")
    assert (join.guild_id, join.member_id, join.joined_at_ms) == (SERVER, ADA, WHEN_MS)
    assert (join.source, join.code, join.inviter_id) == (Source.INVITE, "abc", BEA)
    assert (join.method, join.certainty) == (Method.IMPORTED, Certainty.AMBIGUOUS)
    assert join.candidates == (Candidate(Source.INVITE, "abc", BEA),)
    assert (join.credited_code, join.credited_inviter_id) == ("abc", BEA)
    assert (join.account_created_at_ms, join.left_at_ms, join.evidence) == (1_706_088_874_618, None, ())


def test_what_the_file_does_not_say_marks_nobody_as_fake() -> None:
    join = join_of(f"member,inviter,code,date\n{ADA},{BEA},abc,{WHEN}\n")
    assert (join.had_avatar, join.is_rejoin, join.is_own_invite) == (True, False, False)
    assert join_of(f"member,inviter,date\n{ADA},{ADA},{WHEN}\n").is_own_invite


@pytest.mark.parametrize(
    "header",
    [
        "User ID,Inviter ID,Invite Code,Joined At",
        "userId;inviterId;inviteCode;joinedAt",
        "MEMBER_ID\tINVITED BY\tInvite\tJOIN DATE",
        " member , Inviter , Code , Date ",
        "\ufeffJoined User ID,Invited By ID,Link,Timestamp",
    ],
)
def test_columns_are_found_by_their_usual_names_in_any_case_and_spacing(header: str) -> None:
    (sign,) = [sign for sign in ",;\t" if sign in header]
    join = join_of(f"{header}\r\n" + sign.join([str(ADA), str(BEA), "abc", WHEN]))
    assert (join.member_id, join.inviter_id, join.code) == (ADA, BEA, "abc")


def test_ids_are_read_where_names_stand_beside_them() -> None:
    join = join_of(f"User,User ID,Inviter,Inviter ID,Date\nada,{ADA},bea,{BEA},{WHEN}\n")
    assert (join.member_id, join.inviter_id) == (ADA, BEA)


def test_columns_of_other_names_are_read_as_told() -> None:
    text = f"Who,By,Through,On\n{ADA},{BEA},abc,{WHEN}\n"
    join = join_of(text, member="who", inviter="BY", code="Through", date="on")
    assert (join.member_id, join.inviter_id, join.code, join.joined_at_ms) == (ADA, BEA, "abc", WHEN_MS)


def test_a_wished_column_is_not_taken_for_another_role() -> None:
    text = f"id,user id,inviter id,date\n{BEA},{ADA},{BEA},{WHEN}\n"
    assert join_of(text, inviter="user id", member="id").member_id == BEA


@pytest.mark.parametrize(
    ("header", "options", "sentence"),
    [
        (
            "inviter,code,date",
            {},
            "No column of the file says who joined; name it with --columns member=NAME. ",
        ),
        ("member,inviter,code", {}, "No column of the file says when they joined; "),
        ("member,date", {}, "No column of the file says who invited or with which code; "),
        (
            "member,inviter,date",
            {"code": "Through"},
            'The file has no column "Through"; it has: member, inviter',
        ),
    ],
)
def test_a_file_without_what_is_needed_is_refused_as_a_whole(
    header: str, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(TransferError) as refused:
        entries_of(f"{header}\n", **options)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("cells", "source", "code", "inviter_id", "certainty"),
    [
        (f"{BEA},", Source.INVITE, None, BEA, Certainty.AMBIGUOUS),
        (",abc", Source.INVITE, "abc", None, Certainty.AMBIGUOUS),
        (f"<@{BEA}>,https://discord.gg/abc", Source.INVITE, "abc", BEA, Certainty.AMBIGUOUS),
        (f"'{BEA},'-abc", Source.INVITE, "-abc", BEA, Certainty.AMBIGUOUS),
        ("Vanity URL,harbour", Source.VANITY, "harbour", None, Certainty.AMBIGUOUS),
        (",VANITY", Source.VANITY, None, None, Certainty.AMBIGUOUS),
        ("Unknown,-", Source.UNKNOWN, None, None, Certainty.UNKNOWN),
        ("null,N/A", Source.UNKNOWN, None, None, Certainty.UNKNOWN),
    ],
)
def test_inviters_and_codes_are_read_as_bots_write_them(
    cells: str, source: Source, code: str | None, inviter_id: int | None, certainty: Certainty
) -> None:
    join = join_of(f"member,inviter,code,date\n{ADA},{cells},{WHEN}\n")
    assert (join.source, join.code, join.inviter_id, join.certainty) == (source, code, inviter_id, certainty)
    assert join.method is Method.IMPORTED


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f",{BEA},abc,{WHEN}", "the member is empty"),
        (f"ada#1,{BEA},abc,{WHEN}", '"ada#1" is not an id; the column "member" must hold ids'),
        (f"{ADA},bea,abc,{WHEN}", '"bea" is not an id; the column "inviter" must hold ids'),
        (f"1.19965E+18,{BEA},abc,{WHEN}", "1.19965E+18 was an id before a spreadsheet program rounded it"),
        (f"{ADA},{BEA},a b!,{WHEN}", '"a b!" is not the code of an invite'),
        (f"{ADA},{BEA},abc,", "the date is empty"),
        (f"{ADA},{BEA},abc,03/04/2026", '"03/04/2026" can be read two ways'),
        (f"{ADA},{BEA},abc,2014-01-01", 'the date "2014-01-01" lies before there was Discord'),
        (f"{ADA},{BEA},abc,2900-01-01", 'the date "2900-01-01" lies in the future'),
        (f"{ADA},{BEA},abc,2020-01-01", f'the date "2020-01-01" lies before the account {ADA} was made'),
        (f"{ADA}", "the date is empty"),
    ],
)
def test_a_row_that_cannot_be_is_refused_and_why(row: str, reason: str) -> None:
    assert refusal_of(f"member,inviter,code,date\n{row}\n").startswith(reason)


def test_blank_lines_are_passed_over_and_counted() -> None:
    entries = entries_of(f"\n\nmember,code,date\n\n{ADA},abc,{WHEN}\n,,\n{ADA},abc,soon\n")
    assert [entry.line for entry in entries] == [5, 7]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_refused(text: str) -> None:
    with pytest.raises(TransferError, match="The file is empty"):
        entries_of(text)


def test_exports_of_other_records_are_refused_by_their_name() -> None:
    with pytest.raises(TransferError, match="This file holds bonuses; only joins can be imported"):
        entries_of(render_header(BONUSES, Format.CSV).decode())


def test_an_endless_quote_ends_as_a_refused_line() -> None:
    entries = entries_of(f'member,code,date\n"{ADA},abc,{WHEN}\n' + "x" * 200_000)
    assert isinstance(entries[0], Refused)
    assert "field larger than field limit" in entries[0].reason
