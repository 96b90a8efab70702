"""The house's own rules: sizes, names, and that what is said somewhere exists elsewhere."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest
import typer
from typer.core import TyperGroup

from hutong.cli import build
from hutong.listing import LINES
from standards.errors import ExplainedError

ROOT = Path(__file__).parents[1]
PACKAGES = ("standards", "metadata", "directory", "exchange", "pipelines", "hutong")
MOST_LINES = 400
MOST_README_BYTES = 10_000  # a package's README is its door: what is longer goes into docs/ beside it
NOT_NOUNS = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmmirror|deb\.debian\.org|archive\.ubuntu|tsinghua\.edu|mirrors?\.aliyun"
)
UTC_DAY = re.compile(r"now\((?:UTC)?\)\.date\(\)|date\.today\(\)")
COMMAND = re.compile(r"(?<![\w/.-])hutong ((?:[a-z][a-z_]*)(?: [a-z][a-z_-]*)?)")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for line in listed.splitlines() if (path := ROOT / line).is_file()]


def modules(package: str) -> Iterator[ModuleType]:
    yield importlib.import_module(package)
    for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
        if found.name.rpartition(".")[2] == "errors":
            yield importlib.import_module(found.name)


def error_classes() -> dict[str, type[ExplainedError]]:
    """Every package's error class by name."""
    found = {}
    for package in PACKAGES:
        for module in modules(package):
            for name, value in inspect.getmembers(module, inspect.isclass):
                if issubclass(value, ExplainedError) and value is not ExplainedError:
                    found[name] = value
    return found


def code_literals() -> Mapping[str, int]:
    """How often each text constant stands in the packages' code."""
    counts: dict[str, int] = {}
    for path in tracked(*(f"{package}/**.py" for package in PACKAGES)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                counts[node.value] = counts.get(node.value, 0) + 1
    return counts


def composed_codes() -> list[re.Pattern[str]]:
    """Codes that the code puts together, such as ``f"{peer}_DOWN"``, as patterns."""
    found = []
    for path in tracked(*(f"{package}/**.py" for package in PACKAGES)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                if any(parts) and all(part is None or re.fullmatch(r"[A-Z0-9_]+", str(part)) for part in parts):
                    found.append(re.compile("".join("[A-Z0-9]+" if part is None else str(part) for part in parts)))
    return found


def commands() -> set[str]:
    """Every command as it is typed, without ``hutong``: ``serve``, ``db``, ``db start``."""
    root = typer.main.get_command(build(LINES))
    assert isinstance(root, TyperGroup)
    found = set()
    for name, command in root.commands.items():
        found.add(name)
        if isinstance(command, TyperGroup):
            found |= {f"{name} {below}" for below in command.commands}
    return found


def said_commands(text: str) -> set[str]:
    """The commands that a text tells its reader to type; a word after a command that takes an argument is none."""
    return {match.group(1) for match in COMMAND.finditer(text)}


def test_no_file_is_longer_than_one_noun_needs() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long, f"split by noun: {long}"


def test_files_are_named_for_nouns() -> None:
    assert not [path for path in tracked("*.py") if path.stem in NOT_NOUNS]


def test_days_are_those_of_shanghai() -> None:
    """From four in the afternoon UTC on, a day of UTC is yesterday's here, and what is right is refused as past."""
    places = ("directory/**.py", "hutong/**.py", "tests/directory/**.py", "tests/flows/**.py", "tests/sim/**.py")
    assert not [str(path.relative_to(ROOT)) for path in tracked(*places) if UTC_DAY.search(path.read_text("utf-8"))]


def test_no_registrys_address_is_committed() -> None:
    own = Path(__file__)
    named = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path != own and REGISTRIES.search(text):
            named.append(str(path.relative_to(ROOT)))
    assert not named


def test_locks_have_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        pinned = [line for line in lines if re.match(r"[a-z0-9]", line)]
        assert pinned
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9._-]*==\S+( ;.*)? \\", line) for line in pinned), name
        assert not [line for line in lines if "://" in line or line.startswith("-")], name


def test_no_code_is_explained_twice() -> None:
    """The tables of the features are put together, and the later of two would silently take the other's place."""
    places: dict[str, list[str]] = {}
    for path in tracked("directory/**.py"):
        if path.name.startswith("explanations") or path == ROOT / "directory" / "errors.py":
            for code in re.findall(
                r'^    "([A-Z0-9_]+)": Explanation\(', path.read_text(encoding="utf-8"), re.MULTILINE
            ):
                places.setdefault(code, []).append(str(path.relative_to(ROOT)))
    assert len(places) > 300
    assert not {code: each for code, each in places.items() if len(each) > 1}


def test_every_error_that_is_raised_is_explained() -> None:
    classes = error_classes()
    unknown = []
    for path in tracked(*(f"{package}/**.py" for package in PACKAGES)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes):
                continue
            given = node.args[0] if node.args else None
            if isinstance(given, ast.Constant) and given.value not in classes[node.func.id].explanations:
                unknown.append(f"{path.relative_to(ROOT)}:{node.lineno} {given.value}")
    assert not unknown


def test_every_explained_error_is_used() -> None:
    """A code stands in its table; where it stands nowhere else, nobody raises it."""
    literals, composed = code_literals(), composed_codes()
    unused = [
        f"{name}.{code}"
        for name, kind in error_classes().items()
        for code in kind.explanations
        if literals.get(code, 0) < 2 and not any(pattern.fullmatch(code) for pattern in composed)
    ]
    assert not unused


@pytest.mark.parametrize("name", sorted(error_classes()))
def test_every_explanation_is_whole(name: str) -> None:
    for code, explanation in error_classes()[name].explanations.items():
        assert re.fullmatch(r"[A-Z][A-Z0-9_]+", code)
        assert re.search(r"[一-鿿]", explanation.zh), code
        assert explanation.en.isascii() or re.search(r"[A-Za-z]", explanation.en), code
        assert explanation.next_step.strip(), code
        assert 200 <= explanation.status < 600, code


def test_commands_that_errors_recommend_exist() -> None:
    there = commands()
    wrong = {
        f"{name}.{code}: hutong {said}"
        for name, kind in error_classes().items()
        for code, explanation in kind.explanations.items()
        for said in said_commands(explanation.next_step)
        if said not in there and said.split()[0] not in there - {each.split()[0] for each in there if " " in each}
    }
    assert not wrong


def test_commands_in_the_documents_exist() -> None:
    there = commands()
    with_arguments = {name for name in there if " " not in name and not any(o.startswith(f"{name} ") for o in there)}
    wrong = {
        f"{path.relative_to(ROOT)}: hutong {said}"
        for path in tracked("*.md", "*.sh", "Makefile", "docker-compose.yml", ".ci/*")
        for said in said_commands(path.read_text(encoding="utf-8"))
        if said not in there and said.split()[0] not in with_arguments
    }
    assert not wrong


def test_settings_in_the_documents_exist() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in tracked("*.py", "*.sh", "docker-compose.yml"))
    fields = set(re.findall(r"^    ([a-z_]+): ", code, flags=re.MULTILINE))
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked("*.md", "docker-compose.yml", "deploy/*")
        for name in re.findall(r"\bHUTONG_[A-Z_]+\b", path.read_text(encoding="utf-8"))
        if name not in code and not any(name.lower().endswith(f"_{field}") for field in fields)
    }
    assert not wrong


