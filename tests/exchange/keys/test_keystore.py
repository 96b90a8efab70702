"""Key files: numbered as they follow one another, encrypted when there is a passphrase, gone when destroyed."""

from pathlib import Path

import pytest

from exchange.errors import ExchangeError
from exchange.keys.keystore import KeyStore, public_of
from exchange.settings import passphrase
from standards.errors import StandardsError


def test_a_new_key_counts_only_once_it_is_taken_into_use(tmp_path: Path) -> None:
    made = KeyStore.create(tmp_path)
    for suite in (1, 2):
        old = made.signer(suite).key_id
        added = made.add("identity", suite)
        assert added.signer(suite).key_id == old
        found = added.pending("identity", suite)
        assert found is not None
        assert added.add("identity", suite).pending("identity", suite) == found  # not a second one
        used = added.use(found)
        assert used.signer(suite).key_id != old
        assert used.public("identity", suite) == public_of(used.signer(suite))
        assert [each.number for each in used.replaced_identities() if each.suite == suite] == [1]
        made = used


def test_a_decryption_key_not_yet_announced_opens_nothing_and_old_ones_go_on(tmp_path: Path) -> None:
    made = KeyStore.create(tmp_path)
    added = made.add("decryption", 1)
    assert added.decryption.keys() == made.decryption.keys()
    found = added.pending("decryption", 1)
    assert found is not None
    used = added.use(found)
    assert len(used.decryption) == len(made.decryption) + 1
    first = next(each for each in used.held if (each.purpose, each.suite, each.number) == ("decryption", 1, 1))
    assert len(used.destroy(first).decryption) == len(made.decryption)
    assert not (tmp_path / "decryption.pem").exists()


def test_another_process_sees_what_changed(tmp_path: Path) -> None:
    made = KeyStore.create(tmp_path)
    assert made.fresh() is made
    other = made.add("identity", 1)
    found = other.pending("identity", 1)
    assert found is not None
    other.use(found)
    assert made.fresh().identity.key_id != made.identity.key_id


def test_with_a_passphrase_the_files_are_encrypted(tmp_path: Path) -> None:
    made = KeyStore.create(tmp_path, passphrase="口令".encode())
    for name in ("identity.pem", "decryption.pem", "sm2_identity.pem", "sm2_decryption.pem"):
        assert b"ENCRYPTED" in (tmp_path / name).read_bytes()
    assert KeyStore.load(tmp_path, passphrase="口令".encode()).identity.key_id == made.identity.key_id
    for wrong in (None, b"other"):
        with pytest.raises(StandardsError, match="KEY_UNREADABLE"):
            KeyStore.load(tmp_path, passphrase=wrong)


def test_where_the_passphrase_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUTONG_NODE_PASSPHRASE", raising=False)
    file = tmp_path / "passphrase"
    assert passphrase("") is None
    with pytest.raises(ExchangeError, match="KEY_MISSING"):
        passphrase(str(file))
    file.write_text("from the file\nnot this\n")
    file.chmod(0o644)
    with pytest.raises(ExchangeError, match="KEY_MODE"):
        passphrase(str(file))
    file.chmod(0o600)
    assert passphrase(str(file)) == b"from the file"
    monkeypatch.setenv("HUTONG_NODE_PASSPHRASE", "from the environment")
    assert passphrase(str(file)) == b"from the environment"
