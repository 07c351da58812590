"""Keys: only the exact text opens anything, of it nothing is stored but a hash, and one guild never reaches another."""

import asyncio
import hmac
import logging
import secrets
import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SystemClock
from bot.errors import ConflictError, HeadcountError, UnprocessableEntityError
from bot.web import keys as keys_module
from bot.web.callers import Caller, Right
from bot.web.keys import KEYS_MOST, TEXT_LENGTH_MOST, KeyBook, NewKey
from storage.database import Database
from tests.storage.rows import ELSEWHERE, GUILD

OPERATOR_KEY = "the operator's own key, long enough"
PUBLIC = "hc_12345678_"
"""What a key begins with is as long as this."""
READ = frozenset({Right.READ})
EVERYTHING = frozenset(Right)


class SetClock(SystemClock):
    """Stands still at any time."""

    def __init__(self) -> None:
        self.time_ms = 1_000

    def now_ms(self) -> int:
        return self.time_ms


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def book(database: Database, clock: SetClock) -> KeyBook:
    return await opened(database, clock)


async def opened(database: Database, clock: SetClock, operator_key: str | None = OPERATOR_KEY) -> KeyBook:
    """Return the keys as a process knows them that has just begun."""
    book = KeyBook(database, clock, operator_key)
    await book.open()
    return book


async def make(book: KeyBook, name: str = "website", guild_id: int = GUILD) -> NewKey:
    return await book.create(guild_id, name, READ, 7)


