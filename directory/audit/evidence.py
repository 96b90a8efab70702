"""The evidence folder: what a stranger needs to verify the log without this system.

``entries.jsonl`` has one line an entry, its exact bytes in base64 as a JSON string; ``checkpoints.jsonl`` one line a
checkpoint, the signed note as a JSON string; ``log-key.json`` the log's public key. A key that travels with the
evidence proves only that the three fit together: compare its fingerprint with the one obtained otherwise.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from directory.audit.verify import AuditVerdict, verify
from directory.errors import DirectoryError
from standards.crypto import VerifyingKey
from standards.reasons import system_words

ENTRIES, CHECKPOINTS, KEY = "entries.jsonl", "checkpoints.jsonl", "log-key.json"
_MAX_LINE_CHARACTERS = 16 * 1024 * 1024


def write_evidence(folder: Path, entries: Iterable[bytes], checkpoints: Sequence[str], key: VerifyingKey) -> int:
    """Write the folder and return the number of entries; raises ``EVIDENCE_UNWRITABLE``."""
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ENTRIES).open("w", encoding="ascii") as file:
            for entry in entries:
                file.write(json.dumps(base64.b64encode(entry).decode()) + "\n")
                count += 1
        with (folder / CHECKPOINTS).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(note, ensure_ascii=False) + "\n" for note in checkpoints)
        (folder / KEY).write_text(json.dumps({"public": key.public.hex(), "fingerprint": key.key_id}) + "\n", "ascii")
    except OSError as error:
        why = system_words(error)
        zh, en = f"{folder}：{why['reason']}", f"{folder}: {why['reason_en']}"
        raise DirectoryError("EVIDENCE_UNWRITABLE", what=zh, what_en=en) from error
    return count


def verify_evidence(folder: Path, fingerprint: str = "") -> AuditVerdict:
    """Verify a folder, streaming its entries; with ``fingerprint`` the key must be that one.

    Raises ``EVIDENCE_UNREADABLE`` for files that are missing or not what they should be.
    """
    key = _key(folder)
    if fingerprint and fingerprint != key.key_id:
        return AuditVerdict(is_verified=False, size=0, root="", problem=f"证据中的公钥指纹是 {key.key_id}，不是所给的")
    return verify(_entries(folder), [str(each) for each in _lines(folder / CHECKPOINTS)], key)


def fingerprint_of(folder: Path) -> str:
    """The fingerprint of the key in a folder; raises ``EVIDENCE_UNREADABLE``."""
    return _key(folder).key_id


def _key(folder: Path) -> VerifyingKey:
    try:
        public = json.loads((folder / KEY).read_text("ascii"))["public"]
        return VerifyingKey(bytes.fromhex(public))
    except (OSError, ValueError, KeyError, TypeError):
        raise DirectoryError("EVIDENCE_UNREADABLE", what=folder / KEY) from None


def _entries(folder: Path) -> Iterator[bytes]:
    for line in _lines(folder / ENTRIES):
        try:
            yield base64.b64decode(line, validate=True)
        except (binascii.Error, ValueError):
            raise DirectoryError("EVIDENCE_UNREADABLE", what=folder / ENTRIES) from None


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as file:
            while line := file.readline(_MAX_LINE_CHARACTERS):
                value = json.loads(line)
                if not isinstance(value, str):
                    raise ValueError
                yield value
    except (OSError, ValueError, RecursionError):
        raise DirectoryError("EVIDENCE_UNREADABLE", what=path) from None
