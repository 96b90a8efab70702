"""The three lists together: their workbooks, and the page that leads to them."""
