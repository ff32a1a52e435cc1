"""Sign-in at a ministry's own identity provider (OpenID Connect), stricter than allauth's own."""
