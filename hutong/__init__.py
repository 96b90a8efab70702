"""The composition root: the hutong command, the demo city, embedded PostgreSQL, process supervision."""
