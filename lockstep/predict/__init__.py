"""The one way from bars to predictions."""
