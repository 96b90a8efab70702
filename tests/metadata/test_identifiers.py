"""Both identifiers: the national examples, the real codes seen, and what is refused."""

import pytest

from metadata.errors import MetadataError
from metadata.identifiers import Identifier, ResourceCode, is_class_code

# (code, its 类 项 目 细目 and sequence, or None for one that does not follow the 2017 guide); all six are in use
REAL_CODES = [
    ("303084122704/000001", ("3", "03", "084", "122704", "000001")),
    ("303021070100/000003", ("3", "03", "021", "070100", "000003")),
    ("3070010370/000066", ("3", "07", "001", "0370", "000066")),
    ("307021022100/000009", ("3", "07", "021", "022100", "000009")),
    ("BA6006/000218", None),
    ("00247017X/000709", None),
]


@pytest.mark.parametrize(("text", "parts"), REAL_CODES)
def test_real_code_is_kept_verbatim_and_split_where_it_is_the_guides(text, parts):
    code = ResourceCode.parse(text)
    assert str(code) == text
    assert code.parts() == parts
    assert code.is_guide == (parts is not None)


@pytest.mark.parametrize("text", ["", "/", "303/", "/1", "303021", "303021/000001/2", "30 3021/1", "303021/1\n"])
def test_text_that_is_no_code_is_refused(text):
    with pytest.raises(MetadataError) as caught:
        ResourceCode.parse(text)
    assert caught.value.code == "IDENTIFIER_INVALID"


def test_minted_code_has_six_digits():
    assert str(ResourceCode.mint("303021070100", 3)) == "303021070100/000003"
    assert str(ResourceCode.mint("303021", 1_234_567)) == "303021/1234567"


@pytest.mark.parametrize(
    ("front", "number"), [("403021", 1), ("30302", 1), ("30302A", 1), ("303021", 0), ("", 1), ("３03021", 1)]
)
def test_class_that_is_not_the_guides_mints_nothing(front, number):
    with pytest.raises(MetadataError):
        ResourceCode.mint(front, number)


@pytest.mark.parametrize("text", ["11000/A00034VG345", "29001/1", "120001/ABC", "290D3/00000000001"])
def test_identifier_reads_back(text):
    identifier = Identifier.parse(text)
    assert str(identifier) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "11000",
        "11000/",
        "1100/A",
        "1100000/A",
        "11000/a",
        "11000/A/B",
        "11000/A\n",
        "１1000/A",
        "11000/" + "A" * 33,
    ],
)
def test_text_that_is_no_identifier_is_refused(text):
    with pytest.raises(MetadataError) as caught:
        Identifier.parse(text)
    assert "11000/A00034VG345" in caught.value.next_step


def test_minted_identifier_is_as_long_as_the_standards_example():
    assert str(Identifier.mint("11000", 42)) == "11000/00000000042"


@pytest.mark.parametrize(
    ("text", "expected"), [("303021", True), ("203001", True), ("30302", False), ("003021", False)]
)
def test_class_code(text, expected):
    assert is_class_code(text) is expected
