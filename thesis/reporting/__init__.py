"""Room five: how a result is told.

The results stand here: of a thesis, of several, of many strategies, of a market. Around them, each
built on those before it: ``words`` (what is said, in English and Chinese), ``documents`` (JSON and
CSV), ``drawing`` (figures as static SVG), ``figures`` (plotly), ``terminal`` and ``pages``.
"""
