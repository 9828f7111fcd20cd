"""Bundles: the folders that hold all that a prediction needs, and the checks that they are whole."""
