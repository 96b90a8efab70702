"""The parts of an xlsx file changed where they stand: whatever is not named stays as it was, byte for byte."""
