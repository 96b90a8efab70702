"""A reader of sealed batches, written from "Sealed batch format 1" in exchange/README.md and from nothing else.

    python batch_reader.py OBJECT --signer HEX --key HEX [--key HEX …] > plaintext

It uses the standard library, cryptography, gmssl_pyx and zstandard only, shares no code with the product, and holds the
object in memory: its virtue is that it can be read beside the specification.
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from pathlib import Path

import gmssl_pyx
import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MIB = 1_048_576
MAGIC = b"hutong-batch-1\n"
HPKE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class Refused(Exception):
    """The object is not taken: a code of the specification, at ``verify`` or ``open``."""

    def __init__(self, code, at):
        super().__init__(f"{code} ({at})")
        self.code = code
        self.at = at


# Canonical JSON


def _members(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError
    return dict(pairs)


def _not_an_integer(text):
    raise ValueError(text)


def spell(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def parse(data):
    """An object in its one spelling, or ValueError."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_members,
            parse_float=_not_an_integer,
            parse_constant=_not_an_integer,
        )
    except RecursionError:
        raise ValueError from None
    if not isinstance(value, dict) or spell(value) != data:
        raise ValueError
    return value


def is_integer(low, high):
    return lambda value: type(value) is int and low <= value <= high


def is_text(low, high):
    return lambda value: isinstance(value, str) and low <= len(value) <= high


