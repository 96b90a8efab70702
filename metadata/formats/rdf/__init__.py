"""Entries as RDF: DCAT 3 in the shape of DCAT-AP 3, in Turtle, RDF/XML and JSON-LD, written and read."""
