"""What the whole project promises, checked on its own text."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot import __version__

ROOT = Path(__file__).parents[1]
FLOORS = ("bot", "cogs", "storage")
LINES_MOST = 420

# Names that say nothing; what belongs together has a name of its own.
VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|commons?|stuff)(_|$)", re.IGNORECASE)
CLASS = re.compile(r"^ *class (\w+)", re.MULTILINE)
# Clock readings by the last two names of what is called, or by what is imported.
CLOCK_READINGS = frozenset(
    {
        "time.time",
        "time.time_ns",
        "time.monotonic",
        "time.monotonic_ns",
        "time.perf_counter",
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "utils.utcnow",
        "discord.utcnow",
    }
)
# Deadlines of the event loop: the local Discord schedules with them, and is no part of the bot.
LOOP_READINGS = frozenset({"loop.time", "_loop.time", "get_running_loop().time", "get_event_loop().time"})
READS_THE_CLOCK = ROOT / "bot" / "clock.py"


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def forget_what_was_parsed() -> Iterator[None]:
    """Most tests of this file look at the same files; no other test does."""
    yield
    parsed.cache_clear()


def trees(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sources(*folders):
        yield path.relative_to(ROOT), parsed(path)


def dotted(node: ast.expr) -> str:
    """Return `a.b().c` for such an expression, and nothing for any other."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{dotted(node.value)}.{node.attr}"
        case ast.Call():
            return f"{dotted(node.func)}()"
        case _:
            return ""


