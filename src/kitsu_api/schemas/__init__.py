"""What goes over the wire, one module a domain."""
