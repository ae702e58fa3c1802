"""Small Gymnasium environments of ours, whose expectations are known exactly."""
