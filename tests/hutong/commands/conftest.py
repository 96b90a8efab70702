"""Commands as somebody types them, over a migrated directory of the module's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hutong.cli import main
from tests.sim.passwords import unstretched

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """What a password costs is no part of these tests."""
    with unstretched():
        yield


@pytest.fixture(scope="module")
def environment(
    new_directory_database: Callable[[], tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[pytest.MonkeyPatch]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUTONG_HOME", str(home))
        patch.setenv("HUTONG_DATABASE_URL", new_directory_database()[1])
        yield patch


@pytest.fixture
def run(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Status, what came on stdout, what came on stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


@pytest.fixture(scope="module")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the password files that ``person`` writes."""
    return tmp_path_factory.mktemp("passwords")


@pytest.fixture
def person(run: Run, environment: pytest.MonkeyPatch, passwords: Path) -> Callable[..., Run]:
    """Commands as this person: ``person("zhang")("catalogue", "submit", ref)``; their password comes from its file."""

    def of(username: str) -> Run:
        def call(*arguments: object) -> tuple[int, str, str]:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("HUTONG_PASSWORD_FILE", str(passwords / username))
                return run(*arguments, "--as", username)

        return call

    return of


@pytest.fixture
def add_people(run: Run, passwords: Path) -> Callable[..., None]:
    """``add_people(org, zhang=["editor"])``: accounts that are there already stay."""

    def add(org: str, **people: list[str]) -> None:
        for username, roles in people.items():
            if not (passwords / username).exists():
                chosen = [part for role in roles for part in ("--role", role)]
                done = run("user", "add", username, "--org", org, *chosen, "--password-file", passwords / username)
                assert done[0] == 0, done

    return add
