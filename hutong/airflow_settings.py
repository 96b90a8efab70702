"""What Airflow is set to on one machine, and the secrets made for it."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import PipelinesSettings

PROJECT = Path(__file__).resolve().parents[1]  # the checkout, or site-packages: where the packages are imported from
USER = "hutong"
KEPT = frozenset({"PATH", "LANG", "LC_ALL", "TZ", "TMPDIR"})


@dataclass(frozen=True)
class AirflowSecrets:
    """Generated once; kept in ``airflow/secrets.json``, mode 0600."""

    fernet_key: str
    jwt_secret: str
    api_secret_key: str
    password: str


def load_secrets(folder: Path) -> AirflowSecrets:
    """The secrets of this installation's Airflow, made at first."""
    file = folder / "secrets.json"
    if not file.exists():
        made = AirflowSecrets(
            fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            jwt_secret=secrets.token_urlsafe(48),
            api_secret_key=secrets.token_urlsafe(48),
            password=secrets.token_urlsafe(15),
        )
        _write_private(file, made.__dict__)
    found = AirflowSecrets(**json.loads(file.read_text()))
    _write_private(folder / "passwords.json", {USER: found.password})  # where the simple auth manager looks them up
    return found


def environment(
    settings: PipelinesSettings, folder: Path, database_url: str, port: int, given: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """All that Airflow's programs and tasks see; of the caller's environment only what finds programs and words.

    Nobody is an admin without the password, and the interface listens on this machine only. What costs time on a small
    machine is turned down: one API worker, one parser, and a scheduler that looks for work twice a second.
    """
    own = load_secrets(folder)
    values = {
        "CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "CORE__DAGS_FOLDER": str(PROJECT / "pipelines" / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": settings.airflow_executor,
        "CORE__PARALLELISM": str(settings.airflow_parallelism),
        "CORE__MAX_ACTIVE_TASKS_PER_DAG": str(settings.airflow_parallelism),
        "CORE__MAX_MAP_LENGTH": "20000",  # batches due in one night
        "CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # the default asks the name server and may hang without one
        "CORE__FERNET_KEY": own.fernet_key,
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "DATABASE__SQL_ALCHEMY_CONN": database_url,
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__WORKERS": "1",
        "API__SECRET_KEY": own.api_secret_key,
        "API_AUTH__JWT_SECRET": own.jwt_secret,
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",  # seconds after which a killed task is given to another try
        # A task's watcher that sees the task's sockets close before the task has quite ended sleeps this long (default
        # 5 s) with its worker slot taken; most short tasks met that in trials.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "USAGE_DATA_COLLECTION__ENABLED": "False",  # nothing here calls out
        "LOGGING__LOGGING_LEVEL": "INFO",
    }
    kept = {name: value for name, value in given.items() if name in KEPT or name.startswith("HUTONG_")}
    for name in ("HUTONG_DATABASE_URL", "HUTONG_MIGRATION_URL"):  # the directory's, which no task has business with
        kept.pop(name, None)
    return {
        **kept,
        "HOME": str(folder),
        "AIRFLOW_HOME": str(folder),
        "HUTONG_HOME": str(settings.home),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "pipelines" / "airflow_config")]),
        "PYTHONUNBUFFERED": "1",
        **{f"AIRFLOW__{name}": value for name, value in values.items()},
    }


def _write_private(file: Path, content: Mapping[str, str]) -> None:
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as sink:
        json.dump(content, sink)
    beside.replace(file)
