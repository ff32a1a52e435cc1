"""Pages of the data sources, of their runs, and of the values that wait for a coordinator."""
