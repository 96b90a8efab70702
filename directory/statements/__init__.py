"""How statements are put to the database: planned once, asked ahead for many, written together, kept while right."""
