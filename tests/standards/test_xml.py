"""The hardened parser: what it refuses and by which code; canonical bytes; validation that reads nothing else."""

import time
from pathlib import Path

import pytest

from standards.errors import StandardsError
from standards.xml import Element, XmlLimits, canonical_bytes, parse
from standards.xsd import validate

BAD_INPUT = Path(__file__).parents[3] / "shared/data/bad_input"
CORE = "urn:hutong:gbt21063-3:1"


def _code(data: bytes, limits: XmlLimits | None = None) -> str:
    with pytest.raises(StandardsError) as caught:
        parse(data, limits or XmlLimits())
    return caught.value.code


@pytest.mark.parametrize("name", ["cyclic", "dtd", "external", "external_file", "quadratic", "xmlbomb", "xmlbomb2"])
def test_bad_input_with_a_doctype_is_forbidden(name):
    path = BAD_INPUT / f"xml_{name}.xml"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    started = time.monotonic()
    assert _code(path.read_bytes()) == "XML_FORBIDDEN"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("name", ["simple", "simple-ns"])
def test_harmless_input_is_read(name):
    path = BAD_INPUT / f"xml_{name}.xml"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    root = parse(path.read_bytes())
    assert root.name == "root"
    assert [child.name for child in root.children] == ["element", "element", "empty-element"]
    assert root.children[0].attributes == {"key": "value"}


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY e "x">]><a b="&e;"/>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'.encode("utf-16"),
        b"<!-- first --><?pi x?>\n<!DOCTYPE a><a/>",
        b'<?xml version="1.0"?>' + b" " * 70_000 + b"<!DOCTYPE a><a/>",
    ],
    ids=["entity", "system", "utf-16", "comment first", "second chunk"],
)
def test_every_doctype_is_forbidden(document):
    assert _code(document) == "XML_FORBIDDEN"


@pytest.mark.parametrize(
    "document",
    [b"", b"   ", b"<a>", b"<a></b>", b"<a>&e;</a>", b"text", b"<a/><b/>", b"\x00\x01", b"<a>\x01</a>", b"<a>\xff</a>"],
)
def test_malformed_document_is_named_so(document):
    assert _code(document) == "XML_MALFORMED"


def test_limits_are_kept_while_parsing():
    limits = XmlLimits(document_bytes=10_000, element_count=20, depth=5, attribute_count=2)
    assert _code(b"<a>" + b" " * 10_000 + b"</a>", limits) == "XML_TOO_LARGE"
    assert _code(b"<a>" + b"<b/>" * 20 + b"</a>", limits) == "XML_TOO_LARGE"
    assert _code(b"<a>" * 6 + b"</a>" * 6, limits) == "XML_TOO_LARGE"
    assert _code(b'<a b="" c="" d=""/>', limits) == "XML_TOO_LARGE"
    assert len(parse(b"<a>" + b"<b/>" * 19 + b"</a>", limits).children) == 19


def test_text_and_lines_are_kept_and_comments_passed_over():
    root = parse("<a>\n  <b>人<!-- x -->口</b>\n</a>".encode())
    assert (root.children[0].text, root.children[0].line) == ("人口", 2)


def test_other_encodings_are_read():
    assert parse('<?xml version="1.0" encoding="GB18030"?><a>人口𠀀</a>'.encode("gb18030")).text == "人口𠀀"


def test_canonical_bytes_are_one_spelling():
    one = parse(f'<x:a xmlns:x="{CORE}"><x:b>1</x:b></x:a>'.encode())
    two = parse(f'<?xml version="1.0"?><a xmlns="{CORE}"><b >1</b></a>'.encode())
    assert canonical_bytes(one) == canonical_bytes(two) == f'<a xmlns="{CORE}">\n  <b>1</b>\n</a>\n'.encode()


@pytest.mark.parametrize("text", ["\r", "\r\n", " a ", "\t", "<&>", "]]>", "\u2028", "\x85", "𠀀", "\ufeff"])
def test_text_survives_writing_and_reading(text):
    element = Element(CORE, "a", children=(Element(CORE, "b", text),))
    assert parse(canonical_bytes(element)).children[0].text == text


@pytest.mark.parametrize("text", ["\x00", "a\x0bb", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_text_xml_cannot_hold_is_refused_by_place_and_character(text):
    first, second = Element(CORE, "b", "ok"), Element(CORE, "b", text)
    with pytest.raises(StandardsError) as caught:
        canonical_bytes(Element(CORE, "a", children=(first, second)))
    assert caught.value.code == "XML_TEXT_FORBIDDEN"
    assert "/a/b[2]" in caught.value.zh
    assert "U+" in caught.value.zh


def test_schema_finding_names_path_and_line():
    document = f'<Metadata xmlns="{CORE}">\n<resTitle>人口</resTitle>\n<wrong/>\n</Metadata>'.encode()
    (finding,) = validate(document, "gbt21063-3/1")
    assert finding.path == "/Metadata"
    assert "wrong" in finding.en
    assert finding.clause == "GB/T 21063.3-2007"


def test_document_cannot_bring_its_own_schema(tmp_path):
    own = tmp_path / "own.xsd"
    own.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Metadata"/></xs:schema>')
    instance = "http://www.w3.org/2001/XMLSchema-instance"
    document = f'<Metadata xmlns:xsi="{instance}" xsi:noNamespaceSchemaLocation="{own.as_uri()}">x</Metadata>'
    assert validate(document.encode(), "gbt21063-3/1")


def test_validation_refuses_what_the_parser_refuses():
    with pytest.raises(StandardsError) as caught:
        validate(b"<!DOCTYPE a><a/>", "gbt21063-3/1")
    assert caught.value.code == "XML_FORBIDDEN"


def test_findings_are_limited():
    wrong = b"<tpCat/>" * 500
    document = (
        f'<Metadata xmlns="{CORE}"><resTitle>人口</resTitle><idPoC><rpOrgName>公安局</rpOrgName></idPoC>'.encode()
    )
    assert len(validate(document + wrong + b"</Metadata>", "gbt21063-3/1")) == 100
