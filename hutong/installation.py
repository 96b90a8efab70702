"""This installation's databases: those that HUTONG_DATABASE_URL names, else the embedded cluster's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hutong.home import open_home
from hutong.postgres import Cluster

DIRECTORY = "directory"
DIRECTORY_OWNER = "directory_owner"


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
    """The directory's database for as long as the block runs; the embedded cluster is started when it is needed."""
    given = os.environ.get("HUTONG_DATABASE_URL", "").strip()
    if given:
        yield DatabaseAddress(given, os.environ.get("HUTONG_MIGRATION_URL", "").strip() or given, is_embedded=False)
        return
    with Cluster(open_home()).running() as cluster:
        yield directory_database(cluster)
