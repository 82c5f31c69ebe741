"""What the adapters written in Python share; the protocol is in adapters/README.md."""
