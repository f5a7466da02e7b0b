"""What the portal holds: records, associations, property definitions, pipelines, owners."""
