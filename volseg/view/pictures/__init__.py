"""Pictures and films of scenes, drawn without a display."""
