"""Automatic messages: subscriptions, digests, alerts, and the outbox that keeps them from being lost or doubled."""
