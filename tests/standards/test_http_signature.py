"""RFC 9421 profile: signatures verify, another implementation agrees, every change is refused by its code."""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from standards.crypto import SigningKey, VerifyingKey, digest
from standards.errors import StandardsError
from standards.http_signature import sign_request, verify_request

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
URL = "http://127.0.0.1:8000/api/v1/nodes/n-gongan/receipts?after=3&q=%E4%BA%BA%E5%8F%A3"
PATH = "/api/v1/nodes/n-gongan/receipts?after=3&q=%E4%BA%BA%E5%8F%A3"
BODY = '{"提供方":"公安局"}'.encode()


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def keys_of(key: SigningKey) -> Callable[[str], Sequence[VerifyingKey]]:
    return lambda node_id: (key.verifying,) if node_id == "n-gongan" else ()


def _refused(code: str, *arguments: object) -> StandardsError:
    with pytest.raises(StandardsError) as caught:
        verify_request(*arguments)  # type: ignore[arg-type]
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize("url", [URL, PATH, "https://office.example:8443" + PATH], ids=["same", "path", "proxy"])
def test_signed_request_names_its_node_whatever_the_authority(key, keys_of, url):
    headers = sign_request(key, "n-gongan", "POST", URL, digest(BODY), NOW)
    lower = {name.lower(): value for name, value in headers.items()}
    assert verify_request("POST", url, lower, digest(BODY), keys_of, NOW).node_id == "n-gongan"


def test_request_without_body_has_no_digest(key, keys_of):
    headers = sign_request(key, "n-gongan", "GET", "http://127.0.0.1:8000", None, NOW)
    assert set(headers) == {"Signature-Input", "Signature"}
    assert verify_request("GET", "/", headers, None, keys_of, NOW).node_id == "n-gongan"


@pytest.mark.parametrize(
    ("method", "url"),
    [("PUT", PATH), ("POST", PATH.replace("gongan", "shuiwu")), ("POST", PATH.replace("after=3", "after=4"))],
    ids=["@method", "@path", "@query"],
)
def test_changed_component_is_refused(key, keys_of, method, url):
    headers = sign_request(key, "n-gongan", "POST", URL, digest(BODY), NOW)
    assert _refused("SIGNATURE_INVALID", method, url, headers, digest(BODY), keys_of, NOW).status == 401


def test_changed_body_is_refused(key, keys_of):
    headers = sign_request(key, "n-gongan", "POST", URL, digest(BODY), NOW)
    _refused("BODY_DIGEST_MISMATCH", "POST", PATH, headers, digest(BODY + b" "), keys_of, NOW)
    _refused("BODY_DIGEST_MISMATCH", "POST", PATH, headers, None, keys_of, NOW)


def test_changed_digest_header_breaks_the_signature(key, keys_of):
    headers = sign_request(key, "n-gongan", "POST", URL, digest(BODY), NOW)
    headers["Content-Digest"] = f"sha-256=:{base64.b64encode(digest(b'')).decode()}:"
    _refused("SIGNATURE_INVALID", "POST", PATH, headers, digest(b""), keys_of, NOW)


def test_body_that_was_not_signed_is_refused(key, keys_of):
    headers = sign_request(key, "n-gongan", "POST", URL, None, NOW)
    _refused("BODY_DIGEST_MISMATCH", "POST", PATH, headers, digest(BODY), keys_of, NOW)


@pytest.mark.parametrize("parameter", ["created", "expires", "nonce", "keyid"])
def test_changed_parameter_breaks_the_signature(key, parameter):
    created = int(NOW.timestamp())
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW)
    old, new = {
        "created": (f"created={created}", f"created={created + 1}"),
        "expires": (f"expires={created + 300}", f"expires={created + 299}"),
        "nonce": ('nonce="', 'nonce="0'),
        "keyid": ('keyid="n-gongan"', 'keyid="n-shuiwu"'),
    }[parameter]
    assert old in headers["Signature-Input"]
    headers["Signature-Input"] = headers["Signature-Input"].replace(old, new)
    _refused("SIGNATURE_INVALID", "GET", PATH, headers, None, lambda _: (key.verifying,), NOW)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_clock_more_than_five_minutes_off_is_refused(key, keys_of, seconds):
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW)
    error = _refused("CLOCK_SKEW", "GET", PATH, headers, None, keys_of, NOW + timedelta(seconds=seconds))
    assert str(abs(seconds)) in error.zh


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_clock_within_five_minutes_is_accepted(key, keys_of, seconds):
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW)
    assert verify_request("GET", PATH, headers, None, keys_of, NOW + timedelta(seconds=seconds)).node_id == "n-gongan"


