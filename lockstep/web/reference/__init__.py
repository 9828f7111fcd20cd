"""The API reference for people, made from the OpenAPI document alone."""
