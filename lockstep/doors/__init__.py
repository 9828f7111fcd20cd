"""One module per protocol: bytes to a request, an answer to bytes."""
