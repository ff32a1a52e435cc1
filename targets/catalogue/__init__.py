"""The catalogue: files that a policy officer edits, checked as a whole and loaded at once.

`reading` turns files into rows with their place, `rows` says what each file holds, `rules` checks
the catalogue as a whole, `loading` makes the database equal to it in one transaction.
"""
