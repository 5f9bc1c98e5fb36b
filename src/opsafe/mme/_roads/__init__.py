"""Roads that fills take where they do not fit one frame in memory."""
