"""Airflow as it is run on one machine: real servers over the embedded database, and nothing left of them."""

import os
import select
import socket
from collections import Counter
from pathlib import Path

import httpx
import pytest

from hutong.airflow import Airflow
from hutong.airflow_settings import environment, load_secrets
from hutong.errors import HutongError
from hutong.home import Home
from hutong.postgres import Cluster
from hutong.supervise import Supervisor
from pipelines.settings import PipelinesSettings

DAG = "nightly_exchange"


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    first = load_secrets(tmp_path)
    assert load_secrets(tmp_path) == first
    assert len({first.fernet_key, first.jwt_secret, first.api_secret_key, first.password}) == 4
    for name in ("secrets.json", "passwords.json"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_tasks_see_none_of_the_directorys_secrets(tmp_path: Path) -> None:
    given = {
        "PATH": "/bin",
        "HUTONG_DATABASE_URL": "postgresql+psycopg2://directory:pw@/directory",
        "HUTONG_MIGRATION_URL": "postgresql+psycopg2://owner:pw@/directory",
        "HUTONG_FAILPOINT": "apply.merged",
        "SOMEBODYS_TOKEN": "x",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    }
    seen = environment(PipelinesSettings(home=tmp_path), tmp_path, "postgresql+psycopg2://airflow@/airflow", 1, given)
    assert seen["HUTONG_FAILPOINT"] == "apply.merged"
    assert not {"HUTONG_DATABASE_URL", "HUTONG_MIGRATION_URL", "SOMEBODYS_TOKEN"} & set(seen)
    assert seen["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
    assert seen["AIRFLOW__API__HOST"] == "127.0.0.1"


def test_the_executor_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    monkeypatch.setenv("HUTONG_AIRFLOW_EXECUTOR", "CeleryExecutor")
    seen = environment(PipelinesSettings(), tmp_path, "", 1, {})
    assert seen["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"


@pytest.mark.city
def test_a_run_from_trigger_to_success(home: Home, cluster: Cluster) -> None:
    airflow = Airflow(home, cluster.ensure_database("airflow"), PipelinesSettings(home=home.path))
    seen: list[Counter[str]] = []
    try:
        with Supervisor(home.folder("logs")) as supervisor:
            airflow.migrate()
            children = airflow.start(supervisor)
            watched = [os.pidfd_open(child.warden.pid) for child in children]
            supervisor.wait_ready(*children)
            airflow.wait_for_dag(DAG)
            run = airflow.wait(DAG, airflow.trigger(DAG, {"force": True}), 120, seen.append)

            assert run.is_success
            assert airflow.find(DAG, run.run_id) == run
            assert {task.task_id: task.state for task in run.tasks if task.state != "skipped"} == {
                "plan": "success",
                "arrivals": "success",
                "report": "success",
            }
            assert seen[-1] == Counter(success=3, skipped=4)
            assert_closed_to_strangers(airflow)
            with pytest.raises(HutongError, match="AIRFLOW_FAILED"):
                airflow.trigger("no_such_dag", {})
        for descriptor in watched:
            assert select.select([descriptor], [], [], 0)[0], "a server outlived its supervisor"
            os.close(descriptor)
    finally:
        airflow.close()


def assert_closed_to_strangers(airflow: Airflow) -> None:
    """No password, no token; and nobody listens on another address of this machine."""
    for body in ({"username": "hutong", "password": "wrong"}, {"username": "admin", "password": "admin"}):
        assert httpx.post(f"{airflow.url}/auth/token", json=body, trust_env=False).status_code == 401
    assert httpx.get(f"{airflow.url}/api/v2/dags", trust_env=False).status_code == 401
    assert httpx.get(f"{airflow.url}/auth/token", trust_env=False).status_code in {401, 403, 404}
    with socket.socket() as other:
        other.bind(("127.0.0.2", airflow.port))  # fails when somebody listens on every address
