# Frostnet: services: what runs beside the prompt
# MIT license; Copyright (c) 2026 The Frostnet authors

# docs/services/writing.md says how they work and how to write one.

running = {}  # by name


def stop_all():
    """Stop every service; for the end of the network that they are on."""
    for service in list(running.values()):
        service.stop()
