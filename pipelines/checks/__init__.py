"""Quality checks of rows in PostgreSQL: the catalogue's rules as SQL, and as Great Expectations."""
