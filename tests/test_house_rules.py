"""The rules that no other tool checks, each with its reason."""

import ast
import importlib.metadata
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest

from presently_server.settings import Settings

ROOT: Final = Path(__file__).parents[1]
LONGEST: Final = 300
"""Lines. What does not fit has two subjects."""

TESTED: Final = ("schemas", "broker", "hub", "gateway", "producers/postgres")

PROVEN_ELSEWHERE: Final[dict[str, tuple[str, ...]]] = {
    "only names and shapes": (
        "broker/errors.py",
        "broker/port.py",
        "gateway/actions.py",
        "gateway/effects.py",
        "gateway/settings.py",
        "producers/postgres/rows.py",
    ),
    "tests/contract, on the in-memory broker": ("broker/memory_channel.py",),
    "tests/contract, on RabbitMQ": (
        "broker/amqp.py",
        "broker/amqp_channel.py",
        "broker/amqp_link.py",
        "broker/amqp_names.py",
        "broker/amqp_topology.py",
    ),
    "tests/integration/gateway and tests/journey": (
        "gateway/api_listener.py",
        "gateway/dead.py",
        "gateway/downlink.py",
        "gateway/drain.py",
        "gateway/link.py",
        "gateway/lookups.py",
        "gateway/metrics.py",
        "gateway/reader.py",
        "gateway/server.py",
        "gateway/uplink.py",
    ),
    "tests/integration/hub": (
        "hub/behind.py",
        "hub/claim.py",
        "hub/control.py",
        "hub/keeper.py",
        "hub/line.py",
        "hub/metrics.py",
        "hub/owner.py",
        "hub/workplace.py",
    ),
    "tests/integration/producers/postgres": (
        "producers/postgres/database.py",
        "producers/postgres/post.py",
    ),
}
"""Source files without a test file of their own, by what proves them instead."""

OUR_PACKAGES: Final = (
    "schemas",
    "broker",
    "gateway",
    "hub",
    "producers",
    "presently_server",
    "demo",
    "presently",
)

REGISTRY: Final = re.compile(
    r"pypi\.org|pythonhosted\.|registry\.npmjs|yarnpkg\.|index[-]url|--find[-]links"
    r"|crates\.io|rubygems\.|packagist\.|repo1?\.maven|proxy\.golang"
)
SOMEBODYS_PATH: Final = re.compile(r"(?<![\w.$}])/(?:home|Users|root|work|farm)/\w")
SLEEP: Final = re.compile(r"\b(?:asyncio|time|anyio)\.sleep\((?!0\))")
NOT_RUN: Final = re.compile(r"pytest\.(?:mark\.)?(?:skip|xfail|importorskip)")


def files(*suffixes: str) -> list[Path]:
    """What git knows, or would on `git add`: relative paths with one of these suffixes."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (Path(name) for name in listing.split("\0") if name)
    return sorted(
        path
        for path in paths
        if (not suffixes or path.suffix in suffixes) and (ROOT / path).is_file()
    )


def text(path: Path) -> str:
    try:
        return (ROOT / path).read_text()
    except UnicodeDecodeError:
        return ""


def found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """`file:line: text` of every hit."""
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(text(path).splitlines(), 1)
        if pattern.search(line)
    ]


def within(path: Path, *folders: str) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def test_no_file_is_too_long() -> None:
    lengths = {path: len(text(path).splitlines()) for path in files(".py", ".js", ".sql")}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def has_its_test(source: Path, tests: set[Path]) -> bool:
    """A unit test; or, for a shell, one with its real neighbour in `tests/integration`."""
    name = Path(source.parent, f"test_{source.name}")
    return Path("tests/unit", name) in tests or Path("tests/integration", name) in tests


def test_every_source_file_has_its_test() -> None:
    tests = set(files(".py"))
    sources = [path for path in tests if within(path, *TESTED) and path.name != "__init__.py"]
    untested = {str(path) for path in sources if not has_its_test(path, tests)}
    elsewhere = {name for names in PROVEN_ELSEWHERE.values() for name in names}
    assert sorted(untested - elsewhere) == []
    assert [name for name in sorted(elsewhere) if Path(name) not in tests] == [], "gone"


def test_every_folder_of_tests_is_a_package() -> None:
    """Otherwise pytest would import `tests/unit/demo` as `demo`, and hide the real one."""
    folders = {path.parent for path in files(".py") if within(path, "tests")}
    assert [folder for folder in sorted(folders) if folder / "__init__.py" not in files()] == []


def test_an_init_holds_no_logic() -> None:
    for path in files(".py"):
        if path.name == "__init__.py" and within(path, *TESTED, "presently_server", "demo"):
            code = re.sub(r'^\s*("""|\').*?\1', "", text(path), flags=re.S)
            statements = re.findall(r"^(?:def|class|if|for|async|with|try)\b.*", code, flags=re.M)
            assert statements == [], path


