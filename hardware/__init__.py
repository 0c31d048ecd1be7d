"""Cameras, scanners and watched folders: the world turned into pictures and texts."""
