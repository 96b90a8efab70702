"""Pages: templates, static files and the one function that renders."""
