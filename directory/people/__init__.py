"""People: accounts made and closed by one hand, roles given and taken by another (三员分立)."""
