"""The directory's settings: ``HUTONG_*`` from the environment, then ``directory/directory.toml`` in the home."""

import os
from pathlib import Path

from pydantic import field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from directory.resources.classes import ClassCodes
from directory.scanning import Scanner


def default_home() -> Path:
    """``HUTONG_HOME``, or /var/lib/hutong for root, or ~/.hutong (DESIGN §3)."""
    given = os.environ.get("HUTONG_HOME")
    if given:
        return Path(given)
    return Path("/var/lib/hutong") if os.geteuid() == 0 else Path.home() / ".hutong"


class DirectorySettings(BaseSettings):
    """Read once by the process and passed down.

    ``database_url`` is what the running service uses; ``migration_url`` the owner's, which may change tables (the same
    unless given). ``class_codes`` gives each library its 类项目 (2017 guide); statistics is no base class there and
    stands in class 2 under a local 项. ``default_class_code`` is for entries of no library: 307, 省及其下各级政务部门.
    ``suite_2_libraries`` (separated by commas) are those whose batches are sealed in suite 0x02, by SM2, SM3 and SM4.
    ``scanner`` (``scanning.Scanner``) is who scans files before they are kept; empty, nobody does.
    """

    model_config = SettingsConfigDict(env_prefix="HUTONG_", extra="ignore", frozen=True)

    home: Path
    database_url: str
    migration_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    city_name: str = "示例市"
    feed_valid_seconds: int = 60
    session_hours: int = 8
    session_idle_minutes: int = 30
    class_codes: dict[str, str] = {
        "population": "101001",
        "legal_person": "102001",
        "geospatial": "103001",
        "statistics": "213001",
    }
    default_class_code: str = "307001"
    suite_2_libraries: str = "population"
    scanner: str = ""

    @field_validator("scanner")
    @classmethod
    def _is_a_scanner(cls, address: str) -> str:
        if address:
            Scanner(address)
        return address

    @property
    def classes(self) -> ClassCodes:
        return ClassCodes(by_library=self.class_codes, default=self.default_class_code)

    @property
    def suite_2(self) -> frozenset[str]:
        return frozenset(filter(None, (name.strip() for name in self.suite_2_libraries.split(","))))

    @property
    def directory_key_path(self) -> Path:
        return self.home / "directory" / "keys" / "directory.pem"

    @property
    def log_key_path(self) -> Path:
        return self.home / "directory" / "keys" / "log.pem"

    @property
    def owner_url(self) -> str:
        return self.migration_url or self.database_url

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https:")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        given = init_settings().get("home")
        home = Path(given) if given else default_home()
        file = TomlConfigSettingsSource(settings_cls, toml_file=home / "directory" / "directory.toml")
        return init_settings, env_settings, file
