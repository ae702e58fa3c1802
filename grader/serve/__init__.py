"""The pages of a gradebook, live: with search, the progress of a running batch, and a form to give points by hand.

They are for staff. Everything that needs Starlette is imported by `grader.commands.serve` alone: it is an extra.
"""
