"""deploy/databases.sh on a fresh PostgreSQL: what the compose file's services then find."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from hutong.embedded.binaries import find_binaries
from hutong.home import open_home
from hutong.postgres import Cluster

SCRIPT = Path(__file__).parents[2] / "deploy" / "databases.sh"
ROLES = {
    "directory": "DIRECTORY_DB_PASSWORD",
    "directory_owner": "DIRECTORY_OWNER_DB_PASSWORD",
    "relay": "RELAY_DB_PASSWORD",
    "airflow": "AIRFLOW_DB_PASSWORD",
    "node": "NODE_DB_PASSWORD",
    "dept": "NODE_DB_PASSWORD",
}


@pytest.fixture(scope="module")
def host() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hutong-test-", dir="/tmp"))
    cluster = Cluster(open_home({"HUTONG_HOME": str(folder)}))
    cluster.start()
    binaries = find_binaries(cluster.home, None)
    secret = (cluster.place / "superuser").read_text().strip()
    known = {"PATH": f"{binaries.folder}:{os.environ['PATH']}", "PGHOST": str(cluster.socket_folder)}
    passwords = {name: f"pw-of-{name}" for name in ROLES.values()}
    try:
        subprocess.run(["bash", SCRIPT], env={**known, "PGPASSWORD": secret, **passwords}, check=True, timeout=60)
        yield cluster.socket_folder
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def connect(host: Path, role: str, database: str) -> None:
    psycopg2.connect(host=str(host), user=role, password=f"pw-of-{ROLES[role]}", dbname=database).close()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_its_own_database_and_no_other(host: Path, role: str) -> None:
    own = "directory" if role == "directory_owner" else role
    connect(host, role, own)
    for other in {"directory", "relay", "airflow", "node", "dept", "postgres", "template1"} - {own}:
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            connect(host, role, other)


def test_the_directorys_owner_is_the_one_who_changes_tables(host: Path) -> None:
    for role, may in (("directory_owner", True), ("directory", False)):
        connection = psycopg2.connect(
            host=str(host), user=role, password=f"pw-of-{ROLES[role]}", dbname="directory", options="-c timezone=UTC"
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT has_schema_privilege('public', 'CREATE')")
                assert cursor.fetchone() == (may,)
        finally:
            connection.close()
