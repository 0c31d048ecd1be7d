"""Settings to start from, and the demo."""