def matches(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_list(low, high, is_member):
    return lambda value: isinstance(value, list) and low <= len(value) <= high and all(map(is_member, value))


def is_object(members):
    return lambda value: (
        isinstance(value, dict)
        and value.keys() == members.keys()
        and all(is_right(value[name]) for name, is_right in members.items())
    )


HEX64 = "[0-9a-f]{64}"
IS_HEADER = is_object(
    {
        "columns": is_list(0, 1600, is_text(1, 255)),
        "content": matches("pg_copy_binary|pg_copy_text|files"),
        "format": is_integer(1, 1),
        "grant_id": is_text(1, 200),
        "kind": matches("full|increment|changes"),
        "previous_digest": matches(f"({HEX64})?"),
        "recipients": is_list(1, 16, is_object({"key_id": matches("[0-9a-f]{32}"), "wrapped": is_text(0, 10_000)})),
        "route_id": is_text(1, 200),
        "schema_digest": matches(HEX64),
        "seq": is_integer(1, 2**63 - 1),
        "suite": is_integer(1, 255),
    }
)
IS_TRAILER = is_object(
    {
        "plain_bytes": is_integer(0, 2**63 - 1),
        "report_digest": matches(HEX64),
        "rows": is_integer(0, 2**63 - 1),
        "rows_digest": matches(HEX64),
        "set_aside": is_integer(0, 2**63 - 1),
        "set_aside_digests": is_list(0, 10_000, matches(HEX64)),
        "target_rows": is_integer(0, 2**63 - 1),
    }
)


# Verifying


class Bytes:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        piece = self.data[self.at : self.at + count]
        self.at += count
        if len(piece) < count:
            raise Refused("TRUNCATED", "verify")
        return piece

    def u32(self):
        return int.from_bytes(self.take(4), "big")


def sha256(data):
    return hashlib.sha256(data).digest()


def sm3(data):
    return gmssl_pyx.sm3_hash(data)


def digest(suite, data):
    return sha256(data) if suite == 1 else sm3(data)


def keyed(suite, key, data):
    return hmac.digest(key, data, "sha256") if suite == 1 else gmssl_pyx.sm3_hmac(key, data)


def key_id(kind, public):
    return sha256(kind + b"\0" + public)[:16]


# SM2: DER as gmssl_pyx wants it, and the checks that come before

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def numbers(data):
    return [int.from_bytes(data[at : at + 32], "big") for at in range(0, 64, 32)]


def is_point(data):
    x, y = numbers(data[1:65])
    return data[:1] == b"\x04" and len(data) == 65 and x < P and y < P and (y * y - x**3 + 3 * x - B) % P == 0


def der(tag, content):
    length = bytes([len(content)]) if len(content) < 128 else b"\x81" + bytes([len(content)])
    return tag + length + content


def der_integer(number):
    return der(b"\x02", number.to_bytes(number.bit_length() // 8 + 1, "big"))


def sm2_verify(public, signature, message):
    r, s = numbers(signature)
    if not (is_point(public) and 0 < r < N and 0 < s < N):
        return False
    return gmssl_pyx.sm2_verify(public[1:], message, der(b"\x30", der_integer(r) + der_integer(s)))


def sm2_decrypt(private, wrapped):
    """The plaintext, or None."""
    if not is_point(wrapped[:65]):
        return None
    x, y = numbers(wrapped[1:65])
    content = der_integer(x) + der_integer(y) + der(b"\x04", wrapped[65:97]) + der(b"\x04", wrapped[97:])
    try:
        return gmssl_pyx.sm2_decrypt(private, der(b"\x30", content))
    except gmssl_pyx.GmsslInnerError:
        return None


def verify(data, signer, minimum_suite=1):
    """The header, its digest and the sealed chunks of an object whose structure and signature hold."""
    rest = Bytes(data)
    if data[: len(MAGIC)] != MAGIC[: len(data)]:
        raise Refused("NOT_A_BATCH", "verify")
    rest.take(len(MAGIC))
    length = rest.u32()
    if not 1 <= length <= MIB:
        raise Refused("HEADER_BAD", "verify")
    header_bytes = rest.take(length)
    header = read_header(header_bytes)
    if header["suite"] < minimum_suite:
        raise Refused("SUITE_TOO_LOW", "verify")

    chunks = []
    body_at = rest.at
    while length := rest.u32():
        if not 17 <= length <= 1_052_688:
            raise Refused("CHUNK_BAD", "verify")
        chunks.append(rest.take(length))
    body = data[body_at : rest.at - 4]
    if not chunks:
        raise Refused("NO_FINAL_CHUNK", "verify")

    named, signature = rest.take(16), rest.take(64)
    if rest.at != len(data):
        raise Refused("TRAILING_BYTES", "verify")
    suite = header["suite"]
    if named != key_id({32: b"ed25519", 65: b"sm2-sign"}[len(signer)], signer) or len(signer) != {1: 32, 2: 65}[suite]:
        raise Refused("SIGNER_OTHER", "verify")
    signed = b"hutong-batch-1", digest(suite, header_bytes), len(chunks).to_bytes(8, "big"), digest(suite, body)
    message = digest(suite, b"".join(len(part).to_bytes(4, "big") + part for part in signed))
    if not is_signed(suite, signer, signature, message):
        raise Refused("SIG_BAD", "verify")
    return header, digest(suite, header_bytes), chunks


def is_signed(suite, signer, signature, message):
    if suite == 2:
        return sm2_verify(signer, signature, message)
    try:
        Ed25519PublicKey.from_public_bytes(signer).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def read_header(data):
    try:
        header = parse(data)
    except ValueError:
        raise Refused("HEADER_BAD", "verify") from None
    if not IS_HEADER(header):
        raise Refused("HEADER_BAD", "verify")
    if header["suite"] not in (1, 2):
        raise Refused("SUITE_UNKNOWN", "verify")
    for recipient in header["recipients"]:
        try:
            wrapped = base64.b64decode(recipient["wrapped"], validate=True)
        except (binascii.Error, ValueError):
            raise Refused("HEADER_BAD", "verify") from None
        if (
            len(wrapped) != {1: 80, 2: 161}[header["suite"]]
            or base64.b64encode(wrapped).decode() != recipient["wrapped"]
        ):
            raise Refused("HEADER_BAD", "verify")
    for names in ([recipient["key_id"] for recipient in header["recipients"]], header["columns"]):
        if len(set(names)) != len(names):
            raise Refused("HEADER_BAD", "verify")
    is_files = header["content"] == "files"
    if is_files != (header["columns"] == []) or (is_files and header["kind"] != "full"):
        raise Refused("HEADER_BAD", "verify")
    return header


# Opening


def decrypt_chunk(suite, key, nonce, sealed, associated):
    """The content, or None."""
    try:
        if suite == 1:
            return AESGCM(key).decrypt(nonce, sealed, associated)
        decryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, sealed[-16:])).decryptor()
        decryptor.authenticate_additional_data(associated)
        return decryptor.update(sealed[:-16]) + decryptor.finalize()
    except InvalidTag:
        return None


def open_chunks(header, header_digest, chunks, private_keys, sm2_private_keys=()):
    """The plaintext and the trailer. SM2 private keys are pairs of 32 bytes and the public point."""
    suite = header["suite"]
    content_key = unwrap(header, private_keys) if suite == 1 else sm2_unwrap(header, sm2_private_keys)
    chunk_key = keyed(suite, content_key, b"hutong-batch-1 chunks")
    rows_key = keyed(suite, content_key, b"hutong-batch-1 rows")

    def decrypt(number, flag):
        nonce = bytes(7) + number.to_bytes(4, "big") + bytes([flag])
        return decrypt_chunk(suite, chunk_key, nonce, chunks[number], header_digest)

    plain = []
    for number in range(len(chunks)):
        is_last = number == len(chunks) - 1
        content = decrypt(number, int(is_last))
        if content is None:
            if decrypt(number, int(not is_last)) is None:
                raise Refused("AEAD_TAG", "open")
            raise Refused("NO_FINAL_CHUNK" if is_last else "CHUNK_AFTER_FINAL", "open")
        if not is_last:
            plain.append(unpack(content))
    plain = b"".join(plain)

    try:
        trailer = parse(content)
    except ValueError:
        raise Refused("TRAILER_BAD", "open") from None
    if not IS_TRAILER(trailer) or len(trailer["set_aside_digests"]) != trailer["set_aside"]:
        raise Refused("TRAILER_BAD", "open")
    if trailer["plain_bytes"] != len(plain):
        raise Refused("PLAIN_SIZE", "open")
    if trailer["rows_digest"] != keyed(suite, rows_key, plain).hex():
        raise Refused("ROWS_DIGEST", "open")
    return plain, trailer


def unwrap(header, private_keys):
    label = {name: value for name, value in header.items() if name != "recipients"}
    mine = {}
    for private in private_keys:
        key = X25519PrivateKey.from_private_bytes(private)
        mine[key_id(b"x25519", key.public_key().public_bytes_raw()).hex()] = key
    for recipient in header["recipients"]:
        if recipient["key_id"] in mine:
            try:
                return HPKE.decrypt(
                    base64.b64decode(recipient["wrapped"]), mine[recipient["key_id"]], info=sha256(spell(label))
                )
            except (InvalidTag, ValueError):
                raise Refused("CONTENT_KEY_BAD", "open") from None
    raise Refused("NOT_A_RECIPIENT", "open")


def sm2_unwrap(header, private_keys):
    label = sm3(spell({name: value for name, value in header.items() if name != "recipients"}))
    mine = {key_id(b"sm2-wrap", public).hex(): private for private, public in private_keys}
    for recipient in header["recipients"]:
        if recipient["key_id"] in mine:
            plain = sm2_decrypt(mine[recipient["key_id"]], base64.b64decode(recipient["wrapped"]))
            if plain is None or plain[32:] != label:
                raise Refused("CONTENT_KEY_BAD", "open")
            return plain[:32]
    raise Refused("NOT_A_RECIPIENT", "open")


def unpack(frame):
    try:
        declared = zstandard.get_frame_parameters(frame)
        if frame[:4] != b"\x28\xb5\x2f\xfd" or declared.dict_id or not 1 <= declared.content_size <= MIB:
            raise Refused("CHUNK_BAD", "open")
        content = zstandard.ZstdDecompressor().decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError:
        raise Refused("CHUNK_BAD", "open") from None
    if len(content) != declared.content_size:
        raise Refused("CHUNK_BAD", "open")
    return content


def read(data, signer, private_keys, minimum_suite=1, sm2_private_keys=()):
    """The plaintext and the trailer of an object, or Refused. Keys are raw bytes."""
    return open_chunks(*verify(data, signer, minimum_suite), private_keys, sm2_private_keys)


def main():
    parser = argparse.ArgumentParser(description="Open a sealed batch.")
    parser.add_argument("object", type=Path)
    parser.add_argument("--signer", type=bytes.fromhex, required=True, help="Ed25519 public key, hex")
    parser.add_argument("--key", type=bytes.fromhex, action="append", required=True, help="X25519 private key, hex")
    given = parser.parse_args()
    try:
        plain, trailer = read(given.object.read_bytes(), given.signer, given.key)
    except Refused as refused:
        sys.exit(str(refused))
    sys.stdout.buffer.write(plain)
    print(json.dumps(trailer), file=sys.stderr)


if __name__ == "__main__":
    main()