class TestFinding:
    async def test_a_key_is_found_with_its_name_rights_and_guild(self, book: KeyBook) -> None:
        new = await book.create(GUILD, "website", frozenset({Right.READ, Right.INTAKE}), 7)
        assert book.find(new.text) == Caller(
            "website", frozenset({Right.READ, Right.INTAKE}), GUILD, new.key.key_id
        )

    async def test_a_key_works_in_the_next_process_too(
        self, book: KeyBook, database: Database, clock: SetClock
    ) -> None:
        new = await make(book)
        later = await opened(database, clock)
        assert later.find(new.text) == book.find(new.text) is not None

    async def test_the_operators_key_reaches_all_guilds_with_all_rights(self, book: KeyBook) -> None:
        found = book.find(OPERATOR_KEY)
        assert found is not None
        assert (found.is_operator, found.guild_id, found.rights, found.key_id) == (
            True, None, EVERYTHING, None,
        )  # fmt: skip

    @pytest.mark.parametrize("operator_key", [None, ""])
    async def test_without_an_operators_key_nothing_stands_for_it(
        self, database: Database, clock: SetClock, operator_key: str | None
    ) -> None:
        book = await opened(database, clock, operator_key)
        assert [book.find(text) for text in ("", "None", OPERATOR_KEY)] == [None] * 3

    async def test_keys_of_two_guilds_lead_each_to_its_own(self, book: KeyBook) -> None:
        here, there = await make(book), await make(book, guild_id=ELSEWHERE)
        found = [book.find(new.text) for new in (here, there)]
        assert [caller and caller.guild_id for caller in found] == [GUILD, ELSEWHERE]

    async def test_the_secret_of_one_key_does_not_fit_the_public_part_of_another(self, book: KeyBook) -> None:
        one, other = await make(book), await make(book, "other")
        mixed = other.text[: len(PUBLIC)] + one.text[len(PUBLIC) :]
        assert book.find(mixed) is None

    async def test_what_is_too_long_for_a_key_is_not_even_hashed(
        self, book: KeyBook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hashed: list[str] = []
        new = await make(book)
        digest_of = keys_module._digest_of

        def note(text: str) -> bytes:
            hashed.append(text)
            return digest_of(text)

        monkeypatch.setattr(keys_module, "_digest_of", note)
        assert book.find(new.text + "x" * TEXT_LENGTH_MOST) is None
        assert hashed == []

    async def test_a_very_long_key_of_the_operator_works(self, database: Database, clock: SetClock) -> None:
        book = await opened(database, clock, "x" * (TEXT_LENGTH_MOST + 1))
        assert book.find("x" * (TEXT_LENGTH_MOST + 1)) is not None
        assert book.find("x" * TEXT_LENGTH_MOST) is None

    async def test_every_text_is_compared_the_same_way_whosever_it_is(
        self, book: KeyBook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An unknown public part must not be answered sooner than a wrong secret."""
        new = await make(book)
        compared: list[tuple[bytes, bytes]] = []
        compare_digest = hmac.compare_digest

        def compare(one: bytes, other: bytes) -> bool:
            compared.append((one, other))
            return compare_digest(one, other)

        monkeypatch.setattr(hmac, "compare_digest", compare)
        for text in (new.text, new.text[:-1] + "!", "hc_00000000_" + "a" * 43, "anything", "", OPERATOR_KEY):
            compared.clear()
            book.find(text)
            assert [len(side) for pair in compared for side in pair] == [32] * 4


@pytest.fixture(scope="module")
def known() -> tuple[KeyBook, list[str]]:
    """A book with a few keys, and their texts."""

    async def prepare() -> tuple[KeyBook, list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            database = await Database.open(Path(folder) / "headcount.sqlite3", now_ms=1)
            try:
                book = await opened(database, SetClock())
                texts = [(await make(book, f"key {number}")).text for number in range(5)]
            finally:
                await database.close()
        return book, [*texts, OPERATOR_KEY]

    return asyncio.run(prepare())


@given(st.data())
def test_nothing_but_the_exact_text_of_a_key_is_accepted(
    known: tuple[KeyBook, list[str]], data: st.DataObject
) -> None:
    """Texts that are close to a key: one more character, one less, one other, another case, parts of two keys."""
    book, texts = known
    text, other = data.draw(st.sampled_from(texts)), data.draw(st.sampled_from(texts))
    place = data.draw(st.integers(0, len(text)))
    inserted = data.draw(st.text(max_size=3))
    close = data.draw(
        st.sampled_from(
            [
                text[:place] + inserted + text[place:],
                text[:place] + inserted + text[place + len(inserted) :],
                text[:place],
                text[place:],
                text[:place] + other[place:],
                text.upper(),
                text.swapcase(),
                f" {text}",
                f"{text}\n",
                text + text,
                text.replace("_", "-"),
            ]
        )
    )
    assert (book.find(close) is not None) == (close in texts)


@given(st.text() | st.from_regex(r"hc_[0-9a-f]{8}_[\w-]{43}", fullmatch=True))
def test_any_other_text_is_nobodys(known: tuple[KeyBook, list[str]], text: str) -> None:
    book, _texts = known
    assert book.find(text) is None


@pytest.mark.parametrize(
    "text", ["\ud800", "hc_\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668_x", "é" * 55]
)
def test_characters_that_no_key_has_are_nobodys(known: tuple[KeyBook, list[str]], text: str) -> None:
    book, _texts = known
    assert book.find(text) is None


class TestMaking:
    async def test_a_key_is_nowhere_but_in_the_answer(
        self, book: KeyBook, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            new = await make(book, "a very special website")
        secret = new.text[len(PUBLIC) :]
        assert secret not in repr(new)
        for file in database.path.parent.iterdir():
            assert secret.encode() not in file.read_bytes()
        [line] = [record for record in caplog.records if record.name == "bot.web.keys"]
        assert secret not in str(line.__dict__)
        assert "special" not in str(line.__dict__)
        assert (line.__dict__["event"], line.__dict__["guild_id"], line.__dict__["key_id"]) == (
            "api_key_created", GUILD, new.key.key_id,
        )  # fmt: skip

    async def test_the_public_part_and_256_random_bits_stand_in_the_text(self, book: KeyBook) -> None:
        made = [await make(book, f"key {number}") for number in range(5)]
        for new in made:
            assert new.text.startswith(f"hc_{new.key.key_id}_")
            assert len(new.text) == len(PUBLIC) + 43
        assert len({new.text[len(PUBLIC) :] for new in made}) == len({new.key.key_id for new in made}) == 5

    async def test_a_public_part_is_given_once_in_all_guilds(
        self, book: KeyBook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drawn = iter([5, 5, 5, 6])
        monkeypatch.setattr(secrets, "randbits", lambda _bits: next(drawn))
        one, other = await make(book), await make(book, guild_id=ELSEWHERE)
        assert (one.key.key_id, other.key.key_id) == ("00000005", "00000006")
        assert book.find(one.text) is not None
        assert book.find(other.text) is not None

    @pytest.mark.parametrize("name", ["", "   ", "x" * 33])
    async def test_a_name_has_1_to_32_characters(self, book: KeyBook, name: str) -> None:
        with pytest.raises(UnprocessableEntityError, match="1 to 32 characters"):
            await make(book, name)
        assert (await make(book, "x" * 32)).key.name == "x" * 32

    async def test_spaces_around_a_name_are_no_part_of_it(self, book: KeyBook) -> None:
        assert (await make(book, "  my \n website ")).key.name == "my website"

    async def test_a_name_is_there_once_in_a_guild_whatever_its_case(self, book: KeyBook) -> None:
        await make(book, "Straße")
        with pytest.raises(ConflictError, match="key of that name"):
            await make(book, " STRASSE ")
        await make(book, "Straße", guild_id=ELSEWHERE)

    async def test_a_guild_has_twenty_keys_at_most(self, book: KeyBook) -> None:
        made = [await make(book, f"key {number}") for number in range(KEYS_MOST)]
        with pytest.raises(ConflictError, match="20 keys"):
            await make(book, "one more")
        await make(book, guild_id=ELSEWHERE)
        await book.delete(GUILD, made[3].key.key_id)
        await make(book, "one more")

    async def test_a_key_has_a_right(self, book: KeyBook) -> None:
        with pytest.raises(UnprocessableEntityError, match="at least one"):
            await book.create(GUILD, "website", frozenset(), 7)

    async def test_two_at_once_do_not_get_the_same_name(self, book: KeyBook) -> None:
        made = await asyncio.gather(make(book), make(book), return_exceptions=True)
        assert [type(each) for each in made] == [NewKey, ConflictError]
        assert len(book.keys_of(GUILD)) == 1

    async def test_a_key_that_could_not_be_stored_does_not_work(
        self, book: KeyBook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(_tx: object, _key: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        monkeypatch.setattr(keys_module, "insert_api_key", fail)
        monkeypatch.setattr(secrets, "randbits", lambda _bits: 5)
        monkeypatch.setattr(secrets, "token_urlsafe", lambda _size: "a" * 43)
        with pytest.raises(sqlite3.OperationalError):
            await make(book)
        assert book.find("hc_00000005_" + "a" * 43) is None
        assert book.keys_of(GUILD) == ()

    async def test_the_keys_of_a_guild_come_by_name_and_with_what_is_known_of_them(
        self, book: KeyBook, clock: SetClock
    ) -> None:
        second = await make(book, "Website")
        clock.time_ms = 2_000
        first = await book.create(GUILD, "bridge", EVERYTHING, None)
        await make(book, "alien", guild_id=ELSEWHERE)
        assert book.keys_of(GUILD) == (first.key, second.key)
        assert first.key.created_by is None
        assert (second.key.created_by, second.key.created_at_ms, first.key.created_at_ms) == (7, 1_000, 2_000)


class TestEnding:
    async def test_a_deleted_key_is_refused_at_once_and_for_ever(
        self, book: KeyBook, database: Database, clock: SetClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        new, other = await make(book), await make(book, "other")
        with caplog.at_level(logging.INFO):
            assert await book.delete(GUILD, new.key.key_id) == new.key
        for each in (book, await opened(database, clock)):
            assert each.find(new.text) is None
            assert each.find(other.text) is not None
        assert [record.__dict__.get("event") for record in caplog.records] == ["api_key_deleted"]

    async def test_no_guild_deletes_the_key_of_another(self, book: KeyBook) -> None:
        new = await make(book)
        for guild_id, key_id in ((ELSEWHERE, new.key.key_id), (GUILD, "00000000"), (GUILD, "no number")):
            with pytest.raises(HeadcountError, match="no such key"):
                await book.delete(guild_id, key_id)
        assert book.find(new.text) is not None

    async def test_a_key_that_could_not_be_deleted_goes_on_working(
        self, book: KeyBook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise it would be gone from the list, and be back after the next start."""
        new = await make(book)

        async def fail(*_args: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        monkeypatch.setattr(keys_module, "delete_api_key", fail)
        with pytest.raises(sqlite3.OperationalError):
            await book.delete(GUILD, new.key.key_id)
        assert book.find(new.text) is not None
        assert len(book.keys_of(GUILD)) == 1

    async def test_the_keys_of_a_guild_whose_data_is_deleted_are_refused(self, book: KeyBook) -> None:
        here, there = await make(book), await make(book, guild_id=ELSEWHERE)
        book.forget(GUILD)
        assert book.find(here.text) is None
        assert book.keys_of(GUILD) == ()
        assert book.find(there.text) is not None

    async def test_who_made_a_key_can_be_forgotten_and_it_goes_on_working(
        self, book: KeyBook, database: Database, clock: SetClock
    ) -> None:
        new, there = await make(book), await make(book, guild_id=ELSEWHERE)
        other = await book.create(GUILD, "other", READ, 8)
        assert await book.forget_creator(GUILD, 7) == 1
        for each in (book, await opened(database, clock)):
            assert each.find(new.text) is not None
            creators = [key.created_by for key in each.keys_of(GUILD) + each.keys_of(ELSEWHERE)]
            assert creators == [8, None, 7]
        assert (other.key.created_by, there.key.created_by) == (8, 7)


class TestUses:
    async def test_a_use_is_known_at_once_and_stored_later(
        self, book: KeyBook, database: Database, clock: SetClock
    ) -> None:
        new, other = await make(book), await make(book, "other")
        assert new.key.last_used_at_ms is None
        clock.time_ms = 5_000
        book.find(new.text)
        clock.time_ms = 6_000
        book.find(new.text)
        assert book.keys_of(GUILD) == (other.key, replace(new.key, last_used_at_ms=6_000))
        assert (await opened(database, clock)).keys_of(GUILD) == (other.key, new.key)
        await book.store_uses()
        assert (await opened(database, clock)).keys_of(GUILD) == book.keys_of(GUILD)

    async def test_a_wrong_key_is_no_use_of_the_right_one(self, book: KeyBook) -> None:
        new = await make(book)
        book.find(new.text[:-1])
        book.find(new.text[:-1] + "~")
        assert book.keys_of(GUILD) == (new.key,)

    async def test_a_use_that_could_not_be_stored_is_stored_the_next_time(
        self, book: KeyBook, database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        new = await make(book)
        book.find(new.text)

        async def fail(*_args: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        with monkeypatch.context() as patch:
            patch.setattr(keys_module, "update_last_uses", fail)
            with pytest.raises(sqlite3.OperationalError):
                await book.store_uses()
        await book.store_uses()
        assert (await opened(database, clock)).keys_of(GUILD)[0].last_used_at_ms == clock.time_ms

    async def test_nothing_is_written_when_no_key_was_used(
        self, book: KeyBook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        new = await make(book)
        book.find(new.text)
        await book.store_uses()

        def refuse() -> None:
            raise AssertionError("it writes")

        monkeypatch.setattr(book._database, "write", refuse)
        await book.store_uses()

    async def test_opening_again_forgets_no_use(self, book: KeyBook, clock: SetClock) -> None:
        new = await make(book)
        book.find(new.text)
        await book.open()
        assert book.keys_of(GUILD)[0].last_used_at_ms == clock.time_ms
