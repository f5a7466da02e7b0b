"""A small folder of CSV files to import: Partner A of the roadmap, and other partners that it must not see."""

from pathlib import Path

FOLDER = {
    "partners.csv": """partner_id,name,country,currency,joined_on
PA,Partner A,US,USD,2019-01-01
PB,Zweite GmbH,DE,EUR,2020-01-01
PC,Geheim & Söhne,IN,USD,2021-05-01
PD,<!channel> *Evil* <https://evil.example|x>,US,USD,2021-05-01
""",
    "clients.csv": """client_id,name,country
C1,Acme,US
C2,"Be, Inc",IN
C3,Verborgen,US
C4,Unklar AG,DE
""",
    "sales.csv": """sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on
S1,PA,C1,Marketing Hub,net_new,assisted,6000.00,USD,2021-10-05
S2,PA,C1,Sales Hub,cross_sell,sourced,3000.00,USD,2022-03-01
S3,PB,C2,Marketing Hub,net_new,sourced,750.00,EUR,2022-05-05
S4,PC,C3,Marketing Hub,net_new,sourced,98765.43,USD,2022-05-05
S5,PB,C4,Service Hub,net_new,sourced,1000.00,USD,2022-05-05
S6,PD,C1,Service Hub,cross_sell,sourced,100.00,USD,2022-05-05
""",
    "subscriptions.csv": """client_id,product_line,mrr,currency,effective_on,renews_on
C1,Marketing Hub,12000,USD,2021-01-01,
C1,Sales Hub,3000,USD,2022-03-01,2023-03-01
C4,Service Hub,900,EUR,2022-05-05,
""",
    "agreements.csv": """agreement_id,partner_id,client_id,starts_on,ends_on
A1,PA,C1,2021-01-01,2022-10-31
A3,PC,C3,2021-01-01,
""",
    "usage.csv": """client_id,month,tools_used
C1,2022-08,4
""",
    "certifications.csv": """partner_id,certification,valid_from,valid_until
PA,Solutions Partner Certification,2022-01-01,2023-01-31
""",
    "tiers.csv": """partner_id,tier,credited_on
PA,gold,2022-01-15
PC,diamond,2022-01-15
""",
    "people.csv": """email,name,role,partner_id
ana@example.com,Ana,partner,PA
bea@example.com,Bea,partner,PB
carla@example.com,Carla,cam,PA
carla@example.com,Carla,cam,PB
carla@example.com,Carla,cam,PD
admin@example.com,Ada,admin,
""",
}

TABLE = """
label = "table of the tests"
[thresholds.gold.combined]
unit = "points"
2022-07-18 = { value = 200 }
[thresholds.gold.sold_minimum]
unit = "points"
2022-07-18 = { value = 80 }
[thresholds.gold.managed_minimum]
unit = "points"
2022-07-18 = { value = 50 }
[thresholds.platinum.sold_minimum]
unit = "points"
2022-07-18 = { value = 270 }
[thresholds.platinum.managed_minimum]
unit = "points"
2022-07-18 = { value = 150 }
"""


def write_folder(folder: Path, **changed: str) -> Path:
    """Write the files; `changed` replaces a file's text (sales="…"), and an empty text omits the file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FOLDER.items():
        text = changed.get(name.removesuffix(".csv"), text)
        if text:
            (folder / name).write_text(text, encoding="utf-8")
        else:
            (folder / name).unlink(missing_ok=True)
    return folder
