"""The one way from bars to predictions, and the bundles that hold what it needs."""
