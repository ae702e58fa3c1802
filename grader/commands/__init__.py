"""What the commands do, one module for those that need the same parts; loaded when a command is called."""
