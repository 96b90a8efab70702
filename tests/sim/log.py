"""The audit log of the simulated directory: entries in memory, a checkpoint whenever somebody asks."""

from dataclasses import dataclass, field

from metadata.log_growth import LogGrowth
from metadata.transparency import Frontier, leaf_hash, log_origin, sign_checkpoint
from standards.crypto import SigningKey


@dataclass
class SimLog:
    """``entries`` may be changed as no honest directory does."""

    entries: list[bytes] = field(default_factory=list)
    key: SigningKey = field(default_factory=SigningKey.generate)

    def growth(self, after: int | None) -> LogGrowth:
        hashes = [leaf_hash(entry) for entry in self.entries]
        tree, key = Frontier().extend(hashes), self.key.verifying
        note = sign_checkpoint(log_origin(key), tree.size, tree.root(), self.key) if hashes else ""
        told = tree.hashes if after is None else hashes[after:]
        return LogGrowth(public=key.public.hex(), note=note, after=after, hashes=tuple(each.hex() for each in told))
