"""Directives: in lists, on their own page, and on public pages for those who may see them."""
