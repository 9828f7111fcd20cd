"""The pages for people: the console at `/`, the API reference and the audit."""
