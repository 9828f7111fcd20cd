"""From prices to a bundle; nothing that serves imports it."""
