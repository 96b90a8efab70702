"""The parts of the embedded PostgreSQL: its binaries, its process, its settings, its roles."""
