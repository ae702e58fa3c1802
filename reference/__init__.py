"""Reference implementations: the clearest correct PyTorch of every concept, on any device."""
