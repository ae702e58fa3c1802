"""Environments that agents are trained in: one of ours, whose expectations are known exactly, and Gymnasium's.

The package stands on its own (gymnasium and numpy): the sandbox sees it by another name, and nothing else of ours.
"""
