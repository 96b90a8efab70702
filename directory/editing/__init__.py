"""Describing entries in the browser: the form, lists by status, versions side by side, assessments, returns."""
