"""Holiday notices (放假安排): a year's days off and make-up days, as the administrators enter them each November."""
