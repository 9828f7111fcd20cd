"""gunicorn: its settings, its worker and its log."""
