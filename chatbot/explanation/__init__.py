"""Why a bot said what it said: the facts, and three ways to look at them. No torch here."""

from chatbot.explanation.facts import Explanation, Neighbour, Step

__all__ = ["Explanation", "Neighbour", "Step"]
