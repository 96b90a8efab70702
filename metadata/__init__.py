"""What is said about data: frozen, signable records and their formats. Pure: no clock, no file, no network."""
