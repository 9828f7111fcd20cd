"""The service behind a real nginx: who gets through it, with keys and without."""
