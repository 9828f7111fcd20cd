"""Serve scikit-learn models whose deployed predictions are provably the ones that were evaluated."""
