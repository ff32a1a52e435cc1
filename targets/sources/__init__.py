"""Values from where they are published: fetched, read, mapped, checked, taken in.

One run goes through these, each a module: an adapter asks a `fetching.Fetcher` for bodies
(`egress` decides where it may go), reads them into `contract.Table`s, `mapping` turns their rows
into rows of ours, `intake` compares them with what is known and writes. `running` holds a run
together; `pushing` is the same road for values that an organisation sends.
"""
