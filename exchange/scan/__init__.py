"""Reverse cataloguing (反向编目): what tables the department's database has, and what their values are like."""
