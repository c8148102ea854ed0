"""The web side: the webhook, health and metrics, and the browser face."""
