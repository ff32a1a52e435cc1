"""Administration: accounts and roles, and the sources that values are pulled from.

For the role of administrator; accounts also for superusers, who set an installation up. Its pages
are Django's; signing in is ours, with its second factor.
"""

from dashboard.administration import people, sources
from dashboard.administration.site import site

__all__ = ["people", "site", "sources"]
