"""The configuration: file, environment, and the sentence for each mistake."""

import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Config, DiscordConfig, InviteTrackerConfig
from bot.config_source import (
    ConfigError,
    Loaded,
    fields_by_name,
    load_config,
    read_token,
    variable_for,
)
from bot.config_text import render_effective, render_example

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
SECRET = "a-secret-that-nobody-may-see"


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


def test_without_file_and_environment_the_defaults_hold() -> None:
    assert load_config() == Loaded(Config(), {})


def test_making_a_config_reads_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_LOG__LEVEL", "debug")
    assert Config().log.level == "info"


def test_the_file_in_the_working_directory_is_read() -> None:
    loaded = load("[invite_tracker]\nlag_bound_ms = 250\n")
    assert loaded.config.invite_tracker.lag_bound_ms == 250
    assert loaded.origins == {"invite_tracker.lag_bound_ms": "config.toml"}


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_INVITE_TRACKER__LAG_BOUND_MS", "300")
    loaded = load("[invite_tracker]\nlag_bound_ms = 250\npatience_ms = 500\n")
    assert (loaded.config.invite_tracker.lag_bound_ms, loaded.config.invite_tracker.patience_ms) == (300, 500)
    assert loaded.origins["invite_tracker.lag_bound_ms"] == "HEADCOUNT_INVITE_TRACKER__LAG_BOUND_MS"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_INVITE_TRACKER__LAG_BOUND_MS", "")
    assert load("[invite_tracker]\nlag_bound_ms = 250\n").config.invite_tracker.lag_bound_ms == 250


def test_a_token_in_the_environment_replaces_a_token_file_in_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEADCOUNT_DISCORD__TOKEN", SECRET)
    assert read_token(load('[discord]\ntoken_file = "token.txt"\n').config) == SECRET


def test_a_token_file_in_the_environment_replaces_a_token_in_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("token.txt").write_text(SECRET, encoding="utf-8")
    monkeypatch.setenv("HEADCOUNT_DISCORD__TOKEN_FILE", "token.txt")
    assert read_token(load('[discord]\ntoken = "old"\n').config) == SECRET


@pytest.mark.parametrize("text", ["0,1", "[0, 1]", " 0 , 1 "])
def test_shard_ids_come_as_a_list_with_commas_from_the_environment(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_DISCORD__SHARD_IDS", text)
    monkeypatch.setenv("HEADCOUNT_DISCORD__SHARD_COUNT", "2")
    assert load_config().config.discord.shard_ids == (0, 1)


def test_a_single_shard_id_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_DISCORD__SHARD_IDS", "1")
    monkeypatch.setenv("HEADCOUNT_DISCORD__SHARD_COUNT", "2")
    assert load_config().config.discord.shard_ids == (1,)


@pytest.mark.parametrize(("text", "joins"), [("7", 7), ("0", 0), ("while_member", "while_member")])
def test_the_retention_of_joins_comes_from_the_environment(
    text: str, joins: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADCOUNT_RETENTION__JOINS", text)
    assert load_config().config.retention.joins == joins


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[invite_tracker]\npatience_ms = 5",
            "config.toml: invite_tracker.patience_ms must be between 100 and 120000, not 5.",
        ),
        (
            '[invite_tracker]\npatience_ms = "no"',
            (
                "config.toml: invite_tracker.patience_ms must be a whole number between 100 and 120000, "
                'not "no".'
            ),
        ),
        (
            "[invite_tracker]\npatience_ms = 0.5",
            "config.toml: invite_tracker.patience_ms must be a whole number between 100 and 120000, not 0.5.",
        ),
        (
            "[heartbeat]\ninterval_seconds = inf",
            "config.toml: heartbeat.interval_seconds must be between 0.1 and 300, not inf.",
        ),
        (
            "[heartbeat]\ninterval_seconds = []",
            "config.toml: heartbeat.interval_seconds must be a number between 0.1 and 300.",
        ),
        (
            '[invite_tracker]\nmember_scan = "perhaps"',
            'config.toml: invite_tracker.member_scan must be true or false, not "perhaps".',
        ),
        (
            '[log]\nlevel = "loud"',
            'config.toml: log.level must be one of "debug", "info", "warning" or "error", not "loud".',
        ),
        ("[storage]\npath = 3", "config.toml: storage.path must be a text, not 3."),
        (
            "[discord]\nshard_count = 0",
            "config.toml: discord.shard_count must be between 1 and 16384, not 0.",
        ),
        (
            "[discord]\ncommand_guild_id = -1",
            "config.toml: discord.command_guild_id must be at least 1, not -1.",
        ),
        (
            '[discord]\nshard_ids = ["x"]\nshard_count = 2',
            'config.toml: discord.shard_ids must be a list of whole numbers, not "x".',
        ),
        (
            "[discord]\nshard_ids = [0]",
            "config.toml: discord.shard_ids needs discord.shard_count as well.",
        ),
        (
            "[discord]\nshard_ids = [2]\nshard_count = 2",
            "config.toml: discord.shard_ids must lie between 0 and discord.shard_count - 1.",
        ),
        (
            "[discord]\nshard_ids = [0, 0]\nshard_count = 2",
            "config.toml: discord.shard_ids must not name a shard twice.",
        ),
        (
            "[invite_tracker]\nrequest_distance_least_ms = 2000",
            (
                "config.toml: invite_tracker.request_distance_least_ms must not be greater than "
                "invite_tracker.request_distance_most_ms."
            ),
        ),
        (
            '[retention]\njoins = "for ever"',
            (
                "config.toml: retention.joins must be a number of days from 1 to 3650, 0 (keep for ever) or "
                '"while_member", not "for ever".'
            ),
        ),
        (
            "[retention]\njoins = true",
            (
                "config.toml: retention.joins must be a number of days from 1 to 3650, 0 (keep for ever) or "
                '"while_member", not true.'
            ),
        ),
        (
            "[invite_tracker]\nlag_boun = 500",
            (
                "config.toml: invite_tracker.lag_boun is not a known setting "
                "(did you mean invite_tracker.lag_bound_ms?)."
            ),
        ),
        ("[invites]\nx = 1", "config.toml: invites is not a known setting."),
        ("discord = 3", "config.toml: discord must be a section of its own, like [section], not 3."),
    ],
)
def test_a_wrong_value_is_told_with_its_field_and_its_rule(text: str, sentence: str) -> None:
    assert refusal(text) == sentence


