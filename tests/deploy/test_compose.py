"""docker-compose.yml: valid by the specification's own schema, and about commands and settings that exist."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def test_holds_to_the_compose_specification() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_is_there(compose: dict[str, Any]) -> None:
    assert {"postgres", "directory", "relay", "node"} <= set(compose["services"])
    assert {"airflow-scheduler", "airflow-dag-processor", "airflow-api-server"} <= set(compose["services"])


def test_what_is_referred_to_exists(compose: dict[str, Any]) -> None:
    volumes = set(compose["volumes"])
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in volumes or (ROOT / source).exists(), f"{name}: {volume}"
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).is_file()


def test_nothing_listens_beyond_this_machine_and_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|_KEY$|CONN|DATABASE_URL", name):
                assert ":?" in value, f"{name} must come from .env and has no default"


def test_whoever_calls_a_peer_can_be_told_the_citys_own_authorities(compose: dict[str, Any]) -> None:
    callers = {"relay", "node"} | {name for name in compose["services"] if name.startswith("airflow-")}
    for name in callers:
        assert compose["services"][name]["environment"]["HUTONG_CA_FILE"] == "${HUTONG_CA_FILE:-}"  # nobody has to
    assert re.search(r"^HUTONG_CA_FILE=$", (ROOT / "deploy" / "env.example").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_variable_is_in_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    assert asked == set(re.findall(r"^([A-Z_]+)=", example, flags=re.MULTILINE))


def test_the_image_holds_every_package() -> None:
    recipe = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for package in ("standards", "metadata", "directory", "exchange", "pipelines", "hutong"):
        assert f"COPY {package} {package}\n" in recipe
        assert f"!{package}\n" in let_in
