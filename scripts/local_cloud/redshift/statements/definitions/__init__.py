"""CREATE, ALTER and DROP: a module per kind of object."""
