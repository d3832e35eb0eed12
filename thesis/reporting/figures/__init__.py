"""Figures of a result, as plotly figures: returned, never shown."""
