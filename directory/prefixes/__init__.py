"""The register of prefixes (前段码) and the lists of class codes: who may give out which numbers."""
