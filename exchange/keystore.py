"""A party's private keys in files that only their owner may read."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from exchange.errors import ExchangeError
from standards.crypto import DecryptionKey, SigningKey, keyed_digest, random_bytes

_MODE = 0o400
_IDENTITY, _DECRYPTION, _REFERENCE = "identity.pem", "decryption.pem", "reference.key"


@dataclass(frozen=True, repr=False)
class KeyStore:
    """``identity`` signs, ``decryption`` opens batches by key id, ``reference_key`` makes keyed digests of row keys."""

    identity: SigningKey
    decryption: Mapping[str, DecryptionKey]
    reference_key: bytes

    @classmethod
    def load(cls, folder: Path, *, opens: bool = True) -> Self:
        """Raises ``KEY_MISSING`` or ``KEY_MODE``. A relay has no keys that open (``opens=False``)."""
        identity = SigningKey.from_pem(_read(folder / _IDENTITY))
        if not opens:
            return cls(identity, {}, b"")
        decryption = DecryptionKey.from_pem(_read(folder / _DECRYPTION))
        return cls(identity, {decryption.key_id: decryption}, _read(folder / _REFERENCE))

    @classmethod
    def create(cls, folder: Path, *, opens: bool = True) -> Self:
        """Make the keys that are missing, keep those that are there, and load them."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(folder / _IDENTITY, SigningKey.generate().to_pem())
        if opens:
            _write_new(folder / _DECRYPTION, DecryptionKey.generate().to_pem())
            _write_new(folder / _REFERENCE, random_bytes(32))
        return cls.load(folder, opens=opens)

    def signer(self, suite: int) -> SigningKey:
        """The newest identity key of a suite."""
        return self.identity

    @property
    def decryption_public(self) -> str:
        """The wrapping key in hex, empty for a party that opens nothing."""
        return next((key.wrapping.public.hex() for key in self.decryption.values()), "")

    def reference(self, data: bytes) -> str:
        """A keyed digest in hex, by which this node alone recognises a row again."""
        return keyed_digest(self.reference_key, data).hex()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode != _MODE:
                raise ExchangeError("KEY_MODE", path=path, mode=f"{mode:04o}")
            return file.read()
    except OSError:
        raise ExchangeError("KEY_MISSING", path=path) from None


def _write_new(path: Path, content: bytes) -> None:
    """Under its final name only when complete, and never over an existing key."""
    if path.exists():
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
