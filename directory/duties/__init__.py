"""Changes of law or duty that entries must follow (Art. 17): ten working days to update, two to publish."""
