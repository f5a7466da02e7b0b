"""What is logged holds no secret, no text of a message and no figure."""

import io
import json

import structlog

from bot import logs


def test_a_fault_is_logged_with_its_place_and_without_what_was_in_hand(monkeypatch):
    class Out:
        buffer = io.BytesIO()

    monkeypatch.setattr(logs.sys, "stderr", Out)
    before = structlog.get_config()
    try:
        logs.set_up_logging("INFO")
        secret = "Top Secret GmbH"
        try:
            raise ValueError("odd")
        except ValueError:
            structlog.get_logger().exception("fault", reference="abc")
        del secret
    finally:
        structlog.configure(**before)
    line = Out.buffer.getvalue().decode()
    assert json.loads(line)["reference"] == "abc"
    assert "test_logs.py" in line
    assert "Top Secret" not in line
