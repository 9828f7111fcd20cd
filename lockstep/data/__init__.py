"""From cells to bars: calendars, validation and price files."""
