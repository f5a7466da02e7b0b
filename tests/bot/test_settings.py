"""Settings that only make sense together are refused when one of them is missing."""

import pytest
from pydantic import ValidationError

from bot.settings import Settings

API, ANSWERS = "https://slack-gov.com/api/", "https://hooks.slack-gov.com/"


def test_both_of_slacks_addresses_are_set_or_neither():
    assert Settings(slack_api_url=API, slack_response_url=ANSWERS).slack_api_url == API
    for given, missing in (
        ({"slack_api_url": API}, "SLACK_RESPONSE_URL"),
        ({"slack_response_url": ANSWERS}, "SLACK_API"),
    ):
        with pytest.raises(ValidationError, match=missing):
            Settings(**given)
