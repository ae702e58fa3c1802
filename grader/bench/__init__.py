"""Speed: a student's function against the reference, the kernel, and the bound that bytes and operations give."""
