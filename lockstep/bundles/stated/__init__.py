"""What a bundle states of itself beside its answers, compared with what follows from its own files."""
