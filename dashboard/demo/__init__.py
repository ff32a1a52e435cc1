"""The whole of Thước Đo on one machine, on loopback, with invented accounts."""
