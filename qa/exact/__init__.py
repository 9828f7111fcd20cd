"""How far the exact forms are from scikit-learn, and how fast they are: `python -m qa.exact`."""
