"""Pages of websites may call the API in a browser where the operator says so, and nowhere else."""

import pytest

from storage.database import Database
from tests.bot.web.http_servers import AS_OPERATOR, asking, message_of

SITE = "https://example.org"


def preflight(origin: str, headers: str = "authorization,content-type") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": headers,
    }


async def test_a_browser_may_ask_first_without_a_key(database: Database) -> None:
    async with asking(database, cors_origins=(SITE,)) as (_bot, client):
        answer = await client.options("/modules/anything", headers=preflight(SITE))
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SITE
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [preflight("https://example.com"), preflight("http://example.org"), preflight(SITE, "x-other")],
    ids=["another site", "not encrypted", "another header"],
)
async def test_a_page_that_may_not_is_refused(database: Database, headers: dict[str, str]) -> None:
    async with asking(database, cors_origins=(SITE,)) as (_bot, client):
        answer = await client.options("/modules/anything", headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(("origin", "allowed"), [(SITE, SITE), ("https://example.com", None)])
async def test_answers_and_refusals_say_which_pages_may_read_them(
    database: Database, origin: str, allowed: str | None
) -> None:
    async with asking(database, cors_origins=("https://other.example", SITE)) as (_bot, client):
        refusal = await client.get("/modules/anything", headers={"Origin": origin})
        answer = await client.get("/nowhere", headers={"Origin": origin, **AS_OPERATOR})
    assert message_of(refusal, 401)
    assert message_of(answer, 404)
    for one in (refusal, answer):
        assert one.headers.get("access-control-allow-origin") == allowed
    if allowed is not None:
        assert "X-RateLimit-Remaining" in answer.headers["access-control-expose-headers"]


async def test_a_star_means_all_websites(database: Database) -> None:
    async with asking(database, cors_origins=("*",)) as (_bot, client):
        answer = await client.options("/modules/anything", headers=preflight("https://anything.example"))
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_without_a_list_no_page_may_and_there_is_nothing_to_ask_first(database: Database) -> None:
    async with asking(database) as (_bot, client):
        asked = await client.options("/modules/anything", headers=preflight(SITE))
        answer = await client.get("/livez", headers={"Origin": SITE})
    assert message_of(asked, 401)
    for one in (asked, answer):
        assert not [name for name in one.headers if name.startswith("access-control")]
