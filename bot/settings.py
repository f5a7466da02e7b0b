"""Settings from the environment or a `.env` file, named TIERBOT_…; Slack's usual names (SLACK_…) work too."""

import re
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL

from tiercore.storage.engine import database_url, is_sqlite


def _slack(name: str) -> AliasChoices:
    return AliasChoices(f"TIERBOT_SLACK_{name}", f"SLACK_{name}")


_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=", re.ASCII)


def share_of(text: str) -> Fraction:
    """The share that a text like "50%" says. Raises ValueError."""
    number = text.removesuffix("%")
    if not (text.endswith("%") and number.isascii() and number.isdecimal() and 1 <= int(number) <= 100):
        raise ValueError(f"{text!r} is not a share of the calls; write it from 1% to 100%")
    return Fraction(int(number), 100)


def _listed(secrets: SecretStr | None) -> list[str]:
    return secrets.get_secret_value().replace(",", " ").split() if secrets else []


def _words(listed: str) -> list[str]:
    return listed.replace(",", " ").lower().split()


class Settings(BaseSettings):
    """The operator's settings. Everything has a default except Slack's secrets, which only `serve` needs."""

    model_config = SettingsConfigDict(
        env_prefix="TIERBOT_", env_file=".env", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: str = "sqlite:///tierbot.db"
    read_url: str = ""
    read_lag_seconds: float = Field(default=10, gt=0)
    program: Path | None = None
    timezone: str = "UTC"
    today: date | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65_535)
    log_level: str = "INFO"
    feedback_channel: str = ""
    watch_seconds: float = Field(default=5, gt=0)
    verify_sample: int = Field(default=50, ge=0)
    tick_seconds: float = Field(default=30, gt=0)
    late_hours: float = Field(default=4, gt=0)
    posts_a_second: float = Field(default=5, gt=0)
    post_seconds: float = Field(default=10, gt=0)
    lease_seconds: float = Field(default=60, gt=0)
    settle_seconds: float = Field(default=120, gt=0)
    sweep_seconds: float = Field(default=900, gt=0)
    link_by_email: str = ""
    commands: Literal["core", "all"] = "all"
    native_blocks: Literal["try", "yes", "no"] = "try"
    keep_answers: int = Field(default=2_000, ge=0)
    sync_hours: float = Field(default=0, ge=0)
    hubspot_token: SecretStr | None = None
    hubspot_url: str = "https://api.hubapi.com"
    hubspot_map: Path | None = None
    hubspot_share: str = "50%"
    slack_bot_token: SecretStr | None = Field(default=None, validation_alias=_slack("BOT_TOKEN"))
    slack_signing_secret: SecretStr | None = Field(default=None, validation_alias=_slack("SIGNING_SECRET"))
    slack_client_id: str = Field(default="", validation_alias=_slack("CLIENT_ID"))
    slack_client_secret: SecretStr | None = Field(default=None, validation_alias=_slack("CLIENT_SECRET"))
    slack_authorize_url: str = "https://slack.com/oauth/v2/authorize"
    token_keys: SecretStr | None = None
    public_url: str = ""
    operator: str = "your partner program"
    slack_app_token: SecretStr | None = Field(default=None, validation_alias=_slack("APP_TOKEN"))
    slack_api_url: str = "https://slack.com/api/"
    slack_response_url: str = "https://hooks.slack.com/"

    @field_validator("today")
    @classmethod
    def _day_in_range(cls, value: date | None) -> date | None:
        if value and not 2000 <= value.year <= 2100:
            raise ValueError("use a day from 2000-01-01 to 2100-12-31")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no time zone {value!r}; use an IANA name like Europe/Berlin") from error
        return value

    @field_validator("link_by_email")
    @classmethod
    def _domains(cls, value: str) -> str:
        for domain in _words(value):
            if "." not in domain or "@" in domain or "*" in domain:
                raise ValueError(f"{domain!r} isn't an e-mail domain; list them like agency.com,program.com")
        return value

    @model_validator(mode="after")
    def _posts_end_before_leases(self) -> Self:
        if self.post_seconds >= min(self.lease_seconds, self.settle_seconds):
            raise ValueError(
                "POST_SECONDS must be less than LEASE_SECONDS and SETTLE_SECONDS: a message must not be looked for, or "
                "given to another replica, while it is being posted"
            )
        return self

    @field_validator("hubspot_share")
    @classmethod
    def _share(cls, value: str) -> str:
        share_of(value)
        return value

    @model_validator(mode="after")
    def _syncs_have_what_they_need(self) -> Self:
        if self.sync_hours and not (self.hubspot_token and self.hubspot_map):
            raise ValueError("SYNC_HOURS is set: set HUBSPOT_TOKEN and HUBSPOT_MAP, too, or unset it")
        return self

    @model_validator(mode="after")
    def _standbys_are_of_postgresql(self) -> Self:
        if self.read_url and any(is_sqlite(database_url(each)) for each in (self.read_url, self.database_url)):
            raise ValueError("READ_URL is for a standby of a PostgreSQL database: unset it, or set DATABASE_URL to one")
        return self

    @model_validator(mode="after")
    def _both_addresses_of_slack(self) -> Self:
        given = {name for name in ("slack_api_url", "slack_response_url") if self._differs(name)}
        if len(given) == 1:
            other = ({"slack_api_url", "slack_response_url"} - given).pop()
            raise ValueError(
                f"{given.pop().upper()} is set and {other.upper()} is not: set both, so that answers go to the Slack "
                "that asked"
            )
        return self

    def _differs(self, name: str) -> bool:
        return bool(getattr(self, name) != type(self).model_fields[name].default)

    @field_validator("token_keys")
    @classmethod
    def _fernet_keys(cls, value: SecretStr | None) -> SecretStr | None:
        for at, key in enumerate(_listed(value), 1):
            if not _FERNET_KEY.fullmatch(key):
                raise ValueError(f"key {at} isn't one that tierbot keys new makes: 43 letters, digits, - and _, then =")
        return value

    @field_validator("public_url")
    @classmethod
    def _https(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("PUBLIC_URL is where Slack and people reach the bot, like https://tierbot.example.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _installed_by_oauth_or_by_token(self) -> Self:
        if not self.slack_client_id:
            return self
        if self.slack_bot_token or self.slack_app_token:
            raise ValueError(
                "SLACK_CLIENT_ID is set, so the app is installed by a click in many workspaces, over HTTP: unset "
                "SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or unset SLACK_CLIENT_ID to serve one workspace"
            )
        needed = {
            "SLACK_CLIENT_SECRET": self.slack_client_secret,
            "SLACK_SIGNING_SECRET": self.slack_signing_secret,
            "TOKEN_KEYS": self.token_keys,
            "PUBLIC_URL": self.public_url,
        }
        if missing := [name for name, value in needed.items() if not value]:
            how = " (tierbot keys new makes a key)" if "TOKEN_KEYS" in missing else ""
            raise ValueError(f"SLACK_CLIENT_ID is set: set {' and '.join(missing)}, too{how}")
        return self

    @property
    def keys(self) -> list[str]:
        """The keys that tokens are sealed with, the newest first."""
        return _listed(self.token_keys)

    @property
    def trusted_domains(self) -> frozenset[str]:
        """The e-mail domains of LINK_BY_EMAIL, in lower case."""
        return frozenset(_words(self.link_by_email))

    @property
    def secrets(self) -> list[str]:
        """The tokens and the signing secret that are set, for redaction from logs."""
        secrets = (
            *(self.slack_bot_token, self.slack_signing_secret, self.slack_app_token, self.slack_client_secret),
            self.hubspot_token,
        )
        return [*(secret.get_secret_value() for secret in secrets if secret), *self.keys]

    @property
    def database(self) -> URL:
        """The database. Raises BadDatabaseURL."""
        return database_url(self.database_url)

    @property
    def standby(self) -> URL | None:
        """The standby that answers are read from, None for none. Raises BadDatabaseURL."""
        return database_url(self.read_url) if self.read_url else None

    def today_is(self, now: datetime | None = None) -> date:
        """The day that questions are about by default: TIERBOT_TODAY, or today in TIERBOT_TIMEZONE; `now` is the time,
        by default this machine's.
        """
        return self.today or (now or datetime.now(UTC)).astimezone(ZoneInfo(self.timezone)).date()
