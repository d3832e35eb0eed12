"""How other vendors write bars: their columns, units, codes and cells."""
