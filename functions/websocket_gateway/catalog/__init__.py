"""The catalog: which queries clients may ask, and with which values."""
