"""What is said of a file or arguments that do not fit: the fields and what was expected, in each language's words."""

from pathlib import Path

import pytest

from directory.proposals.choice import Choice
from hutong.acting import body, body_of_file
from hutong.errors import HutongError


def test_what_does_not_fit_is_said_in_each_language(tmp_path: Path) -> None:
    path = tmp_path / "choice.json"
    path.write_text('{"title": 1, "nothing": 2}')
    with pytest.raises(HutongError) as of_file:
        body_of_file(Choice, path)
    with pytest.raises(HutongError) as of_words:
        body(Choice, title=1, nothing=2)
    for refusal, code in ((of_file.value, "JSON_UNREADABLE"), (of_words.value, "ARGUMENT_BAD")):
        assert refusal.code == code
        assert "title（应是文字）、" in refusal.zh
        assert "title (a text), " in refusal.en
        assert not [each for each in refusal.en.replace(str(path), "") if each > "\u2fff"]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ('{"title"', "不合要求：不是合法的 JSON", "does not fit: expected valid JSON"),
        ("[]", "不合要求：应是一组字段（JSON 对象）", "does not fit: expected an object"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_said_without_a_field(tmp_path: Path, text: str, zh: str, en: str) -> None:
    path = tmp_path / "choice.json"
    path.write_text(text)
    with pytest.raises(HutongError) as refused:
        body_of_file(Choice, path)
    assert (refused.value.zh.endswith(zh), refused.value.en.endswith(en)) == (True, True), str(refused.value)
