"""The relay's objects in a bucket of any S3-compatible service.

Only what every such service does the same is used: PutObject of a file whose size and SHA-256 were found right before,
HeadObject, GetObject with one range, DeleteObject, ListObjectsV2. No conditional writes, tags, versions or multipart
uploads: services differ in them (research/feasibility.md §11), and a cut PutObject leaves nothing behind.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.relay.incoming import Incoming, Landing
from exchange.relay.store import Standing
from standards.reasons import network_words

T = TypeVar("T")

_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_FULL = frozenset({"507", "EntityTooLarge", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"})


class S3Store:
    """Keys ``prefix/ab/abcd…`` of one bucket. Credentials and region come from the standard AWS variables.

    Objects come through ``landing``, a folder on the relay's own disk: at most one segment for each upload under way.
    """

    def __init__(self, bucket: str, prefix: str, landing: Path, endpoint: str) -> None:
        self._bucket, self._landing = bucket, Landing(landing)
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        session = boto3.Session()
        self._client: Any = session.client(
            "s3",
            endpoint_url=endpoint or None,
            region_name=session.region_name or "us-east-1",
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=LIMITS.connect_seconds,
                read_timeout=LIMITS.answer_seconds,
                retries={"mode": "standard", "total_max_attempts": LIMITS.store_attempts},
                max_pool_connections=20,
            ),
        )

    def receive(self, digest: str) -> Incoming:
        return self._landing.receive(digest, self._publish)

    def size(self, digest: str) -> int | None:
        try:
            return int(self._call(self._client.head_object, digest)["ContentLength"])
        except ExchangeError as error:
            if error.code == "OBJECT_UNKNOWN":
                return None
            raise

    def read(self, digest: str, offset: int, size_bytes: int) -> Iterator[bytes]:
        """Goes on where it was cut, so that a short fault of the service is not the caller's; then ``STORE_DOWN``."""
        attempts = 0
        while size_bytes > 0:
            attempts += 1
            body = self._call(self._client.get_object, digest, Range=f"bytes={offset}-{offset + size_bytes - 1}")[
                "Body"
            ]
            try:
                while size_bytes > 0 and (piece := body.read(min(size_bytes, LIMITS.read_bytes))):
                    offset, size_bytes = offset + len(piece), size_bytes - len(piece)
                    yield piece
            except (BotoCoreError, HTTPClientError) as error:
                if attempts == LIMITS.store_attempts:
                    raise _down(error) from None
            finally:
                body.close()
            if size_bytes > 0 and attempts == LIMITS.store_attempts:
                raise ExchangeError("STORE_DOWN", reason="short")

    def remove(self, digest: str) -> None:
        self._call(self._client.delete_object, digest)

    def standing(self) -> Iterator[Standing]:
        more: dict[str, str] = {}
        while True:
            listed = self._listed(more)
            for item in listed.get("Contents", ()):
                stored_at: datetime = item["LastModified"]
                yield Standing(item["Key"].rpartition("/")[2], item["Size"], stored_at)
            if not listed.get("IsTruncated"):
                return
            more = {"ContinuationToken": listed["NextContinuationToken"]}

    def _listed(self, more: dict[str, str]) -> Any:
        return _explained("", lambda: self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, **more))

    def sweep_incoming(self, before: datetime) -> int:
        return self._landing.sweep(before)

    def _publish(self, path: Path, digest: str) -> None:
        """Upload the file whole, and ask whether it stands there whole."""
        with path.open("rb") as file:
            self._call(self._client.put_object, digest, Body=file)
        if self.size(digest) != path.stat().st_size:
            raise ExchangeError("STORE_DOWN", reason="short")

    def _call(self, method: Callable[..., Any], digest: str, **more: object) -> Any:
        key = f"{self._prefix}{digest[:2]}/{digest}"
        return _explained(digest, lambda: method(Bucket=self._bucket, Key=key, **more))


def _explained(digest: str, work: Callable[[], T]) -> T:
    """Every fault of the service in our codes; no message of the service's own goes further, only its error code."""
    try:
        return work()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "-"))
        if code in _GONE and digest:
            raise ExchangeError("OBJECT_UNKNOWN", digest=digest) from None
        if code in _FULL:
            raise ExchangeError("RELAY_FULL") from None
        raise ExchangeError("STORE_DOWN", reason=code[:60]) from None
    except BotoCoreError as error:
        raise _down(error) from None


def _down(error: Exception) -> ExchangeError:
    return ExchangeError("STORE_DOWN", **network_words(error, quotes=False))
