"""What describes records: property definitions, pipelines and their stages, owners."""

from dataclasses import dataclass

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Property:
    """A property definition; `options` are (value, label) pairs of an enumeration."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    description: str = ""
    options: tuple[tuple[str, str], ...] = ()
    group: str = ""
    is_hubspots: bool = True

    def as_json(self, object_type: str) -> Json:
        """The definition as the API gives it."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group or f"{object_type}_information",
            "options": [
                {"label": label, "value": value, "displayOrder": order, "hidden": False}
                for order, (value, label) in enumerate(self.options)
            ],
            "hidden": False,
            "hubspotDefined": self.is_hubspots,
            "calculated": False,
            "archived": False,
            "hasUniqueValue": self.name == "hs_object_id",
        }


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `probability` is 1.0 for won, 0.0 for lost."""

    id: str
    label: str
    probability: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline with its stages in order."""

    id: str
    label: str
    stages: tuple[Stage, ...]

    def as_json(self, at: str) -> Json:
        """The pipeline as the API gives it, made `at` a time."""
        stages = [
            {
                "id": each.id,
                "label": each.label,
                "displayOrder": order,
                "metadata": {
                    "probability": each.probability,
                    "isClosed": str(each.probability in ("0.0", "1.0")).lower(),
                }
                if each.probability
                else {},
                "archived": False,
                "createdAt": at,
                "updatedAt": at,
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            }
            for order, each in enumerate(self.stages)
        ]
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": 0,
            "stages": stages,
            "archived": False,
            "createdAt": at,
            "updatedAt": at,
        }


@dataclass(frozen=True, slots=True)
class Owner:
    """Someone who owns records of the portal."""

    id: str
    email: str
    first_name: str
    last_name: str

    def as_json(self, at: str) -> Json:
        """The owner as the API gives it."""
        return {
            "id": self.id,
            "email": self.email,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "type": "PERSON",
            "archived": False,
            "createdAt": at,
            "updatedAt": at,
        }