def pages(package: str) -> list[Path]:
    """What a package says of itself: its README, and what lies in docs/ beside it."""
    return [ROOT / package / "README.md", *tracked(f"{package}/docs/*.md")]


def test_files_and_names_in_the_packages_pages_exist() -> None:
    code, wrong = tracked("*.py"), set()
    for path in [page for package in PACKAGES for page in pages(package)]:
        for file, name in re.findall(r"([a-z_]+(?:/[a-z_]+)*\.py)(?::(\w+))?", path.read_text(encoding="utf-8")):
            texts = [each.read_text(encoding="utf-8") for each in code if f"/{each}".endswith(f"/{file}")]
            is_there = rf"^(?: *(?:def|class) )?{name}\b"
            if not any(re.search(is_there, text, re.MULTILINE) for text in texts):
                wrong.add(f"{path.relative_to(ROOT)}: {file}:{name}")
    assert not wrong


def test_decisions_in_the_packages_pages_exist() -> None:
    wrong = set()
    for package in PACKAGES:
        for path in pages(package):
            for other, several in re.findall(
                r"(?:\b([a-z]+)/)?decisions?[ /]((?:\d{4})(?:,? (?:and )?\d{4})*)", path.read_text(encoding="utf-8")
            ):
                for number in re.findall(r"\d{4}", several):
                    if not tracked(f"{other or package}/decisions/{number}-*.md"):
                        wrong.add(f"{path.relative_to(ROOT)}: {number}")
    assert not wrong


def test_links_in_the_documents_lead_somewhere() -> None:
    wrong = set()
    for path in tracked("*.md"):
        text = path.read_text(encoding="utf-8")
        for address in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, heading = address.partition("#")
            if "://" in address:
                continue
            target = (path.parent / file).resolve() if file else path
            if not target.exists() or (heading and heading not in anchors(target)):
                wrong.add(f"{path.relative_to(ROOT)}: {address}")
    assert not wrong


def anchors(path: Path) -> set[str]:
    """What a page's headings are called in links to them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_packages_readme_is_its_door(package: str) -> None:
    """Short, names every room, leads to every page beside it, and every page leads back."""
    text = (ROOT / package / "README.md").read_text(encoding="utf-8")
    assert len(text.encode()) <= MOST_README_BYTES
    rooms = {path.relative_to(ROOT / package).parts[0] for path in tracked(f"{package}/*/**.py")}
    assert not [room for room in rooms if not re.search(rf"(?<![\w/]){room}/", text)]
    beside = tracked(f"{package}/docs/*.md")
    assert not [path.name for path in beside if f"](docs/{path.name})" not in text]
    assert not [path.name for path in beside if "](../README.md)" not in path.read_text(encoding="utf-8")]


def test_every_story_is_shown_by_a_test_that_is_there() -> None:
    lines = (ROOT / "docs" / "stories.md").read_text(encoding="utf-8").splitlines()
    stories = [line for line in lines if re.match(r"\| \d+ \|", line)]
    assert [int(line.split("|")[1]) for line in stories] == list(range(1, len(stories) + 1))
    assert not [line for line in stories if "::" not in line.split("|")[5]]
    named = {(path, test) for line in stories for path, test in re.findall(r"`(tests/[^`:]+)::([^`]+)`", line)}
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path, _ in named if (ROOT / path).is_file()}
    assert not [f"{path}::{test}" for path, test in named if f"def {test}(" not in texts.get(path, "")]


def test_the_readme_names_every_command_and_no_other() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Commands")[2].partition("\n## ")[0]
    named = set()
    for written in re.findall(r"`hutong ([^`]+)`", table):
        name, _, below = written.replace("\\|", "|").partition(" ")
        words = re.match(r"[a-z][a-z|-]*", below)
        named |= {f"{name} {each}" for each in words.group().split("|")} if words else {name}
    there = commands()
    assert named == {name for name in there if not any(other.startswith(f"{name} ") for other in there)}
