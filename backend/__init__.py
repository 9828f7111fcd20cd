"""The application: its web app, and what a server starts."""
