"""A PostgreSQL for one benchmark, with the product's durable settings, and databases in it."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import URL, make_url

from hutong.embedded.binaries import find_binaries
from hutong.home import open_home
from hutong.postgres import Cluster


@dataclass
class Scratch:
    """The running cluster, psql beside its binaries, and the databases made."""

    cluster: Cluster
    psql: Path
    made: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator[Self]:
        psql = Path(find_binaries(open_home(), None).path("psql"))
        if not psql.exists():
            raise SystemExit(
                f"there is no psql beside the PostgreSQL in {psql.parent}; set HUTONG_PG_BIN to one with it"
            )
        with Cluster(folder / "cluster").running() as cluster:
            yield cls(cluster, psql)

    def new_database(self) -> str:
        """The address of a fresh database with an owner of its own, as a node's is."""
        name, password = f"b_{secrets.token_hex(6)}", secrets.token_hex(12)
        self.made.append(name)
        self._run(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password)),
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                sql.Identifier(name), sql.Identifier(name)
            ),
        )
        return self._url(name).set(username=name, password=password).render_as_string(hide_password=False)

    def new_url(self) -> URL:
        """A fresh database as the superuser sees it."""
        name = f"b_{secrets.token_hex(6)}"
        self.made.append(name)
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return self._url(name)

    def drop_all(self) -> None:
        """All that was made, so that the next finds the disk free."""
        for name in self.made:
            self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self.made.clear()

    @contextmanager
    def reachable_by_tcp(self) -> Iterator[tuple[URL, URL]]:
        """Two fresh databases, source and target, at 127.0.0.1:5432, for peers that know no sockets."""
        self._listen("127.0.0.1")
        try:
            source, target = (
                url.set(host="127.0.0.1", port=5432, query={}) for url in (self.new_url(), self.new_url())
            )
            yield source, target
        finally:
            self._listen("")

    def empty(self, target: URL) -> None:
        """The target database anew, and a checkpoint, so that no run pays for another's writing."""
        name = sql.Identifier(str(target.database))
        self._run(
            sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name),
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name),
            sql.SQL("CHECKPOINT"),
        )

    def _listen(self, address: str) -> None:
        self._run(sql.SQL("ALTER SYSTEM SET listen_addresses = {}").format(sql.Literal(address)))
        self.cluster.stop()
        self.cluster.start()

    def _url(self, name: str) -> URL:
        return make_url(self.cluster.superuser_url(name))

    def _run(self, *statements: sql.Composable) -> None:
        dsn = self._url("postgres").set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg2.connect(dsn)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
