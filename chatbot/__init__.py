"""Turns chat logs into a bot that people talk to on their own machine."""

__version__ = "0.1.0"
