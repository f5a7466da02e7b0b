"""Conversation: what people type and click becomes questions, what the core answers becomes messages."""
