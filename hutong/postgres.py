"""The embedded PostgreSQL: one cluster of this installation's own, on a private Unix socket.

Files, below ``Cluster.place`` (``HUTONG_HOME/postgres``; as root ``/var/lib/hutong/clusters/…`` when the dropped user
may not enter the home): ``data/``, ``run/`` (the socket), ``log/`` (a week, by weekday), ``roles/`` (one generated
password a file, 0600), ``superuser`` (the same for ``postgres``), ``start.lock``, ``users.lock``, ``keep``.

What holds: SCRAM for everybody, TCP off; a half-finished ``initdb`` is never taken for a cluster; two starts at once
give one cluster; after kill -9 the next start recovers, also when the old process number now belongs to somebody else.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL

from hutong.embedded.binaries import Binaries, find_binaries
from hutong.embedded.process import Launched, Postmaster, wait_until
from hutong.embedded.roles import Roles
from hutong.embedded.settings import FASTER, configuration
from hutong.errors import HutongError
from hutong.home import ROOT_HOME, Home, Limits, open_home, reaches
from standards.reasons import system_words

SOCKET_PATH_BYTES = 100  # sockaddr_un holds 107 bytes on Linux; some room is left


@dataclass(frozen=True)
class Status:
    """What ``hutong db status`` says."""

    is_running: bool
    is_kept: bool
    pid: int | None
    place: Path
    socket_folder: Path
    release: str
    databases: tuple[str, ...]


class Cluster:
    """One PostgreSQL cluster. Making the object starts nothing; ``start`` initialises on first use."""

    def __init__(self, home: Home | Path, limits: Limits | None = None) -> None:
        self.home = home if isinstance(home, Home) else open_home({"HUTONG_HOME": str(home)})
        self.limits = limits or Limits()
        self.place = self._find_place()
        self.data = self.place / "data"
        self.log_folder = self.place / "log"
        self.socket_folder = self._find_socket_folder()
        self.postmaster = Postmaster(self.data, self.socket_folder, self.home.account)
        self.roles = Roles(self.place / "roles", self.superuser_url)

    def start(self) -> bool:
        """Start the cluster, initialising it on first use, and wait until it answers. False: it was running already.

        :raises HutongError: DISK_NEARLY_FULL, NO_PERMISSION, POSTGRES_MISSING, POSTGRES_INIT_FAILED,
            POSTGRES_START_FAILED, POSTGRES_SLOW.
        """
        self._make_place()
        with self._only_one():
            if self.postmaster.pid() is not None:
                self._wait_ready(None)
                return False
            self.home.require_space(self.limits.free_bytes)
            binaries = find_binaries(self.home, self._data_major())
            if not self.data.exists():
                self._initialise(binaries)
            if not self.postmaster.clear_after_crash(self.limits.crash_seconds):
                raise self._slow("结束上次崩溃留下的进程", "end what a crash left", self.limits.crash_seconds)
            self._write_settings(binaries)
            with contextlib.closing(self.postmaster.launch(binaries, self._start_log())) as launched:
                self._wait_ready(launched)
            self.roles.close_to_public()
            return True

    def stop(self) -> bool:
        """Stop in order: connections are ended, a checkpoint is written. False: it was not running.

        :raises HutongError: POSTGRES_SLOW when even the crash-safe immediate stop does not end it.
        """
        if not self.place.exists():
            return False
        with self._only_one():
            if self.postmaster.pid() is None:
                return False
            if not self.postmaster.end(self.limits.stop_seconds):
                raise self._slow("停止", "stop", self.limits.stop_seconds)
            return True

    @contextlib.contextmanager
    def running(self) -> Iterator["Cluster"]:
        """The cluster while the block runs; its last user stops it, unless ``keep`` said to leave it running."""
        self._make_place()
        with (self.place / "users.lock").open("ab") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
            try:
                yield self
            finally:
                if not self.is_kept and _has_taken(users):
                    self.stop()

    @property
    def is_kept(self) -> bool:
        """Whether the cluster goes on running when its last user leaves."""
        return (self.place / "keep").exists()

    def keep(self, is_kept: bool) -> None:
        """Say whether the cluster goes on running when its last user leaves."""
        if is_kept:
            (self.place / "keep").touch()
        else:
            (self.place / "keep").unlink(missing_ok=True)

    def status(self) -> Status:
        """What is there and whether it runs; starts nothing."""
        pid = self.postmaster.pid()
        major = self._data_major()
        databases = self.roles.databases() if self.postmaster.is_ready() else ()
        release = str(major) if major else ""
        return Status(pid is not None, self.is_kept, pid, self.place, self.socket_folder, release, databases)

    def superuser_url(self, database: str = "postgres") -> str:
        """The superuser's SQLAlchemy address of a database.

        :raises HutongError: POSTGRES_NOT_RUNNING while the cluster was never initialised.
        """
        secret = self.place / "superuser"
        if not secret.exists():
            raise HutongError("POSTGRES_NOT_RUNNING", path=self.place)
        return self._url("postgres", secret.read_text().strip(), database)

    def ensure_database(self, name: str, owner: str | None = None) -> str:
        """Make the role and database ``name`` if missing, closed to every other role; the role's address.

        With ``owner`` the database belongs to that second role (made too; it runs the migrations, ``role_url`` gives
        its address) and ``name`` may only connect, use what the owner grants, and create nothing.
        """
        self._require_running()
        return self._url(name, self.roles.ensure(name, owner), name)

    def role_url(self, role: str, database: str) -> str:
        """The address by which a role made here reaches a database.

        :raises HutongError: DATABASE_UNKNOWN when that role was never made here.
        """
        return self._url(role, self.roles.password(role), database)

    def _url(self, role: str, password: str, database: str) -> str:
        query = {"host": str(self.socket_folder)}
        url = URL.create("postgresql+psycopg2", username=role, password=password, database=database, query=query)
        return url.render_as_string(hide_password=False)

    def _require_running(self) -> None:
        if not self.postmaster.is_ready():
            raise HutongError("POSTGRES_NOT_RUNNING", path=self.place)

    def _find_place(self) -> Path:
        if self.home.is_reachable_by_account():
            return self.home.path / "postgres"
        return ROOT_HOME / "clusters" / hashlib.sha256(str(self.home.path).encode()).hexdigest()[:16]

    def _find_socket_folder(self) -> Path:
        near = self.place / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) < SOCKET_PATH_BYTES:
            return near
        digest = hashlib.sha256(str(self.place).encode()).hexdigest()[:16]
        return Path("/tmp") / f"hutong-{self.home.account.uid}-{digest}"  # noqa: S108  # owner and mode are checked

    def _make_place(self) -> None:
        """Make the folders, and refuse those that somebody else put there first."""
        account = self.home.account
        try:
            if self.place.parent != self.home.path:
                open_home({"HUTONG_HOME": str(ROOT_HOME)}).path.chmod(0o711)
                self.place.parent.mkdir(mode=0o711, exist_ok=True)
            for folder in (self.place, self.log_folder, self.socket_folder):
                folder.mkdir(mode=0o700, exist_ok=True)
                if not folder.is_symlink() and folder.lstat().st_uid == os.geteuid():
                    self.home.give(folder)  # ours, made just now by this start or by another one at the same moment
                found = folder.lstat()
                if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
                    zh, en = f"应属于 {account.name}，权限 0700", f"it should be {account.name}'s, mode 0700"
                    raise HutongError("NO_PERMISSION", path=folder, reason=zh, reason_en=en)
        except OSError as error:
            raise HutongError("NO_PERMISSION", path=self.place, **system_words(error)) from error
        if not reaches(account, self.place):
            zh, en = f"用户 {account.name} 进不去", f"the user {account.name} cannot enter it"
            raise HutongError("NO_PERMISSION", path=self.place, reason=zh, reason_en=en)

    def _data_major(self) -> int | None:
        version = self.data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    def _initialise(self, binaries: Binaries) -> None:
        """Initdb beside the final place, then rename: what a killed one leaves, the next start removes."""
        partial = self.place / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        secret = self.place / "superuser"
        if not secret.exists() or not secret.read_text().strip():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_urlsafe(32) + "\n")
        self.home.give(secret)  # initdb reads it as the dropped user
        options = ["--username=postgres", f"--pwfile={secret}", "--auth=scram-sha-256"]
        options += ["--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums"]
        command = [binaries.path("initdb"), f"--pgdata={partial}", *options]
        try:
            done = self.postmaster.run(command, binaries, self.limits.init_seconds)
        except subprocess.TimeoutExpired as error:
            raise self._slow("完成初始化", "finish initdb", self.limits.init_seconds) from error
        if done.returncode != 0:
            shutil.rmtree(partial, ignore_errors=True)
            raise HutongError("POSTGRES_INIT_FAILED", reason=_last_line(done.stderr))
        with (partial / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists 'hutong.conf'\n")
        partial.rename(self.data)

    def _write_settings(self, binaries: Binaries) -> None:
        """The settings, and those of ``FASTER`` that this build of PostgreSQL knows."""
        path = self.data / "hutong.conf"
        path.write_text(configuration(self.socket_folder, self.log_folder))
        self.home.give(path)
        known = {name: value for name, value in FASTER.items() if self._takes(binaries, name, value)}
        path.write_text(configuration(self.socket_folder, self.log_folder, known))

    def _takes(self, binaries: Binaries, name: str, value: str) -> bool:
        command = [binaries.path("postgres"), "-D", str(self.data), "-c", f"{name}={value}", "-C", name]
        try:
            return self.postmaster.run(command, binaries, self.limits.start_seconds).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def _start_log(self) -> Path:
        return self.log_folder / "start.log"

    def _wait_ready(self, launched: Launched | None) -> None:
        def has_ended() -> bool:
            return launched is not None and launched.has_ended()

        is_done = wait_until(lambda: has_ended() or self.postmaster.is_ready(), self.limits.start_seconds)
        if has_ended():
            raise HutongError("POSTGRES_START_FAILED", reason=self._why_it_ended(), log=self.log_folder)
        if not is_done:
            raise self._slow("准备好", "become ready", self.limits.start_seconds)

    def _why_it_ended(self) -> str:
        """PostgreSQL's own last word: on stderr until the collector takes over, in the collector's file after that."""
        newest = max(self.log_folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        lines = [line for path in (self._start_log(), newest) for line in path.read_text(errors="replace").splitlines()]
        fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        return _last_line("\n".join(fatal or lines))

    def _slow(self, what: str, what_en: str, seconds: float) -> HutongError:
        return HutongError("POSTGRES_SLOW", what=what, what_en=what_en, seconds=round(seconds), log=self.log_folder)

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        """One start or stop at a time; the kernel drops the lock with its holder, so a stale one cannot exist."""
        with (self.place / "start.lock").open("ab") as file:
            if not wait_until(lambda: _has_taken(file), self.limits.start_seconds):
                raise self._slow("等到另一次启动结束", "see another start finish", self.limits.start_seconds)
            yield


def _has_taken(file: IO[bytes]) -> bool:
    """Take the file's lock for ourselves alone, if nobody else holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "-"
