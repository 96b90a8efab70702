"""The approver's brief (审批要点): everything that one who decides on a request looks at, on one page."""
