"""Other people's clients: each module runs in the environment of its package, with that and the standard library."""
