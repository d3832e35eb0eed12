"""Results for a terminal, as rich renderables. Nothing is printed here."""
