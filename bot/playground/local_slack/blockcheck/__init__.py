"""Block Kit's rules, as pure functions: what is wrong with these blocks?"""

from bot.playground.local_slack.blockcheck.blocks import Surface
from bot.playground.local_slack.blockcheck.message import interactive, problems
from bot.playground.local_slack.blockcheck.view import view_problems

__all__ = ["Surface", "interactive", "problems", "view_problems"]