def test_what_says_it_is_pure_is_held_to_it() -> None:
    """`lint-imports` checks a list in pyproject.toml; this checks that the list is complete."""
    contracts = tomllib.loads(text(Path("pyproject.toml")))["tool"]["importlinter"]["contracts"]
    (held,) = (set(c["source_modules"]) for c in contracts if c["name"].startswith("The pure"))
    folders = ("broker", "hub", "gateway", "producers/postgres")
    pure = {
        ".".join(path.with_suffix("").parts)
        for path in files(".py")
        if within(path, *folders) and says_it_is_pure(text(path))
    }
    assert sorted(pure - held) == []
    assert sorted(held - pure) == []


def says_it_is_pure(source: str) -> bool:
    """Whether the docstring has the sentence "Pure." or "Pure: …"."""
    docstring = ast.get_docstring(ast.parse(source)) or ""
    return re.search(r"\bPure[.:]", docstring) is not None


def test_a_pure_file_makes_no_time_and_no_luck() -> None:
    makes = re.compile(r"\.(?:now|utcnow|today|uuid1|uuid4)\(|\buuid4\(|\burandom\(")
    pure = [path for path in files(".py") if says_it_is_pure(text(path))]
    assert found(makes, [path for path in pure if not within(path, "tests")]) == []


def test_no_package_registry_is_named() -> None:
    """Where packages come from is the machine's business, not the project's."""
    assert found(REGISTRY, files()) == []
    assert [path for path in files() if path.name in ("uv.lock", "Cargo.lock")] == []


def test_npm_locks_name_no_address() -> None:
    for path in files(".json"):
        if path.name == "package-lock.json":
            packages = json.loads(text(path))["packages"]
            assert [name for name, facts in packages.items() if "resolved" in facts] == []


def test_no_path_of_one_machine() -> None:
    assert found(SOMEBODYS_PATH, files()) == []


def test_quick_tests_do_not_sleep() -> None:
    quick = [path for path in files(".py") if within(path, "tests/unit", "tests/property")]
    assert found(SLEEP, quick) == []


def test_every_test_is_run() -> None:
    this = Path("tests/test_house_rules.py")
    tests = [path for path in files(".py") if within(path, "tests") and path != this]
    assert found(NOT_RUN, tests) == []


def test_every_setting_is_documented() -> None:
    page = text(Path("docs/settings.md"))
    names = [f"PRESENTLY_{name.upper()}" for name in Settings.__struct_fields__]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_our_names_are_ours() -> None:
    """No other distribution here has a package that would shadow ours, or be shadowed."""
    owners = importlib.metadata.packages_distributions()
    others = {
        name: set(owners.get(name, ())) - {"presently", "presently-server"} for name in OUR_PACKAGES
    }
    assert {name: owner for name, owner in others.items() if owner} == {}


@pytest.mark.parametrize("pinned", ["server", "dev"])
def test_what_we_depend_on_is_pinned_with_its_hash(pinned: str) -> None:
    pins = re.findall(r"^([a-z0-9-]+)==\S+ .*\\\n +--hash=", text_of(pinned), flags=re.M)
    project = tomllib.loads(text(Path("pyproject.toml")))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in wanted}
    assert sorted(names - {"presently"} - set(pins)) == []


def text_of(pinned: str) -> str:
    return text(Path("requirements", f"{pinned}.txt"))
