"""Where one installation keeps everything: HUTONG_HOME, whose it is, and how much room it has.

As root the home is ``/var/lib/hutong`` and belongs to the system user ``hutong``, to which PostgreSQL drops (PostgreSQL
refuses to run as root); for anybody else it is ``~/.hutong`` and everything runs as that user.
"""

import contextlib
import grp
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hutong.errors import HutongError
from standards.reasons import system_words

SYSTEM_USER = "hutong"
ROOT_HOME = Path("/var/lib/hutong")


@dataclass(frozen=True)
class Limits:
    """What starting on a machine may take."""

    free_bytes: int = 1 << 30  # below this PostgreSQL's own files could fill the disk during a checkpoint
    start_seconds: float = 300.0  # crash recovery of a busy cluster took 11 s in trials; a slow disk takes minutes
    stop_seconds: float = 120.0
    crash_seconds: float = 10.0  # for backends that outlived a killed postmaster, before each stronger signal
    init_seconds: float = 300.0


@dataclass(frozen=True)
class Account:
    """The operating-system user that owns the home; ``is_dropped`` when this process is root and that user is not."""

    name: str
    uid: int
    gid: int
    is_dropped: bool


@dataclass(frozen=True)
class Home:
    """A home that exists, is writable, and is owned by ``account``."""

    path: Path
    account: Account

    def folder(self, *parts: str, mode: int = 0o700) -> Path:
        """A folder below the home, made if missing, owned by the calling user."""
        folder = self.path.joinpath(*parts)
        with _permission(folder):
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
        return folder

    def give(self, path: Path) -> None:
        """Hand a file or folder to the account that PostgreSQL runs as."""
        if self.account.is_dropped:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)

    def require_space(self, needed_bytes: int) -> None:
        """Raise DISK_NEARLY_FULL when the home's file system has less than ``needed_bytes`` left for us."""
        free = shutil.disk_usage(self.path).free
        if free < needed_bytes:
            raise HutongError("DISK_NEARLY_FULL", path=self.path, free=_size(free), needed=_size(needed_bytes))

    def is_reachable_by_account(self) -> bool:
        """Whether the dropped user may enter every folder above the home (it may not below /root or a private /tmp)."""
        return not self.account.is_dropped or reaches(self.account, self.path)


def reaches(account: Account, path: Path) -> bool:
    """Whether ``account`` may enter every folder on the way to ``path``, by the mode bits."""
    resolved = path.resolve()
    for folder in (resolved, *resolved.parents):
        found = folder.stat()
        if found.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            return False
    return True


def open_home(environment: Mapping[str, str] = os.environ) -> Home:
    """The installation's home, made if missing: HUTONG_HOME, else /var/lib/hutong for root, else ~/.hutong.

    :raises HutongError: NO_PERMISSION, or SYSTEM_USER_MISSING when root cannot make the user.
    """
    is_root = os.geteuid() == 0
    given = environment.get("HUTONG_HOME", "").strip()
    path = Path(given).expanduser() if given else (ROOT_HOME if is_root else Path.home() / ".hutong")
    path = Path(os.path.abspath(path))
    account = _system_account() if is_root else _own_account()
    with _permission(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner_uid = path.stat().st_uid
        if owner_uid not in {account.uid, os.geteuid()}:
            raise HutongError(
                "NO_PERMISSION",
                path=path,
                reason=f"属主是 {_user_name(owner_uid)}",
                reason_en=f"its owner is {_user_name(owner_uid)}",
            )
        if not any(path.iterdir()):  # a folder that already holds something keeps its owner and mode: it may be /srv
            os.chown(path, account.uid, account.gid)
            path.chmod(0o700)
        probe = path / f".write-test-{os.getpid()}"
        probe.touch()
        probe.unlink()
    return Home(path, account)


def _own_account() -> Account:
    uid, gid = os.geteuid(), os.getegid()
    return Account(_user_name(uid), uid, gid, is_dropped=False)


def _system_account() -> Account:
    """The system user, made on first use."""
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _make_system_user()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_dropped=True)


def _make_system_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", str(ROOT_HOME), "--shell", "/usr/sbin/nologin"]
    with contextlib.suppress(KeyError):  # a group of that name may be left over from an earlier installation
        command += ["--gid", str(grp.getgrnam(SYSTEM_USER).gr_gid)]
    try:
        made = subprocess.run([*command, SYSTEM_USER], capture_output=True, text=True, timeout=60, check=False)
        reason = made.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    try:  # also when another process made it in the meantime
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise HutongError("SYSTEM_USER_MISSING", user=SYSTEM_USER, reason=reason) from None


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@contextlib.contextmanager
def _permission(path: Path) -> Iterator[None]:
    """The operating system's refusals in our words."""
    try:
        yield
    except OSError as error:
        if error.errno == 28:  # ENOSPC: not even a folder fits
            raise HutongError("DISK_NEARLY_FULL", path=path, free="0 MiB", needed=_size(Limits().free_bytes)) from error
        raise HutongError("NO_PERMISSION", path=path, **system_words(error)) from error


def _size(count: int) -> str:
    return f"{count / (1 << 20):,.0f} MiB"
