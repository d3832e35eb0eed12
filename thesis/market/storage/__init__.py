"""How the store keeps bars: whole files, a manifest, revisions, and what can go wrong."""
