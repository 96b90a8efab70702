"""Pages of the exchange: the routes with their newest batches, and one batch with its history."""
