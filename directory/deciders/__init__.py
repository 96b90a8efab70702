"""Who decides on a request (谁来审批): the law's rule, and the office's, with the day each holds from."""
