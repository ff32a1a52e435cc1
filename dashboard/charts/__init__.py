"""Plotly figures as plain functions of data frames: the only modules that import Plotly.

Each returns the figure as plain lists and dictionaries, ready for JSON. Colours are custom
properties of `static/css/tokens.css` ("var(--td-missed)"), filled in by the browser for its theme;
fonts, grid and background come from there too. Only cartesian traces: the browser has no others.
Texts are in the language that is active when the function is called.
"""
