"""Whether a log is what it says it is: every checkpoint recomputed from the entries' bytes. Pure; needs no database.

An edited, missing, added or moved entry changes the root at the next checkpoint, and a checkpoint cannot be made to fit
without the log's key. What happened after the last checkpoint is not proved, and entries beyond it are a failure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metadata.audit import AuditEntry
from metadata.errors import MetadataError
from metadata.transparency import Frontier, leaf_hash, log_origin, open_checkpoint
from standards.crypto import VerifyingKey


@dataclass(frozen=True)
class AuditVerdict:
    """The outcome. ``size`` and ``root`` (hex) are of what was proved; ``problem`` says what does not hold."""

    is_verified: bool
    size: int
    root: str
    problem: str = ""


def verify(entries: Iterable[bytes], checkpoints: Sequence[str], key: VerifyingKey) -> AuditVerdict:
    """Walk the entries once, comparing the root at every checkpoint; checkpoints come in ascending size."""
    frontier = proved = Frontier()
    opened = _open(checkpoints, key)
    if isinstance(opened, str):
        return _failed(proved, opened)
    expected = iter(opened)
    at = next(expected, None)
    for idx, entry in enumerate(entries):
        if at is None:
            return _failed(proved, f"第 {idx} 条起的记录没有检查点")
        if not _is_entry(entry):
            return _failed(proved, f"第 {idx} 条不是审计记录")
        frontier = frontier.extend([leaf_hash(entry)])
        if frontier.size == at[0]:
            if frontier.root() != at[1]:
                return _failed(proved, f"第 {proved.size} 至 {idx} 条之间有改动、增删或换位")
            proved, at = frontier, next(expected, None)
    if at is not None:
        return _failed(proved, f"检查点记载 {at[0]} 条，实有 {frontier.size} 条")
    return AuditVerdict(is_verified=True, size=proved.size, root=proved.root().hex())


def _open(checkpoints: Sequence[str], key: VerifyingKey) -> list[tuple[int, bytes]] | str:
    """Sizes and roots of the checkpoints, all signed by the log's key and growing; else what is wrong with them."""
    opened: list[tuple[int, bytes]] = []
    for place, note in enumerate(checkpoints):
        try:
            opened.append(open_checkpoint(note, log_origin(key), key))
        except MetadataError as error:
            return f"第 {place + 1} 个检查点不可信：{error.zh}"
    sizes = [size for size, _ in opened]
    return opened if sizes == sorted(set(sizes)) else "检查点的先后次序不对"


def _is_entry(data: bytes) -> bool:
    try:
        AuditEntry.from_bytes(data)
    except MetadataError:
        return False
    return True


def _failed(proved: Frontier, problem: str) -> AuditVerdict:
    return AuditVerdict(is_verified=False, size=proved.size, root=proved.root().hex(), problem=problem)
