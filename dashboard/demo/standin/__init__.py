"""A stand-in for the places where values are published: one HTTP server process on loopback.

`python -m dashboard.demo.standin --port 0 --announce FILE --control` speaks the formats of the
World Bank (`world_bank`), the statistics office's PX-Web (`px_web`), SDMX services (`sdmx`), files
of the United Nations, of UNDP and of a ministry (`files`) and a ministry's JSON service behind a
secret (`lgsp`). What it says of Việt Nam are the published figures of `fixtures/observations/`;
every other row is made up, and a source that reads from here is marked as synthetic.

The start of a path chooses a state of its own and a fault, in this order, both optional:

- `/for/KEY/...`: what `POST /control` set for this key (see `state.State`), apart from all others;
- `/fault/NAME/...`: the answer comes with this fault (see `faults.FAULTS`), always.

Only 127.0.0.1 is listened on. Without `--control` nobody can change what is served.
"""
