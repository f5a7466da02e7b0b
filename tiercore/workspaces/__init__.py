"""The workspaces that the app is installed in: installing, whose they are, removing."""
