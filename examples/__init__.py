"""Other people's models, carried by this project."""
