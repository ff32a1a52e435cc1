"""The whole site as processes of its own: what a person does in it, what many do at once, and what
is left when its processes are killed.
"""
