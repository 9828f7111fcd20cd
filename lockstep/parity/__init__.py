"""Compare what a running service answers with what was evaluated, over HTTP only."""
