"""The only door to the guest: sandbox backends, limits, and the runner that puts calls to a submission."""