def test_broken_toml_is_told_with_its_line() -> None:
    sentence = refusal("[discord]\nshard_count = = 2\n")
    assert sentence.startswith("config.toml: is not valid TOML: ")
    assert "line 2" in sentence


def test_a_file_in_another_encoding_is_told() -> None:
    Path("config.toml").write_bytes(b'[storage]\npath = "\xff"\n')
    with pytest.raises(ConfigError, match=r"^config\.toml: is not UTF-8 text\.$"):
        load_config()


def test_a_wrong_variable_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_INVITE_TRACKER__LAG_BOUND_MS", "5")
    with pytest.raises(ConfigError) as caught:
        load_config()
    assert str(caught.value) == "HEADCOUNT_INVITE_TRACKER__LAG_BOUND_MS must be between 100 and 10000, not 5."


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("HEADCOUNT_DISCORD__TOKN", " (did you mean HEADCOUNT_DISCORD__TOKEN?)."),
        ("HEADCOUNT_DISCORD_TOKEN", "; write HEADCOUNT_DISCORD__TOKEN."),
        ("HEADCOUNT_DISCORD", "."),
        ("HEADCOUNT_ELSEWHERE__ZZZ", "."),
    ],
)
def test_an_unknown_variable_is_refused_without_its_value(
    variable: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, SECRET)
    with pytest.raises(ConfigError) as caught:
        load_config()
    assert str(caught.value).startswith(f"The environment variable {variable} is not known")
    assert str(caught.value).endswith(hint)
    assert SECRET not in str(caught.value)


def test_variables_of_other_programs_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_SERVICE_HOST", "10.0.0.1")
    assert load_config().config == Config()


def test_a_missing_file_matters_only_when_it_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"^The configuration file other\.toml does not exist\.$"):
        load_config(Path("other.toml"))
    monkeypatch.setenv("HEADCOUNT_CONFIG", "another.toml")
    with pytest.raises(ConfigError, match=r"^The configuration file another\.toml does not exist\.$"):
        load_config()


def test_a_folder_in_place_of_the_file_is_told() -> None:
    Path("config.toml").mkdir()
    with pytest.raises(ConfigError, match=r"^The configuration file config\.toml cannot be read: "):
        load_config()


@pytest.mark.parametrize(
    "text",
    [
        f'[discord]\ntoken = "{SECRET}"\ntoken_file = "token.txt"',
        f'[discord]\ntokn = "{SECRET}"',
        f'[discord]\ntoken = ["{SECRET}"]',
        f'[discord]\napi_base = "{SECRET}"',
        f'[discord]\ngateway_url = "https://user:{SECRET}@localhost"',
        f'[http]\noperator_key = "{SECRET}"\noperator_key_file = "key.txt"',
        f'[http]\noperator_key = ["{SECRET}"]',
        f'[http]\noperator_kye = "{SECRET}"',
    ],
)
def test_no_refusal_shows_a_secret(text: str) -> None:
    assert SECRET not in refusal(text)


