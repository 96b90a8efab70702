"""A witness of the directory's audit log: what it has once been, it stays; it only grows.

The log's own checkpoints prove that nothing in it was changed since. A log that was put back from an old backup, or
cut, together with its checkpoints, fits itself again: only who remembers a later checkpoint notices. Every node and the
relay remember, in a file of their own, which no backup of the directory and none of their database puts back.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from exchange import disk
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from metadata.errors import MetadataError
from metadata.log_growth import LOG_GROWTH, LogGrowth
from metadata.signed import Signed
from metadata.transparency import HASH_BYTES, Frontier, log_origin, open_checkpoint
from standards.crypto import VerifyingKey
from standards.findings import Finding

_SEEN, _AGAINST, _LOCK = "seen", "against.json", "lock"


@dataclass(frozen=True)
class Seen:
    """The log as it was last seen: its key (hex; empty before the first), how many entries, and the tree over them."""

    public: str = ""
    frontier: Frontier = field(default_factory=Frontier)

    def then(self, said: LogGrowth) -> "Seen":
        """What is seen after this answer; itself where nothing was added.

        Raises ``LOG_ROLLBACK`` when there is less than was seen; ``LOG_FORK`` when it does not contain that, or the
        checkpoint is not what the entries make; ``LOG_BAD`` for no checkpoint of this log.
        """
        held = self.frontier.size
        if self.public and said.public != self.public:
            raise ExchangeError("LOG_FORK", size=held)
        try:
            size, root = _opened(said)
            if size < held:
                raise ExchangeError("LOG_ROLLBACK", held=held, given=size)
            hashes = tuple(bytes.fromhex(each) for each in said.hashes)
            grown = self.frontier.extend(hashes) if self.public else Frontier(size, hashes)
        except MetadataError as error:
            raise ExchangeError("LOG_BAD", reason=error.en) from None
        if (grown.size, grown.root()) != (size, root):
            raise ExchangeError("LOG_FORK", size=held)
        return self if size == held else Seen(said.public, grown)

    def to_bytes(self) -> bytes:
        """One line: key, size, frontier."""
        return f"{self.public} {self.frontier.size} {b''.join(self.frontier.hashes).hex()}\n".encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> "Seen":
        """Raises ``ValueError`` or ``MetadataError`` for what ``to_bytes`` has not written."""
        public, size, joined = data.decode("ascii").split()
        hashes = bytes.fromhex(joined)
        places = range(0, len(hashes), HASH_BYTES)
        return cls(public, Frontier(int(size), tuple(hashes[at : at + HASH_BYTES] for at in places)))


class Witness:
    """What one party has seen, kept in ``folder``; beside it the answer that contradicts it, as it was signed."""

    def __init__(self, folder: Path, directory_public: str) -> None:
        self._folder = folder
        self._directory = VerifyingKey(bytes.fromhex(directory_public))

    def look(self, ask: Callable[[int | None], Signed], tell: Callable[[str, int], None]) -> int:
        """Ask until nothing new is said; how many entries the log has now. Who comes while another asks sees what is
        held. ``tell`` hears how many entries were seen, before the first are kept (no code) and before the first answer
        that contradicts them is (its code).

        Raises ``LOG_ROLLBACK``, ``LOG_FORK``, ``LOG_BAD``, ``NODE_DISK``, and what ``ask`` raises.
        """
        with disk.faults(self._folder), self._alone() as is_alone:
            seen = self.seen()
            for _ in range(LIMITS.growth_pages if is_alone else 0):
                signed = ask(seen.frontier.size if seen.public else None)
                try:
                    now = seen.then(self._open(signed))
                except ExchangeError as error:
                    if error.code != "LOG_BAD" and not self.is_contradicted():
                        tell(error.code, seen.frontier.size)
                        self._write(_AGAINST, signed.to_bytes())
                    raise
                if now == seen:
                    break
                if not seen.public:
                    tell("", now.frontier.size)
                self._write(_SEEN, now.to_bytes())
                seen = now
            return seen.frontier.size

    def seen(self) -> Seen:
        """Raises ``LOG_BAD`` for a file that is damaged."""
        try:
            return Seen.from_bytes((self._folder / _SEEN).read_bytes())
        except FileNotFoundError:
            return Seen()
        except (ValueError, MetadataError):
            raise ExchangeError("LOG_BAD", reason=f"the file {_SEEN} here is damaged") from None

    def is_contradicted(self) -> bool:
        """Until a person has taken the evidence away."""
        return (self._folder / _AGAINST).exists()

    def findings(self) -> Iterator[Finding]:
        """I11. Raises ``NODE_DISK``."""
        with disk.faults(self._folder):
            try:
                size = self.seen().frontier.size
            except ExchangeError as error:
                yield Finding(path="audit-log", rule="fsck.I11", severity="error", zh=error.zh, en=error.en)
                return
            if self.is_contradicted():
                zh = f"目录的审计日志与本方已见证的 {size} 条不符，证据在 witness/{_AGAINST}"
                en = f"the directory's audit log contradicts the {size} entries seen here; see witness/{_AGAINST}"
                yield Finding(path="audit-log", rule="fsck.I11", severity="error", zh=zh, en=en)

    def _open(self, signed: Signed) -> LogGrowth:
        try:
            return signed.open(LOG_GROWTH, LogGrowth, {self._directory.key_id: self._directory}.get)
        except MetadataError as error:
            raise ExchangeError("LOG_BAD", reason=error.en) from None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with (self._folder / _LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _write(self, name: str, data: bytes) -> None:
        """In one step, under the lock."""
        beside = self._folder / f"{name}.part"
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self._folder / name)


def _opened(said: LogGrowth) -> tuple[int, bytes]:
    if not said.note:
        return 0, Frontier().root()
    key = VerifyingKey(bytes.fromhex(said.public))
    return open_checkpoint(said.note, log_origin(key), key)
