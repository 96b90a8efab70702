"""This installation's databases: those that HUTONG_DATABASE_URL names, else the embedded cluster's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from hutong.errors import HutongError
from hutong.home import open_home
from hutong.postgres import Cluster

DIRECTORY = "directory"
DIRECTORY_OWNER = "directory_owner"
_DRIVERS = {"postgres", "postgresql", "postgresql+psycopg2"}
_FORM, _FORM_EN = "postgresql://用户:密码@主机:端口/数据库", "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


@dataclass(frozen=True)
class DatabaseAddress:
    """``url`` is the service's role, ``owner_url`` the one that may change tables; ``is_embedded`` when it is ours."""

    url: str
    owner_url: str
    is_embedded: bool


def directory_database(cluster: Cluster) -> DatabaseAddress:
    """The directory's database in a running embedded cluster, made if missing."""
    url = cluster.ensure_database(DIRECTORY, owner=DIRECTORY_OWNER)
    return DatabaseAddress(url, cluster.role_url(DIRECTORY_OWNER, DIRECTORY), is_embedded=True)


@contextmanager
def open_database() -> Iterator[DatabaseAddress]:
    """The directory's database for as long as the block runs; the embedded cluster is started when it is needed.

    Raises ``SETTING_BAD`` for an address that is none of a PostgreSQL.
    """
    given = _address("HUTONG_DATABASE_URL")
    if given:
        yield DatabaseAddress(given, _address("HUTONG_MIGRATION_URL") or given, is_embedded=False)
        return
    with Cluster(open_home()).running() as cluster:
        yield directory_database(cluster)


def _address(name: str) -> str:
    """What this setting says, for the driver that we have; empty where it says nothing.

    What is refused of it is not quoted: it holds a password.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return ""
    try:
        if (url := make_url(given)).drivername not in _DRIVERS:
            raise ValueError
    except (ArgumentError, ValueError):
        zh, en = "不是 PostgreSQL 的地址，应写成 {}", "it is no address of a PostgreSQL: {}"
        raise HutongError("SETTING_BAD", name=name, reason=zh.format(_FORM), reason_en=en.format(_FORM_EN)) from None
    return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