def test_shorter_validity_of_another_signer_is_kept(key, keys_of):
    headers = _by_the_library(key, expires=NOW + timedelta(seconds=30))
    assert verify_request("GET", PATH, headers, None, keys_of, NOW).node_id == "n-gongan"
    _refused("REQUEST_EXPIRED", "GET", PATH, headers, None, keys_of, NOW + timedelta(seconds=31))


def test_unknown_or_revoked_signer_is_refused(key):
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW)
    assert "n-gongan" in _refused("SIGNER_UNKNOWN", "GET", PATH, headers, None, lambda _: (), NOW).zh


def test_key_of_another_node_does_not_verify(key):
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW)
    other = SigningKey.generate().verifying
    _refused("SIGNATURE_INVALID", "GET", PATH, headers, None, lambda _: (other,), NOW)


@pytest.mark.parametrize("missing", ["Signature", "Signature-Input"])
def test_missing_header_is_named(key, keys_of, missing):
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW)
    del headers[missing]
    assert missing in _refused("REQUEST_UNSIGNED", "GET", PATH, headers, None, keys_of, NOW).zh


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@query"', '"@query" "@authority"'),
        (' "@query"', ""),
        ('"@path"', '"@path" "@path"'),
        (";alg", ";tag"),
        ('alg="ed25519"', 'alg="hmac-sha256"'),
        (";nonce=", ';nonce="x";nonce='),
        ("sig=(", "sig2=("),
        ("sig=(", "sig=( "),
        ("created=", "created=-"),
        ("expires=1772415300", "expires=1772415301"),
        ("expires=1772415300", 'expires="1772415300"'),
        ('keyid="n-gongan"', "keyid=7"),
        ('alg="ed25519"', 'alg="ed25519", sig3=()'),
        ("sig=", ""),
    ],
)
def test_anything_outside_the_profile_is_malformed(key, keys_of, old, new):
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW)
    assert old in headers["Signature-Input"]
    headers["Signature-Input"] = headers["Signature-Input"].replace(old, new)
    _refused("REQUEST_SIGNATURE_MALFORMED", "GET", PATH, headers, None, keys_of, NOW)


@pytest.mark.parametrize("value", ["sig=:AAAA:", "sig=AAAA", "sig=::", "sig=:" + "A" * 5000 + ":"])
def test_malformed_signature_is_refused(key, keys_of, value):
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW) | {"Signature": value}
    _refused("REQUEST_SIGNATURE_MALFORMED", "GET", PATH, headers, None, keys_of, NOW)


def test_header_sent_twice_is_refused(key, keys_of):
    headers = sign_request(key, "n-gongan", "GET", URL, None, NOW)
    headers["signature"] = headers["Signature"]
    _refused("REQUEST_SIGNATURE_MALFORMED", "GET", PATH, headers, None, keys_of, NOW)


@pytest.mark.parametrize("url", ["/人口", "/a b", "relative", "/a\nb"])
def test_url_not_as_on_the_wire_cannot_be_signed(key, url):
    with pytest.raises(StandardsError) as caught:
        sign_request(key, "n-gongan", "GET", url, None, NOW)
    assert caught.value.code == "REQUEST_SIGNATURE_MALFORMED"


class _Request:
    """What http-message-signatures asks of a request."""

    def __init__(self, method: str, url: str, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = method, url, headers


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, key: SigningKey) -> None:
        self.key = key

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.key.verifying.public)

    def resolve_private_key(self, key_id: str) -> bytes:
        return self.key.to_pem()


def _by_the_library(key: SigningKey, expires: datetime) -> dict[str, str]:
    request = _Request("GET", URL, {})
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(key))
    signer.sign(
        request,
        key_id="n-gongan",
        created=NOW,
        expires=expires,
        nonce="abc",
        label="sig",
        covered_component_ids=("@method", "@path", "@query"),
    )
    return request.headers


def test_another_implementation_accepts_our_signature(key):
    now = datetime.now(UTC)  # the library reads the clock itself
    headers = sign_request(key, "n-gongan", "POST", URL, digest(BODY), now)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(key))
    results = verifier.verify(_Request("POST", URL, headers), body=BODY)
    assert set(results[0].covered_components) >= {'"@method"', '"@path"', '"@query"', '"content-digest"'}
