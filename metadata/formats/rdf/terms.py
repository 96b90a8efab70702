"""The words of the RDF forms: namespaces, and which term stands for which coded value (``standards/09``).

Terms of DCAT, Dublin Core, SKOS, CSVW and vCard are those of their specifications; what they have no term for is in the
project's own namespace. The correspondence is this project's (table ``mapping-dcat-dc-iso-ogc``).
"""

from collections.abc import Mapping
from typing import Final

from rdflib import Namespace, URIRef
from rdflib.namespace import CSVW, DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD

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
