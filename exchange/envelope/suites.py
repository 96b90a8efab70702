"""Which primitives a suite number means. The table is append-only; nothing is negotiated (DESIGN §8)."""

from dataclasses import dataclass

from exchange.errors import ExchangeError
from standards.crypto import Aead


@dataclass(frozen=True)
class Suite:
    """One row: its AEAD and the sizes in bytes of what it puts on the wire."""

    number: int
    name: str
    aead: type[Aead]
    wrapped_bytes: int
    signature_bytes: int


SUITES = {
    suite.number: suite
    for suite in (
        Suite(
            number=0x01,
            name="X25519-HPKE + AES-256-GCM + SHA-256 + Ed25519",
            aead=Aead,
            wrapped_bytes=32 + 32 + 16,  # HPKE enc, content key, tag
            signature_bytes=64,
        ),
    )
}


def suite_of(number: int) -> Suite:
    """The suite with this number; raises ``ExchangeError SUITE_UNKNOWN``."""
    if number not in SUITES:
        raise ExchangeError("SUITE_UNKNOWN", suite=f"0x{number:02x}")
    return SUITES[number]
