"""Roles and databases of the embedded cluster: each role has a generated password and may connect only to its own."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from sqlalchemy.engine import make_url

from hutong.errors import HutongError

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
MAINTENANCE = ("postgres", "template1")  # every new role could connect to these by default


class Roles:
    """Makes roles and databases; passwords are kept in ``folder``, one file of mode 0600 each."""

    def __init__(self, folder: Path, superuser_url: Callable[[str], str]) -> None:
        self.folder = folder
        self._superuser_url = superuser_url

    def close_to_public(self) -> None:
        """Let nobody but the superuser into the databases that initdb made."""
        with self._superuser() as cursor:
            for name in MAINTENANCE:
                cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))

    def ensure(self, name: str, owner: str | None) -> str:
        """Make role and database ``name`` (owned by ``owner`` or itself); the role's password. Safe to repeat."""
        password = self._ensure_role(name)
        if owner is not None:
            self._ensure_role(owner)
        with self._superuser() as cursor:
            database = sql.Identifier(name)
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0")
                cursor.execute(make.format(database, sql.Identifier(owner or name)))
            cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(name)))
        return password

    def password(self, role: str) -> str:
        """The password of a role made here."""
        try:
            return (self.folder / _checked(role)).read_text().strip()
        except FileNotFoundError as error:
            raise HutongError("DATABASE_UNKNOWN", name=role) from error

    def databases(self) -> tuple[str, ...]:
        """The databases made here, by name."""
        with self._superuser() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1"
            )
            return tuple(name for (name,) in cursor.fetchall())

    def _ensure_role(self, name: str) -> str:
        file = self.folder / _checked(name)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if not file.exists() or not file.read_text().strip():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(32) + "\n")
        password = file.read_text().strip()
        with self._superuser() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
            verb = sql.SQL("CREATE ROLE" if cursor.fetchone() is None else "ALTER ROLE")
            # Also for an existing one: a start that died between file and role must not leave them different.
            cursor.execute(
                sql.SQL("{} {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {}").format(
                    verb, sql.Identifier(name), sql.Literal(password)
                )
            )
        return password

    @contextmanager
    def _superuser(self) -> Iterator[Cursor]:
        """CREATE DATABASE cannot run in a transaction, so each statement is its own."""
        url = make_url(self._superuser_url("postgres")).set(drivername="postgresql")
        connection = psycopg2.connect(url.render_as_string(hide_password=False), connect_timeout=30)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise HutongError("DATABASE_NAME_BAD", name=name)
    return name
