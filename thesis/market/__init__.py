"""Room two: what happened. Sessions, dated exchange rules, the price panel and what fills it."""
