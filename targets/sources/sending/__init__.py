"""The same road for values that an organisation sends."""
