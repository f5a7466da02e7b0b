"""Block Kit's rules as one pure question: what is wrong with these blocks?"""

from bot.playground.blockcheck.blocks import Surface
from bot.playground.blockcheck.message import interactive, problems
from bot.playground.blockcheck.view import view_problems

__all__ = ["Surface", "interactive", "problems", "view_problems"]
