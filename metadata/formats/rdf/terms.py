"""The words of the RDF forms: namespaces, and which term stands for which coded value (``standards/09``).

Terms of DCAT, Dublin Core, SKOS, CSVW and vCard are those of their specifications; what they have no term for is in the
project's own namespace. The correspondence is this project's (table ``mapping-dcat-dc-iso-ogc``).
"""

from collections.abc import Mapping
from typing import Final

from rdflib import Literal, Namespace, URIRef
from rdflib.namespace import CSVW, DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from standards.codes import table

HT: Final = Namespace("urn:hutong:catalogue:1#")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
FREQUENCY: Final = Namespace("http://publications.europa.eu/resource/authority/frequency/")
GEO: Final = Namespace("http://www.opengis.net/ont/geosparql#")
THEME: Final = Namespace("urn:hutong:theme:")
REGION: Final = Namespace("urn:hutong:gbt2260:")

PREFIXES: Final[Mapping[str, Namespace]] = {
    "ht": HT,
    "vcard": VCARD,
    "freq": FREQUENCY,
    "geo": GEO,
    "dcat": Namespace(str(DCAT)),
    "dct": Namespace(str(DCTERMS)),
    "foaf": Namespace(str(FOAF)),
    "rdf": Namespace(str(RDF)),
    "rdfs": Namespace(str(RDFS)),
    "skos": Namespace(str(SKOS)),
    "csvw": Namespace(str(CSVW)),
    "xsd": Namespace(str(XSD)),
}

FREQUENCIES: Final[Mapping[str, URIRef]] = {
    "realtime": FREQUENCY.CONT,
    "daily": FREQUENCY.DAILY,
    "weekly": FREQUENCY.WEEKLY,
    "monthly": FREQUENCY.MONTHLY,
    "quarterly": FREQUENCY.QUARTERLY,
    "halfyear": FREQUENCY.ANNUAL_2,
    "yearly": FREQUENCY.ANNUAL,
    "irregular": FREQUENCY.IRREG,
}

ACCESS: Final[Mapping[str, URIRef]] = {
    "unconditional": HT["unconditional"],
    "conditional": HT["conditional"],
    "none": HT["none"],
}
ACCESS_LABELS: Final[Mapping[str, str]] = {
    "unconditional": "无条件共享",
    "conditional": "有条件共享",
    "none": "不予共享",
}

DATATYPES: Final[Mapping[str, URIRef]] = {
    "C": XSD.string,
    "N": XSD.decimal,
    "Y": XSD.decimal,
    "D": XSD.date,
    "T": XSD.dateTime,
    "L": XSD.boolean,
    "M": XSD.string,
    "G": XSD.base64Binary,
    "B": XSD.double,
    "I": XSD.integer,
    "F": XSD.float,
}
"""The letters of the guide as datatypes; several share one, so the letter itself is kept beside it."""

LOCN: Final = Namespace("http://www.w3.org/ns/locn#")
GEOMETRIES: Final = (DCAT.bbox, LOCN.geometry, GEO.asWKT, GEO.asGeoJSON)
"""Properties of a place whose values are geometries."""

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "realtime": ("cont", "update_cont", "continuous", "continual", "realtime", "real-time", "r/pt1s"),
    "daily": ("daily", "every day", "r/p1d", "p1d"),
    "weekly": ("weekly", "every week", "r/p1w", "r/p7d", "p1w", "p7d"),
    "monthly": ("monthly", "every month", "r/p1m", "p1m"),
    "quarterly": ("quarterly", "every quarter", "r/p3m", "p3m"),
    "halfyear": ("annual_2", "semiannual", "semiannually", "biannually", "half-yearly", "r/p6m", "p6m"),
    "yearly": ("annual", "annually", "yearly", "every year", "r/p1y", "p1y"),
    "irregular": ("irreg", "irregular", "as needed", "asneeded"),
}
_CYCLES: Final = {word: key for key, words in _WORDS.items() for word in words}


def cycle_of(value: Node | None) -> str | None:
    """The update cycle that a frequency means: a term of a list of frequencies, an English or Chinese word, or ISO
    8601's repeating interval. None for what it has no word for."""
    if value is None or not isinstance(value, Literal | URIRef):
        return None
    text = str(value).strip()
    if isinstance(value, URIRef):
        text = text.rstrip("/#").rpartition("/")[2].rpartition("#")[2]
    return _CYCLES.get(text.lower()) or table("guide2017-update-cycle").fix(text)
