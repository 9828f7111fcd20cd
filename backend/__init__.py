"""The Flask app that serves a bundle."""
