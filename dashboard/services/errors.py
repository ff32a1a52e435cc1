"""What can go wrong with an embedded server, in words for the person at the terminal."""


class ServiceError(RuntimeError):
    """An embedded server cannot be used; the message says why and what to do."""
