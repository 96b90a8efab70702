"""The statutory clock: working days, due dates, lights."""
