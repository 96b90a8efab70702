"""Tasks where a node is missing, broken or not ours: the others go on, and the fault is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.ports import Checked, CheckSubject
from pipelines import tasks
from pipelines.errors import PipelinesError

NOW = datetime(2026, 1, 5, 18, tzinfo=UTC)


class NoChecker:
    """A checker for tests in which nothing may come as far as checking."""

    def check(self, subject: CheckSubject) -> Checked:
        raise AssertionError(subject.subject)


def broken_node(folder: Path, name: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "node.toml").write_text("name = 'gongan'\n", encoding="utf-8")


def test_a_machine_without_nodes_has_nothing_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "nodes"
    assert tasks.node_names(folder) == []
    assert tasks.due_batches(folder, NOW, is_forced=True) == []
    assert tasks.arrived(folder) == []
    tasks.sync_nodes(folder)


@pytest.mark.parametrize("name", ["shuiwu", "../gongan", ""])
def test_another_machines_batch_is_refused(tmp_path: Path, name: str) -> None:
    broken_node(tmp_path, "gongan")
    batch = tasks.Batch(node=name, route_id="r-1", seq=1)
    with pytest.raises(PipelinesError, match="NOT_MY_NODE") as refused:
        tasks.drive(tmp_path, batch, NoChecker(), "run")
    assert not refused.value.is_transient


def test_a_broken_node_does_not_keep_the_others_from_sending(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken_node(tmp_path, "gongan")
    assert tasks.due_batches(tmp_path, NOW, is_forced=False) == []
    assert tasks.arrived(tmp_path) == []
    assert caplog.text.count("NODE_FAILED") == 2


def test_synchronising_names_every_node_that_failed(tmp_path: Path) -> None:
    broken_node(tmp_path, "gongan")
    broken_node(tmp_path, "shuiwu")
    with pytest.raises(PipelinesError, match="NODES_FAILED") as failed:
        tasks.sync_nodes(tmp_path)
    assert "gongan" in failed.value.zh
    assert "shuiwu" in failed.value.zh
    assert failed.value.is_transient


@pytest.mark.parametrize(("name", "code"), [("shuiwu", "NOT_MY_NODE"), ("gongan", "NODE_FAILED")])
def test_probing_names_the_node_that_failed(tmp_path: Path, name: str, code: str) -> None:
    broken_node(tmp_path, "gongan")
    with pytest.raises(PipelinesError, match=code):
        tasks.probe_mounts(tmp_path, name)
