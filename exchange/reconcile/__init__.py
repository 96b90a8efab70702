"""三方对账: the two ends of a route compare rows without showing them, and the relay's list is compared with both."""