@pytest.mark.parametrize(
    "address",
    ["discord.com", "ftp://discord.com", "http://", "http://host:port", "https://h/?token=1", "https://u@h"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    assert refusal(f'[discord]\napi_base = "{address}"').startswith("config.toml: discord.api_base must ")


def test_the_slash_at_the_end_of_an_address_is_dropped() -> None:
    loaded = load(
        '[discord]\napi_base = "http://localhost:8080/api/v10/"\ngateway_url = "ws://localhost:8080/"\n'
    )
    assert loaded.config.discord.api_base == "http://localhost:8080/api/v10"
    assert loaded.config.discord.gateway_url == "ws://localhost:8080"


def test_a_config_cannot_be_changed() -> None:
    config = Config()
    with pytest.raises(ValueError, match="frozen"):
        config.log = Config().log
    with pytest.raises(ValueError, match="frozen"):
        config.log.level = "debug"


def test_the_token_is_stripped_wherever_it_comes_from() -> None:
    Path("token.txt").write_text(f"\n {SECRET} \n", encoding="utf-8")
    assert read_token(Config(discord=DiscordConfig(token_file=Path("token.txt")))) == SECRET
    assert read_token(load(f'[discord]\ntoken = " {SECRET}\\n"').config) == SECRET


def test_a_missing_token_is_told_with_where_it_goes() -> None:
    with pytest.raises(
        ConfigError, match=r"^There is no token: set HEADCOUNT_DISCORD__TOKEN, or discord\.token_file"
    ):
        read_token(load('[discord]\ntoken = ""\n').config)


def test_a_token_in_place_of_its_file_stays_untold() -> None:
    config = Config(discord=DiscordConfig(token_file=Path(SECRET)))
    with pytest.raises(
        ConfigError, match=r"^The file that discord\.token_file names cannot be read: "
    ) as caught:
        read_token(config)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("content", "end"), [(b" \n", "is empty."), (b"\xff\xfe", "does not hold a token.")])
def test_a_token_file_without_a_token_is_told(content: bytes, end: str) -> None:
    Path("token.txt").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_token(Config(discord=DiscordConfig(token_file=Path("token.txt"))))
    assert str(caught.value) == f"The file that discord.token_file names {end}"


def test_a_config_shows_no_token_when_it_is_printed() -> None:
    assert SECRET not in repr(load(f'[discord]\ntoken = "{SECRET}"').config)


def test_the_effective_configuration_is_toml_with_secrets_masked() -> None:
    loaded = load(f'[discord]\ntoken = "{SECRET}"\n[storage]\npath = \'a"b\\c\'\n')
    text = render_effective(loaded)
    assert SECRET not in text
    values = tomllib.loads(text)
    assert values["discord"] == {"token": "•••• (set)", "shard_ids": [], "parse_messages": False}
    assert values["storage"] == {"path": 'a"b\\c'}
    assert values["invite_tracker"] == InviteTrackerConfig().model_dump()


def test_the_effective_configuration_says_where_values_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADCOUNT_DISCORD__TOKEN", SECRET)
    lines = render_effective(load('[log]\nlevel = "debug"\n')).splitlines()
    assert 'level = "debug"  # config.toml' in lines
    assert 'format = "text"  # default' in lines
    assert 'token = "•••• (set)"  # HEADCOUNT_DISCORD__TOKEN' in lines
    assert "# api_base is not set" in lines


def test_the_example_in_the_repository_is_the_one_that_the_fields_describe() -> None:
    """Every field, its meaning and its default come from the model: `python -m bot config --example`."""
    assert EXAMPLE.read_text(encoding="utf-8") == render_example()


def test_the_example_parses_as_it_is_and_changes_nothing() -> None:
    assert load(EXAMPLE.read_text(encoding="utf-8")).config == Config()


def test_the_example_names_every_field_and_each_can_be_taken() -> None:
    lines = [
        line.removeprefix("#")
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
        # A comment has a space after its mark, a field has none; a secret excludes its file.
        if line and not line.startswith(("# ", "#token =", "#operator_key ="))
    ]
    loaded = load("\n".join(lines))
    assert set(loaded.origins) == set(fields_by_name()) - {"discord.token", "http.operator_key"}


def test_every_field_has_a_description() -> None:
    for name, model in fields_by_name().items():
        description = model.model_fields[name.partition(".")[2]].description
        assert description, name
        assert description.endswith("."), name


@pytest.mark.parametrize("token", ["two words", "Bot abc", "one\ntwo", "bell\x07", "é.x.y"])
def test_a_token_that_cannot_stand_in_a_header_is_refused_without_being_told(token: str) -> None:
    Path("token.txt").write_text(token, encoding="utf-8")
    for config in (
        Config(discord=DiscordConfig(token_file=Path("token.txt"))),
        Config(discord=DiscordConfig(token=SecretStr(token))),
    ):
        with pytest.raises(ConfigError, match="does not hold a token") as refused:
            read_token(config)
        assert token not in str(refused.value)


@pytest.mark.parametrize("field", ["[storage]\npath", "[discord]\ntoken_file"])
def test_a_path_with_a_zero_byte_is_refused(field: str) -> None:
    with pytest.raises(ConfigError, match="must be a path, without zero bytes"):
        load(f'{field} = "a\\u0000b"\n')
