"""uWSGI: its settings, and the app as it serves it."""
