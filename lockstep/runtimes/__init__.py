"""What knows a server."""
