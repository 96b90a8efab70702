"""Settings of a node and of the relay: one TOML file in the home, overridden by the environment. Read once."""

import json
import os
import stat
import tomllib
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from pydantic import AliasChoices, Field, IPvAnyNetwork, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from exchange.errors import ExchangeError
from exchange.limits import LIMITS

NAME_PATTERN: Final = r"^[a-z][a-z0-9_]{1,30}$"


class _Settings(BaseSettings):
    """Who this is and which directory it believes. ``directory_public`` is the pinned key in hex."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    missing_code: ClassVar[str] = "NODE_MISSING"

    name: str = Field(pattern=NAME_PATTERN)
    org_code: str = ""
    directory_url: str = Field(pattern=r"^https?://")
    directory_fingerprint: str = Field(pattern=r"^[0-9a-f]{32}$")
    directory_public: str = Field(pattern=r"^[0-9a-f]{64}$")
    database_url: str = Field(pattern=r"^postgresql\+psycopg2://")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises ``missing_code`` or ``SETTINGS_BAD``; no message carries a value, since some are passwords."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(**values, **cls.of_place(path.parent))
        except FileNotFoundError:
            raise ExchangeError(cls.missing_code, path=path.parent) from None
        except ValidationError as error:
            reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors())
        except (OSError, ValueError) as error:
            reason = type(error).__name__
        raise ExchangeError("SETTINGS_BAD", path=path, reason=reason) from None

    @classmethod
    def of_place(cls, folder: Path) -> dict[str, Any]:
        """Settings that follow from where the file stands."""
        return {}

    def write(self, path: Path) -> None:
        """Replace the file in one step; mode 0600, because it holds a password."""
        lines = [
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in self.model_dump(mode="json").items()
        ]
        beside = path.with_suffix(".part")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)


def passphrase(file: str) -> bytes | None:
    """What private keys are encrypted with: ``HUTONG_NODE_PASSPHRASE``, else the first line of a file, else nothing.

    Raises ``KEY_MISSING``, or ``KEY_MODE`` for a file that others may read.
    """
    given = os.environ.get("HUTONG_NODE_PASSPHRASE", "")
    if given or not file:
        return given.encode() or None
    try:
        mode = stat.S_IMODE(os.stat(file).st_mode)
        if mode & 0o077:
            raise ExchangeError("KEY_MODE", path=file, mode=f"{mode:04o}")
        return Path(file).read_bytes().splitlines()[0]
    except (OSError, IndexError):
        raise ExchangeError("KEY_MISSING", path=file) from None


class NodeSettings(_Settings):
    """``node.toml`` and ``HUTONG_NODE_*``. ``department_url`` is the database with the sources and the received
    tables.

    ``spool_bytes`` bounds the sealed files kept here, 0 by the disk alone; a batch that does not fit waits with
    ``SPOOL_FULL``. ``segment_bytes`` is the piece in which a batch goes to the relay: what a broken line costs at most.

    ``served_folder`` is the absolute path below which file and folder mounts lie; empty, there are none.
    ``received_folder`` is where those of others appear; empty, ``received`` in the home. A service
    mount is asked only at one of ``service_hosts``; an address that is not public only in one of ``service_networks``
    (``10.1.0.0/16``). ``passphrase_file`` has the passphrase of the private keys. ``shift_share``: what part of a
    received table one batch may change (``consumer/shift.py``) before a person has to look.

    ``database_seconds``: how long the department's database may take over one statement. ``database_answer_bytes``: how
    much it may send of one row, or in answer to one statement; more of it would have to be held in memory.
    """

    model_config = SettingsConfigDict(env_prefix="HUTONG_NODE_")

    relay_url: str = Field(pattern=r"^https?://")
    department_url: str = Field(pattern=r"^postgresql\+psycopg2://")
    spool_bytes: int = Field(default=0, ge=0)
    segment_bytes: int = Field(default=LIMITS.segment_bytes, ge=64 * 1024, le=LIMITS.segment_bytes)
    served_folder: str = Field(default="", pattern=r"^(/.*)?$")
    received_folder: str = Field(default="", pattern=r"^(/.*)?$")
    service_hosts: tuple[str, ...] = ()
    service_networks: tuple[IPvAnyNetwork, ...] = ()
    passphrase_file: str = Field(default="", pattern=r"^(/.*)?$")
    shift_share: float = Field(default=LIMITS.shift_share, gt=0)
    database_seconds: float = Field(default=LIMITS.statement_seconds, ge=1)
    database_answer_bytes: int = Field(default=LIMITS.database_answer_bytes, ge=1024 * 1024)


class RelaySettings(_Settings):
    """``relay.toml`` and ``HUTONG_RELAY_*``.

    The store is ``HUTONG_STORE_URL``: ``file:///folder``, or ``s3://bucket/prefix`` at ``HUTONG_STORE_ENDPOINT`` (else
    ``AWS_ENDPOINT_URL_S3``, else Amazon's), with credentials by the standard AWS variables. ``keep_days`` is how long
    ciphertext stays after its batch is over; ``max_bytes`` bounds all of it, 0 by the disk alone.
    """

    model_config = SettingsConfigDict(env_prefix="HUTONG_RELAY_", env_ignore_empty=True)
    missing_code: ClassVar[str] = "RELAY_MISSING"

    home: Path = Field(exclude=True)
    store_url: str = Field(
        default="",
        pattern=r"^(file:///.*|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?)?$",
        validation_alias=AliasChoices("HUTONG_STORE_URL", "store_url"),
    )
    store_endpoint: str = Field(
        default="",
        pattern=r"^(https?://.*)?$",
        validation_alias=AliasChoices("HUTONG_STORE_ENDPOINT", "AWS_ENDPOINT_URL_S3", "store_endpoint"),
    )
    keep_days: int = Field(default=30, ge=1, le=3650)
    max_bytes: int = Field(default=0, ge=0)
    host: str = "127.0.0.1"
    port: int = Field(default=8010, ge=0, le=65535)

    @classmethod
    def of_place(cls, folder: Path) -> dict[str, Any]:
        return {"home": folder}
