"""The catalogue: files that a policy officer edits, checked as a whole and loaded at once.

`reading` turns files into rows with their place, `cells` and `rows` say what each file holds,
`rules` checks the catalogue as a whole, `applying` makes the database equal to it, table by table
(`syncing`), and `loading` does all of it in one transaction.
"""
