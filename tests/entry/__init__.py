"""The entry grid."""
