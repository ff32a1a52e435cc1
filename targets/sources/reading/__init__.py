"""Rows of a source into rows of ours, as `DataSource.mapping` describes them."""
