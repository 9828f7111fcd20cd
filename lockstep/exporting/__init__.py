"""Models as folders of other tools, which answer with the library's own prediction."""
