"""A party's private keys in files that only their owner may read.

The first key of each kind is ``identity.pem``, ``decryption.pem``, ``sm2_identity.pem``, ``sm2_decryption.pem``; those
that follow are numbered (``identity.0002.pem``), and one that the feed does not show yet is ``identity.0002.new.pem``,
which nobody uses. So a key comes into use by one rename, and the highest number is the one in use.
"""

import contextlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from exchange import disk
from exchange.errors import ExchangeError
from metadata.keys import FIRST_SUITE, Purpose
from standards.crypto import DecryptionKey, SigningKey, keyed_digest, random_bytes
from standards.sm2 import Sm2DecryptionKey, Sm2SigningKey

AnySigningKey = SigningKey | Sm2SigningKey
AnyDecryptionKey = DecryptionKey | Sm2DecryptionKey

_MODE = 0o400
_REFERENCE = "reference.key"
_NAME = re.compile(r"(sm2_)?(identity|decryption)(?:\.([0-9]{4}))?(\.new)?\.pem")
_SIGNING: Final[Mapping[int, type[AnySigningKey]]] = {1: SigningKey, 2: Sm2SigningKey}
_OPENING: Final[Mapping[int, type[AnyDecryptionKey]]] = {1: DecryptionKey, 2: Sm2DecryptionKey}


@dataclass(frozen=True, order=True)
class KeyFile:
    """What a key file's name says of its key."""

    number: int
    purpose: Purpose
    suite: int
    is_new: bool

    @property
    def name(self) -> str:
        counted = "" if self.number == 1 else f".{self.number:04d}"
        return (
            f"{'' if self.suite == FIRST_SUITE else 'sm2_'}{self.purpose}{counted}{'.new' if self.is_new else ''}.pem"
        )


