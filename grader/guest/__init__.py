"""The untrusted side: runs inside the sandbox and answers with observations. Imports nothing else of ours.

`zygote` imports torch once and forks; the fork (`child`) executes a submission and carries out calls. Both sides of the
pipe share `frames`, and to time functions in the same way `drawing` and `stopwatch`.
"""
