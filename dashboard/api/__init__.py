"""The API of reporting: the same rules, permissions and numbers as the pages, with a token."""
