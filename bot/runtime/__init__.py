"""The process: settings, keys, wiring, background jobs, shutdown."""
