"""The section `[http]`: addresses, websites and the operator's key, and the sentence for each mistake."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Config, HttpConfig
from bot.config_source import (
    ConfigError,
    Loaded,
    fields_by_name,
    load_config,
    read_operator_key,
    variable_for,
)
from bot.config_text import render_effective

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEADCOUNT_CONFIG", raising=False)
    for name in fields_by_name():
        monkeypatch.delenv(variable_for(name), raising=False)


def load(text: str) -> Loaded:
    Path("config.toml").write_text(text, encoding="utf-8")
    return load_config()


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(text)
    return str(caught.value)


def test_the_http_api_is_off_and_for_this_machine_alone_unless_told_otherwise() -> None:
    http = load_config().config.http
    assert (http.enabled, http.host, http.port, http.cors_origins) == (False, "127.0.0.1", 8080, ())


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("[::1]", "::1"),
        ("::", "::"),
        ("0:0::1", "::1"),
        ("localhost", "localhost"),
        ("bot.internal", "bot.internal"),
    ],
)
def test_a_host_is_an_address_or_a_name(host: str, expected: str) -> None:
    assert load(f'[http]\nhost = "{host}"').config.http.host == expected


@pytest.mark.parametrize(
    "host", ["", " ", "*", "http://localhost", "localhost:80", "10.0.0.1/8", "-x", "a b"]
)
def test_a_host_that_is_none_is_refused(host: str) -> None:
    assert refusal(f'[http]\nhost = "{host}"') == (
        "config.toml: http.host must be an address or a name of this machine, without a port: "
        f'127.0.0.1 for example, not "{host}".'
    )


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://example.org", "https://example.org"),
        ("HTTPS://Example.Org/", "https://example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://example.org:443", "https://example.org"),
        ("http://example.org:80", "http://example.org"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("*", "*"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(origin: str, expected: str) -> None:
    assert load(f'[http]\ncors_origins = ["{origin}"]').config.http.cors_origins == (expected,)


@pytest.mark.parametrize(
    "origin",
    [
        "example.org",
        "https://",
        "https://example.org/app",
        "https://example.org?x",
        "https://user@example.org",
        "https://*.example.org",
        "https://example.org:port",
        "https://example.org:99999",
        "ftp://example.org",
        "null",
        "",
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    assert refusal(f'[http]\ncors_origins = ["https://fine.example", "{origin}"]') == (
        "config.toml: http.cors_origins must be addresses like https://example.org, without a path, "
        'or "*" for all websites.'
    )


def test_origins_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_HTTP__CORS_ORIGINS", "https://a.example, https://b.example")
    assert load_config().config.http.cors_origins == ("https://a.example", "https://b.example")
    monkeypatch.setenv("HEADCOUNT_HTTP__CORS_ORIGINS", "a.example")
    with pytest.raises(ConfigError, match=r"^HEADCOUNT_HTTP__CORS_ORIGINS must be addresses"):
        load_config()


def test_origins_that_are_no_list_of_texts_are_refused() -> None:
    assert refusal("[http]\ncors_origins = [5]").startswith(
        "config.toml: http.cors_origins must be a list of texts"
    )
    assert refusal("[http]\nhost = 5").startswith("config.toml: http.host must be a text")


@pytest.mark.parametrize("content", [f"{KEY}\n", f"  {KEY}  "])
def test_the_operator_s_key_may_stand_in_a_file_of_its_own(content: str) -> None:
    Path("key.txt").write_text(content, encoding="utf-8")
    assert read_operator_key(load('[http]\noperator_key_file = "key.txt"').config) == KEY
    assert read_operator_key(load(f'[http]\noperator_key = "{content.strip()}"').config) == KEY
    assert read_operator_key(Config()) is None


@pytest.mark.parametrize("key", ["short", "x" * 31, "x" * 20 + " " + "x" * 20, "ü" * 40])
def test_an_operator_s_key_that_is_easy_to_guess_or_cannot_be_sent_is_refused(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_operator_key(Config(http=HttpConfig(operator_key=SecretStr(key))))
    assert str(caught.value).startswith(
        "http.operator_key does not hold a key: that is one word of 32 characters"
    )
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "The file that http.operator_key_file names cannot be read: No such file or directory."),
        (b"", "The file that http.operator_key_file names is empty."),
        (b"\xff\xfe", "The file that http.operator_key_file names does not hold a key."),
    ],
)
def test_a_key_file_that_is_of_no_use_is_told(content: bytes | None, sentence: str) -> None:
    if content is not None:
        Path("key.txt").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_operator_key(load('[http]\noperator_key_file = "key.txt"').config)
    assert str(caught.value) == sentence


def test_the_operator_s_key_of_the_environment_wins_over_the_file_that_the_configuration_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEADCOUNT_HTTP__OPERATOR_KEY", KEY)
    assert read_operator_key(load('[http]\noperator_key_file = "gone.txt"').config) == KEY


def test_the_operator_s_key_is_masked_when_the_configuration_is_shown() -> None:
    shown = render_effective(load(f'[http]\noperator_key = "{KEY}"'))
    assert KEY not in shown
    assert 'operator_key = "•••• (set)"' in shown
