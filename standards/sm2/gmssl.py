"""SM2 by the wheel gmssl-pyx (GmSSL 3), for machines whose libcrypto has no SM2."""

import gmssl_pyx

from standards.errors import StandardsError
from standards.sm2 import encoding


class Gmssl:
    """A ``standards.sm2.provider.Sm2Provider``."""

    name = "gmssl-pyx"

    def generate(self) -> tuple[bytes, bytes]:
        public, private = gmssl_pyx.sm2_key_generate()
        return encoding.require_scalar(private), encoding.require_point(b"\x04" + public)

    def sign(self, private: bytes, public: bytes, digest: bytes) -> bytes:
        return encoding.signature_from_der(gmssl_pyx.sm2_sign_sm3_digest(private, digest))

    def verify(self, public: bytes, signature: bytes, digest: bytes) -> bool:
        der = encoding.signature_to_der(signature)
        return der is not None and bool(
            gmssl_pyx.sm2_verify_sm3_digest(encoding.require_point(public)[1:], digest, der)
        )

    def encrypt(self, public: bytes, plain: bytes) -> bytes:
        return encoding.ciphertext_from_der(gmssl_pyx.sm2_encrypt(encoding.require_point(public)[1:], plain))

    def decrypt(self, private: bytes, public: bytes, sealed: bytes) -> bytes:
        der = encoding.ciphertext_to_der(sealed)
        if der is None:
            raise StandardsError("DECRYPTION_FAILED", what="SM2")
        try:
            return bytes(gmssl_pyx.sm2_decrypt(private, der))
        except gmssl_pyx.GmsslInnerError:
            raise StandardsError("DECRYPTION_FAILED", what="SM2") from None
