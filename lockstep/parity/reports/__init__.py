"""Views of the record of a run: console, JUnit XML, Markdown and one HTML page."""
