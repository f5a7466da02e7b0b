"""The pages of an installation, as HTML without scripts: what tierbot reads, what it never does, who operates it."""

from collections.abc import Sequence
from html import escape

from bot.slack.scopes import SCOPES, Scope

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f6f7f9; color: #1d1c1d }
main { max-width: 38rem; margin: 3rem auto; padding: 2rem; background: #fff; border-radius: 12px }
h1 { margin-top: 0; font-size: 1.6rem } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem }
a.button { display: inline-block; padding: .8rem 1.4rem; border-radius: 8px; background: #1f3a5f; color: #fff;
  font-weight: 600; text-decoration: none } a.button:focus { outline: 3px solid #7aa7d9 }
ul { padding-left: 1.2rem; margin: .3rem 0 } small, footer { color: #5b5b5f }
code { background: #eef0f3; padding: 0 .3rem }
@media (prefers-color-scheme: dark) { body { background: #17181a; color: #e8e8e8 } main { background: #222529 }
  a.button { background: #3d6ea8 } small, footer { color: #b0b0b5 } code { background: #33373c } }
"""
_FAILED = {
    "access_denied": ("Nothing was installed", "Slack says that the installation was cancelled, or not allowed there."),
    "invalid_browser": (
        "This page was opened in another browser",
        "The installation has to end in the browser where it began, with cookies allowed.",
    ),
    "invalid_state": ("This page is too old", "An installation has to be finished within ten minutes, and once."),
}
_AGAIN = "Open the link that you were given and press Add to Slack again."


def offer(url: str, operator: str, *, is_invited: bool) -> str:
    """The page with Add to Slack."""
    whose = (
        "You were invited by your partner program: this workspace will be tied to your company."
        if is_invited
        else "Without an invitation nobody here sees anything until the program has linked them."
    )
    reads = "".join(f"<li><code>{each.name}</code> – {escape(each.purpose)}</li>" for each in SCOPES)
    return _page(
        "Add tierbot to Slack",
        f"""<p>tierbot says where you stand in the partner program: your tier, what is missing to the next one, what
expires soon. Only you see the answers to what you ask.</p>
<p>{whose}</p>
<p><a class="button" href="{escape(url)}">Add to Slack</a></p>
<h2>What it asks Slack for, and why</h2><ul>{reads}</ul>
<h2>What it never does</h2><ul><li>read your channels' conversations: it gets what you type to it, and looks in a
channel's history only for its own messages</li><li>show your figures to anybody who isn't linked to your company, or
another company's to you</li><li>pass on or train anything with what it reads in Slack</li></ul>
<footer>Operated by {escape(operator)}. Remove it at any time: nothing more is sent from then on, and what is known of
this workspace is deleted after 30 days.</footer>""",
    )


def installed(link: str, missing: Sequence[Scope], *, is_org_wide: bool = False) -> str:
    """The page after an installation, with the scopes that weren't granted. An organization's installation is in none
    of its workspaces yet.
    """
    next_ = (
        "<p>Now choose its workspaces: in Slack's organization settings, under Integrations, Installed apps, add "
        "tierbot to each workspace that is to have it.</p>"
    )
    without = "".join(f"<li>without <code>{each.name}</code>: {escape(each.without)}</li>" for each in missing)
    less = f"<h2>Slack didn't grant everything</h2><ul>{without}</ul><p>Install it again to allow more.</p>"
    return _page(
        "tierbot is installed",
        f"""<p>It has sent you a message in Slack with the steps that are left.</p>
<p><a class="button" href="{escape(link)}">Open tierbot in Slack</a></p>
{next_ if is_org_wide else ""}{less if missing else ""}""",
    )


def failed(reason: str) -> str:
    """The page after an installation that Slack or the browser ended."""
    title, why = _FAILED.get(reason, ("Nothing was installed", f"Slack's reason: {reason}."))
    return _page(title, f"<p>{escape(why)}</p><p>{_AGAIN}</p>")


def refused(why: str) -> str:
    """The page after an installation that tierbot refused."""
    return _page("Nothing was installed", f"<p>{escape(why)}</p>")


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"<main><h1>{escape(title)}</h1>{body}</main></html>"
    )
