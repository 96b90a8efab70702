"""An error says the same in both languages, each with its own words and its own way to list."""

from typing import ClassVar

from standards.errors import ExplainedError, Explanation


class _Refusal(ExplainedError):
    explanations: ClassVar = {
        "PARTS": Explanation(zh="缺：{parts}（{count}）", en="missing: {parts} ({count})", next_step="补上{parts}。")
    }


def test_english_says_its_own_words() -> None:
    error = _Refusal("PARTS", parts="依据", parts_en="basis", count=1)
    assert (error.zh, error.en, error.next_step) == ("缺：依据（1）", "missing: basis (1)", "补上依据。")


def test_several_are_listed_as_each_language_lists_them() -> None:
    error = _Refusal("PARTS", parts=["依据", "场景"], parts_en=("basis", "scenario"), count=2)
    assert (error.zh, error.en) == ("缺：依据、场景（2）", "missing: basis, scenario (2)")
    assert _Refusal("PARTS", parts=["a", "b"], count=2).en == "missing: a, b (2)"


def test_what_no_sentence_names_is_not_put_into_words() -> None:
    """The findings of a large file: they go out as they are."""

    class Finding:
        def __str__(self) -> str:
            raise AssertionError

    findings = [Finding()] * 10_000
    assert _Refusal("PARTS", parts="a", count=1, findings=findings).values["findings"] is findings
