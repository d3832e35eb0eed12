"""Figures of a result, as plotly figures: returned, never shown.

A page prints them without plotly, so they keep to few means, which
`thesis.reporting.pages.drawing` knows too:

- traces ``scatter`` (lines, markers, text; ``fill`` "tonexty" or "toself"; line shape linear or hv,
  dash solid, dash or dot), ``bar`` (either orientation, with ``base``), and ``heatmap`` whose
  colours change in steps;
- one pair of axes, or several one above another by ``domain``, with a shared x; every axis is a
  number line with its ``range``, ``tickvals`` and ``ticktext`` given: days are counted in sessions,
  categories numbered;
- shapes ``rect`` and ``line``, annotations without arrows; colours of `theme.PALETTE` alone;
- ``hovertext`` for what a pointer reads, made by the same hands as the text.
"""
