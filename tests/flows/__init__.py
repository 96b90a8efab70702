"""A package, so that the city ends with its stories: one that nobody visits costs the other tests time."""
