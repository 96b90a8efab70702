"""Who computes SM2, chosen once a process and always in the same order (``exchange/decisions/0003``).

A certified module (GM/T 0018 SDF, PKCS#11) would not be a provider, as its private keys never come out as bytes: it is
a key object of its own with the methods of ``Sm2SigningKey`` or ``Sm2DecryptionKey``, all that the envelope asks for.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

from standards.errors import StandardsError
from standards.sm2.gmssl import Gmssl
from standards.sm2.libcrypto import Libcrypto

# GM/T 0003.5-2012 annex A: what every provider must reproduce before it is used.
_PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
_PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_DIGEST = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


class Sm2Provider(Protocol):
    """SM2 over raw encodings (``standards.sm2.encoding``). Whoever calls has checked that keys are in range.

    ``digest`` is the 32 bytes of ``encoding.signed_digest``, as hardware takes it too.
    """

    name: str

    def generate(self) -> tuple[bytes, bytes]:
        """A private key of 32 bytes and its public point of 65."""

    def sign(self, private: bytes, public: bytes, digest: bytes) -> bytes:
        """64 bytes."""

    def verify(self, public: bytes, signature: bytes, digest: bytes) -> bool: ...

    def encrypt(self, public: bytes, plain: bytes) -> bytes:
        """97 bytes more than ``plain``."""

    def decrypt(self, private: bytes, public: bytes, sealed: bytes) -> bytes:
        """Raises ``StandardsError DECRYPTION_FAILED``."""


def choose(makers: Sequence[Callable[[], Sm2Provider]]) -> Sm2Provider:
    """The first that is there and reproduces the standard's example; raises ``StandardsError SM2_UNAVAILABLE``."""
    for make in makers:
        try:
            made = make()
            if _is_sound(made):
                return made
        except (OSError, AttributeError, StandardsError):  # no library, one without the function, or built without SM2
            continue
    raise StandardsError("SM2_UNAVAILABLE")


@cache
def provider() -> Sm2Provider:
    """The one of this process."""
    return choose((Libcrypto, Gmssl))


def _is_sound(made: Sm2Provider) -> bool:
    return (
        made.verify(_PUBLIC, _SIGNATURE, _DIGEST)
        and not made.verify(_PUBLIC, _SIGNATURE, bytes(32))
        and made.verify(_PUBLIC, made.sign(_PRIVATE, _PUBLIC, _DIGEST), _DIGEST)
        and made.decrypt(_PRIVATE, _PUBLIC, made.encrypt(_PUBLIC, _DIGEST)) == _DIGEST
    )