def imported_modules(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


def test_arrows_point_down() -> None:
    """The import contract of pyproject.toml: cogs, then bot, then storage; cogs do not import each other."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_storage_knows_neither_discord_nor_the_web() -> None:
    for path, tree in trees("storage"):
        packages = {name.partition(".")[0] for name in imported_modules(tree)}
        assert not packages & {"discord", "aiohttp", "apscheduler", "pydantic", "simcord"}, path


def test_every_import_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = {distribution_of(line) for line in project["dependencies"]}
    demo = {distribution_of(line) for line in project["optional-dependencies"]["demo"]}
    # Part of what discord.py, FastAPI, pydantic and matplotlib bring along, and pinned in the lock file.
    base |= {"aiohttp", "yarl", "starlette", "pydantic_core", "PIL", "numpy"}
    for path, tree in trees(*FLOORS):
        packages = {name.partition(".")[0] for name in imported_modules(tree)}
        packages -= sys.stdlib_module_names | set(FLOORS)
        allowed = base | demo if path.is_relative_to("bot/sandbox") else base
        assert packages <= allowed, f"{path} imports {packages - allowed}"


def distribution_of(requirement: str) -> str:
    name = re.split(r"[<>=\[ ]", requirement, maxsplit=1)[0].lower().replace("-", "_")
    return {"discord.py": "discord"}.get(name, name)


@pytest.mark.parametrize("folder", [*FLOORS, "tests"])
def test_every_folder_with_modules_is_a_package(folder: str) -> None:
    for path in sources(folder):
        assert (path.parent / "__init__.py").exists(), path.parent


def test_no_file_is_longer_than_it_can_be_read() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources(*FLOORS, "tests")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LINES_MOST
    }
    assert not long


def test_only_the_clock_reads_the_time() -> None:
    readings: list[str] = []
    for path, tree in trees(*FLOORS):
        if ROOT / path == READS_THE_CLOCK:
            continue
        forbidden = CLOCK_READINGS if path.is_relative_to("bot/sandbox") else CLOCK_READINGS | LOOP_READINGS
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                read = ".".join(dotted(node).split(".")[-2:])
                if read in forbidden:
                    readings.append(f"{path}:{node.lineno} {read}")
            elif isinstance(node, ast.ImportFrom):
                module = (node.module or "").rpartition(".")[2]
                readings += [
                    f"{path}:{node.lineno} {module}.{alias.name}"
                    for alias in node.names
                    if f"{module}.{alias.name}" in CLOCK_READINGS
                ]
    assert not readings


@pytest.mark.parametrize(
    "code",
    [
        "time.time()",
        "datetime.datetime.now(UTC)",
        "discord.utils.utcnow()",
        "asyncio.get_running_loop().time()",
    ],
)
def test_readings_of_a_clock_are_found_in_each_of_their_forms(code: str) -> None:
    called = dotted(ast.parse(code, mode="eval").body).removesuffix("()")
    assert ".".join(called.split(".")[-2:]) in CLOCK_READINGS | LOOP_READINGS


def test_every_listener_has_a_name_that_discord_py_dispatches() -> None:
    """A listener with any other name is dead code: it would never be called."""
    dispatched = dispatched_events()
    assert {"member_join", "raw_member_remove", "interaction", "shard_ready"} <= dispatched
    assert "member_leave" not in dispatched
    unheard = [
        f"{path}:{node.lineno} {name}"
        for path, tree in trees("bot", "cogs")
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef)
        for name in listener_names(node)
        if name.removeprefix("on_") not in dispatched
    ]
    assert not unheard


def test_listeners_are_found_in_each_of_their_forms() -> None:
    """The check above would prove nothing if it overlooked listeners."""
    code = """
class Cog:
    @commands.Cog.listener()
    async def on_one(self): ...
    @commands.Cog.listener("on_two")
    async def whatever(self): ...
    @Cog.listener(name="on_three")
    async def whatever_else(self): ...
class Client(discord.Client):
    async def on_four(self): ...
class Screen(discord.ui.View):
    async def on_timeout(self): ...
"""
    functions = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.AsyncFunctionDef)]
    assert [name for node in functions for name in listener_names(node)] == ["on_one", "on_two", "on_three"]


def listener_names(function: ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        if call is None or not dotted(call.func).endswith((".listener", ".event", ".listen")):
            continue
        named = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "name")]
        constants = [node.value for node in named if isinstance(node, ast.Constant)]
        yield str(constants[0]) if constants else function.name


def dispatched_events() -> set[str]:
    """Return the names that discord.py hands to `dispatch`, read from its source."""
    spec = find_spec("discord")
    assert spec is not None
    assert spec.origin is not None
    library = Path(spec.origin).parent
    names: set[str] = set()
    codes = [path.read_text(encoding="utf-8") for path in sorted(library.rglob("*.py"))]
    for code in codes:
        for node in ast.walk(ast.parse(code)) if "dispatch(" in code else ():
            if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {
                "dispatch",
                "_dispatch",
            }:
                names |= {
                    argument.value
                    for argument in node.args[:1]
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                }
    return names


def test_simcord_is_imported_in_one_file() -> None:
    """Its inside changes with every release: one file to adapt."""
    importers = {
        str(path)
        for path, tree in trees(*FLOORS)
        if any(name.partition(".")[0] == "simcord" for name in imported_modules(tree))
    }
    assert importers == {"bot/sandbox/backend.py"}


def test_nothing_has_a_vague_name() -> None:
    vague: list[str] = []
    for file in sources(*FLOORS, "tests"):
        path = file.relative_to(ROOT)
        vague += [str(part) for part in (path, path.parent) if VAGUE.search(part.stem)]
        vague += [
            f"{path}: {name}"
            for name in CLASS.findall(file.read_text(encoding="utf-8"))
            if VAGUE.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))
        ]
    assert not vague


def test_a_test_starts_a_client_that_leaves_the_features_loaded() -> None:
    """Another one takes their modules away when it is closed: what later tests replace in them would be nobody's."""
    taking = [
        f"{path}:{node.lineno}"
        for path, tree in trees("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "HeadcountClient"
    ]
    assert not taking


def test_no_unfinished_work_is_left() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|pytest\.mark\.(skip|xfail)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in sources(*FLOORS, "tests")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unfinished.search(line)
    ]
    assert not found


def test_every_module_says_what_it_is() -> None:
    silent = [str(path) for path, tree in trees(*FLOORS) if tree.body and not ast.get_docstring(tree)]
    assert not silent


def test_the_changelog_names_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"\b{re.escape(__version__)}\b", text)
    assert re.search(rf"^## (Unreleased|{re.escape(__version__)}\b)", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-demo.lock", "requirements-test.lock"])
def test_a_lock_file_has_hashes_and_no_registry_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        assert "==" in requirement, requirement
        assert "--hash=sha256:" in requirement, requirement


def test_the_base_lock_file_has_no_local_discord() -> None:
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"^(simcord|rich|pytest)\b", locked, re.MULTILINE)
