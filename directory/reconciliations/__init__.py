"""What the two ends of a route found when they compared (三方对账), as both have signed it."""
