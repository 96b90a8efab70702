"""What the system refuses is said in Chinese first, and in its own English."""

from pathlib import Path

import pytest

from hutong.errors import HutongError
from hutong.files import make_folder, read_bytes, write_bytes, write_secret
from standards.reasons import system_words


def test_why_a_file_cannot_be_used_is_said_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    for use, words in (
        (lambda: read_bytes(tmp_path / "nothing.xlsx"), ("没有这个文件或目录", "No such file or directory")),
        (lambda: read_bytes(tmp_path), ("是目录，不是文件", "Is a directory")),
        (lambda: write_bytes(tmp_path / "there" / "x", b""), ("路径里有一级不是目录", "Not a directory")),
        (lambda: write_secret(tmp_path / "there", ""), ("已经有同名的文件", "File exists")),
        (lambda: make_folder(tmp_path / ("x" * 300)), ("名称太长", "File name too long")),
    ):
        with pytest.raises(HutongError) as refused:
            use()
        assert refused.value.zh.endswith(words[0])
        assert refused.value.en.endswith(words[1])


def test_what_has_no_words_here_is_told_in_the_systems_own() -> None:
    assert system_words(OSError(9999, "Strange")) == {"reason": "Strange", "reason_en": "Strange"}
    assert system_words(OSError("no number")) == {"reason": "OSError", "reason_en": "OSError"}
