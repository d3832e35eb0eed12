"""Room three: what could be done about it. Weights, the paper basket, orders, execution."""
