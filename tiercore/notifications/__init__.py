"""What is sent without being asked: subscriptions, alerts, the outbox, and how nothing is lost or sent twice."""
