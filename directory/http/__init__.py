"""What every call passes on its way in and out: limits, forged forms, how often, refusals as answers, OpenAPI."""
