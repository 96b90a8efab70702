"""The home: where it is, whose it is, and how it refuses."""

import os
import pwd
from pathlib import Path

import pytest

from hutong.errors import HutongError
from hutong.home import Home, open_home, reaches

NOBODY = 65534


def test_a_new_home_is_closed_to_others(home: Home) -> None:
    made = open_home({"HUTONG_HOME": str(home.path / "a" / "b")})
    assert made.path.stat().st_mode & 0o777 == 0o700
    assert made.path.stat().st_uid == made.account.uid


def test_root_gets_a_user_that_postgresql_can_drop_to(home: Home) -> None:
    account = home.account
    assert account.is_dropped is (os.geteuid() == 0)
    assert account.uid != 0
    assert pwd.getpwuid(account.uid).pw_name == account.name


def test_a_folder_with_other_things_in_it_keeps_its_mode(home: Home) -> None:
    shared = home.path / "srv"
    shared.mkdir(mode=0o755)
    (shared / "other").touch()
    open_home({"HUTONG_HOME": str(shared)})
    assert shared.stat().st_mode & 0o777 == 0o755


def test_a_relative_or_tilde_home_becomes_absolute(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.path)
    assert open_home({"HUTONG_HOME": "here"}).path == home.path / "here"
    monkeypatch.setenv("HOME", str(home.path))
    assert open_home({"HUTONG_HOME": "~/there"}).path == home.path / "there"


@pytest.mark.parametrize("place", ["/proc/hutong", "/dev/null/hutong"])
def test_a_place_where_nothing_can_be_written(place: str) -> None:
    with pytest.raises(HutongError, match="NO_PERMISSION") as refused:
        open_home({"HUTONG_HOME": place})
    assert place in refused.value.zh
    assert "HUTONG_HOME" in refused.value.next_step


def test_a_file_in_the_homes_place(home: Home) -> None:
    (home.path / "file").touch()
    with pytest.raises(HutongError, match="NO_PERMISSION"):
        open_home({"HUTONG_HOME": str(home.path / "file")})


def test_a_disk_with_too_little_room(home: Home) -> None:
    home.require_space(1)
    with pytest.raises(HutongError, match="DISK_NEARLY_FULL") as refused:
        home.require_space(1 << 60)
    assert refused.value.is_transient
    assert str(home.path) in refused.value.zh


def test_reaching_needs_every_folder_above(home: Home, tmp_path: Path) -> None:
    inner = home.path / "inner"
    inner.mkdir(mode=0o755)
    assert reaches(home.account, inner)
    home.path.chmod(0o600)
    assert not reaches(home.account, inner)
    home.path.chmod(0o700)
