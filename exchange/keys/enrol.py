"""Registration: keys are made here and never leave; the token is used up; the home is written last, and whole."""

import re
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.keys.keystore import KeyStore
from exchange.migrate import migrate
from exchange.node import SETTINGS_FILE
from exchange.peers.directory_client import DirectoryClient, statement_of
from exchange.settings import NAME_PATTERN, NodeSettings, RelaySettings, passphrase

RELAY_FILE = "relay.toml"


def init(
    home: Path,
    name: str,
    directory_url: str,
    fingerprint: str,
    token: str,
    database_url: str,
    department_url: str,
    relay_url: str,
    passphrase_file: str = "",
) -> NodeSettings:
    """Make a node's home: keys, enrolment with the directory, migrated databases, ``node.toml``.

    Interrupted, it may be run again with the same token: the keys made are kept, and the directory gives the same
    answer for them. Run again when all is done it changes nothing. Raises ``NODE_EXISTS``, ``DIRECTORY_KEY_OTHER``,
    ``ENROLMENT_BAD``, ``DIRECTORY_REFUSED``, ``DIRECTORY_DOWN``.
    """
    path = home / SETTINGS_FILE
    if path.exists():
        standing = NodeSettings.read(path)
        if (standing.name, standing.directory_fingerprint) != (name, fingerprint):
            raise ExchangeError("NODE_EXISTS", name=standing.name)
        return standing
    _make_home(home)
    keys = KeyStore.create(home / "keys", passphrase=passphrase(passphrase_file))
    migrate(database_url, "node")
    migrate(department_url, "target")
    public, org_code = _enrol(directory_url, fingerprint, name, "node", keys, token)
    settings = NodeSettings(
        name=name,
        org_code=org_code,
        directory_url=directory_url,
        directory_fingerprint=fingerprint,
        directory_public=public,
        database_url=database_url,
        department_url=department_url,
        relay_url=relay_url,
        passphrase_file=passphrase_file,
    )
    settings.write(path)
    return settings


def init_relay(
    home: Path,
    name: str,
    directory_url: str,
    fingerprint: str,
    token: str,
    database_url: str,
    store_url: str = "",
    host: str = "127.0.0.1",
    port: int = 8010,
) -> RelaySettings:
    """The same for the relay, which has an identity key and no key that opens anything."""
    path = home / RELAY_FILE
    if path.exists():
        standing = RelaySettings.read(path)
        if (standing.name, standing.directory_fingerprint) != (name, fingerprint):
            raise ExchangeError("NODE_EXISTS", name=standing.name)
        return standing
    _make_home(home)
    keys = KeyStore.create(home / "keys", opens=False)
    migrate(database_url, "relay")
    public, org_code = _enrol(directory_url, fingerprint, name, "relay", keys, token)
    settings = RelaySettings(
        name=name,
        org_code=org_code,
        directory_url=directory_url,
        directory_fingerprint=fingerprint,
        directory_public=public,
        database_url=database_url,
        store_url=store_url,
        host=host,
        port=port,
        home=home,
    )
    settings.write(path)
    return settings


def require_sound(name: str, *urls: str) -> None:
    """Raise ``NODE_NAME_BAD`` or ``ADDRESS_BAD`` before anything is made for a node of that name."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise ExchangeError("NODE_NAME_BAD", name=name)
    for url in urls:
        if not re.match(r"https?://[^/\s]", url):
            raise ExchangeError("ADDRESS_BAD", url=url)


def _make_home(home: Path) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)


def _enrol(directory_url: str, fingerprint: str, name: str, kind: str, keys: KeyStore, token: str) -> tuple[str, str]:
    """The directory's public key in hex, pinned by its fingerprint, and the organisation's code."""
    client = DirectoryClient(directory_url, None)
    try:
        directory = client.key(fingerprint)
        statement = statement_of(name, kind, keys, token)
        record = client.enrol(keys.identity, token, statement, directory)
    finally:
        client.close()
    return directory.public.hex(), record.org_code
