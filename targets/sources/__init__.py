"""Values from where they are published: fetched, read, mapped, checked, taken in.

One run goes through these in turn, and what they hand to each other is in `contract`:

    network   bodies from a source, over guarded connections, whole or not at all
    adapters  one small class for each kind of source: what to ask, how to read it
    reading   rows of theirs into rows of ours
    taking    what is new, revised, unchanged, held for a coordinator, or left out
    runs      holds it together: one at a time, on schedule, repeated where killed
    sending   the same road for values that an organisation sends by itself
"""
