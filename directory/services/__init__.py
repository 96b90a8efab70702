"""A provider's change or ending of a service (Art. 27), and what consumers are told of their items."""
