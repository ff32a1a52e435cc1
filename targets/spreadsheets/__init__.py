"""Spreadsheets from outside: opened in a process of their own, with bounds on all they may cost.

`reading.read_spreadsheet` is the door. What runs in the child (`child` and all that it imports)
knows nothing of Django and answers with codes; `refusals` has the sentences.
"""
