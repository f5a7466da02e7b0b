"""Where the bot's token may go with a download: to Slack's own hosts, and nowhere else."""

import pytest

from bot.slack.download import is_slacks

SLACK, GOV, LOCAL = "https://slack.com/api/", "https://slack-gov.com/api/", "http://127.0.0.1:4711/api/"


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://files.slack.com/files-pri/T1-F1/sales.csv", SLACK),
        ("https://slack.com/files-pri/T1-F1/sales.csv", SLACK),
        ("https://FILES.SLACK.COM/x", SLACK),
        ("https://files.slack-gov.com/x", GOV),
        ("http://127.0.0.1:4711/files-pri/T1-F1/sales.csv", LOCAL),
    ],
)
def test_files_come_from_the_host_of_the_web_api_and_those_below_it(url: str, api: str):
    assert is_slacks(url, api)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.slack.com/x",
        "https://slack.com.evil.example/x",
        "https://evilslack.com/x",
        "https://files.slack.com@evil.example/x",
        "https://token:x@files.slack.com/x",
        "https://files.slack.com:8443/x",
        "https://files.slack.com:x/x",
        "https://[files.slack.com/x",
        "https://files.slack-gov.com/x",
        "https://127.0.0.1/x",
        "//files.slack.com/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_goes_nowhere_else(url: str):
    assert not is_slacks(url, SLACK)