@dataclass(frozen=True, repr=False)
class KeyStore:
    """``identity`` signs for the control plane, ``decryption`` opens batches of all suites by key id, ``reference_key``
    makes keyed digests of row keys. ``held`` has every key of this party by its file, those not yet used among them.
    """

    folder: Path
    identity: SigningKey
    decryption: Mapping[str, AnyDecryptionKey]
    reference_key: bytes
    held: Mapping[KeyFile, AnySigningKey | AnyDecryptionKey]
    passphrase: bytes | None = field(default=None)

    @classmethod
    def load(cls, folder: Path, *, opens: bool = True, passphrase: bytes | None = None) -> Self:
        """Raises ``KEY_MISSING`` or ``KEY_MODE``, and ``StandardsError KEY_UNREADABLE`` for a wrong passphrase. A relay
        has no keys that open (``opens=False``).
        """
        held = {found: _load(folder / found.name, found, passphrase) for found in _files(folder)}
        identity = _newest(held, "identity", FIRST_SUITE)
        decryption = {
            key.key_id: key for found, key in held.items() if found.purpose == "decryption" and not found.is_new
        }
        if not isinstance(identity, SigningKey) or (opens and not decryption):
            wanted = "identity" if not isinstance(identity, SigningKey) else "decryption"
            raise ExchangeError("KEY_MISSING", path=folder / f"{wanted}.pem")
        reference = _read(folder / _REFERENCE) if opens else b""
        opening = {key_id: key for key_id, key in decryption.items() if isinstance(key, AnyDecryptionKey)}
        return cls(folder, identity, opening, reference, held, passphrase)

    @classmethod
    def create(cls, folder: Path, *, opens: bool = True, passphrase: bytes | None = None) -> Self:
        """Make the keys that are missing, keep those that are there, and load them."""
        with disk.faults(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(folder / "identity.pem", SigningKey.generate().to_pem(passphrase))
        if opens:
            _write_new(folder / "decryption.pem", DecryptionKey.generate().to_pem(passphrase))
            _write_new(folder / "sm2_identity.pem", Sm2SigningKey.generate().to_pem(passphrase))
            _write_new(folder / "sm2_decryption.pem", Sm2DecryptionKey.generate().to_pem(passphrase))
            _write_new(folder / _REFERENCE, random_bytes(32))
        return cls.load(folder, opens=opens, passphrase=passphrase)

    def signer(self, suite: int) -> AnySigningKey:
        """The identity key of a suite that is in use. Raises ``KEY_MISSING``."""
        key = _newest(self.held, "identity", suite)
        if not isinstance(key, AnySigningKey):
            raise ExchangeError("KEY_MISSING", path=self.folder / KeyFile(1, "identity", suite, False).name)
        return key

    def public(self, purpose: Purpose, suite: int) -> str:
        """The public key in use, in hex; empty for a party that has none."""
        key = _newest(self.held, purpose, suite)
        return "" if key is None else public_of(key)

    def pending(self, purpose: Purpose, suite: int) -> KeyFile | None:
        """The key made for a change that is not settled yet."""
        found = [each for each in self.held if (each.purpose, each.suite, each.is_new) == (purpose, suite, True)]
        return max(found) if found else None

    def replaced_identities(self) -> list[KeyFile]:
        """Identity keys with one of their suite in use after them."""
        used = [each for each in self.held if each.purpose == "identity" and not each.is_new]
        return [each for each in used if any(each.suite == other.suite and each < other for other in used)]

    def add(self, purpose: Purpose, suite: int) -> "KeyStore":
        """Make a new key, not yet in use, unless there is one; its file is whole before this returns."""
        if self.pending(purpose, suite) is not None:
            return self
        numbers = [each.number for each in self.held if (each.purpose, each.suite) == (purpose, suite)]
        found = KeyFile(max(numbers, default=0) + 1, purpose, suite, True)
        made = _SIGNING[suite] if purpose == "identity" else _OPENING[suite]
        _write_new(self.folder / found.name, made.generate().to_pem(self.passphrase))
        return self.again()

    def use(self, found: KeyFile) -> "KeyStore":
        """Take a new key into use."""
        target = self.folder / KeyFile(found.number, found.purpose, found.suite, False).name
        with disk.faults(self.folder):
            (self.folder / found.name).rename(target)
            _sync(self.folder)
        return self.again()

    def destroy(self, found: KeyFile) -> "KeyStore":
        """Overwrite a key's file and remove it. (Where a disk writes elsewhere, its encryption does the rest.)"""
        path = self.folder / found.name
        with disk.faults(self.folder):
            size_bytes = path.stat().st_size
            path.chmod(0o600)
            with path.open("r+b") as file:
                file.write(random_bytes(size_bytes))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            _sync(self.folder)
        return self.again()

    def again(self) -> "KeyStore":
        """As the files are now."""
        return KeyStore.load(self.folder, opens=bool(self.reference_key), passphrase=self.passphrase)

    def fresh(self) -> "KeyStore":
        """As the files are now, if another process has changed which there are; else this."""
        return self if set(_files(self.folder)) == set(self.held) else self.again()

    def reference(self, data: bytes) -> str:
        """A keyed digest in hex, by which this node alone recognises a row again."""
        return keyed_digest(self.reference_key, data).hex()


def public_of(key: AnySigningKey | AnyDecryptionKey) -> str:
    """The raw public key in hex."""
    return (key.verifying if isinstance(key, AnySigningKey) else key.wrapping).public.hex()


def _newest(
    held: Mapping[KeyFile, AnySigningKey | AnyDecryptionKey], purpose: Purpose, suite: int
) -> AnySigningKey | AnyDecryptionKey | None:
    used = [each for each in held if (each.purpose, each.suite, each.is_new) == (purpose, suite, False)]
    return held[max(used)] if used else None


def _files(folder: Path) -> list[KeyFile]:
    found = []
    with disk.faults(folder):
        paths = sorted(folder.glob("*.pem"))
    for path in paths:
        if match := _NAME.fullmatch(path.name):
            sm2, purpose, number, new = match.groups()
            suite = FIRST_SUITE if sm2 is None else 2
            kind: Purpose = "identity" if purpose == "identity" else "decryption"
            found.append(KeyFile(int(number or 1), kind, suite, new is not None))
    return found


def _load(path: Path, found: KeyFile, passphrase: bytes | None) -> AnySigningKey | AnyDecryptionKey:
    pem = _read(path)
    secret = passphrase if b"ENCRYPTED" in pem else None
    made = _SIGNING[found.suite] if found.purpose == "identity" else _OPENING[found.suite]
    return made.from_pem(pem, secret)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode != _MODE:
                raise ExchangeError("KEY_MODE", path=path, mode=f"{mode:04o}")
            return file.read()
    except OSError as error:
        if not isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
            raise disk.explain(error, path.parent) from None
        raise ExchangeError("KEY_MISSING", path=path) from None


def _write_new(path: Path, content: bytes) -> None:
    """Under its final name only when complete, and never over an existing key."""
    if path.exists():
        return
    with disk.faults(path.parent), _beside(path) as beside:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
        _sync(path.parent)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A name that no other process uses; nothing has it afterwards."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    try:
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Names are on disk too before anybody relies on them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
