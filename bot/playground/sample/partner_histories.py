"""The fixed histories of the partners in the stories, in the format of `history_parser.py`."""

# On 2022-09-05: US$9,000 of sales that are less than a year old and not lost (270 points), US$15,000 managed (150).
PARTNER_A_HISTORY = """
Alder and Finch Dental | US | USD
  2019-03-12 net_new sourced 1000 Marketing Hub Professional
  2019-04-01 managed
  2020-03-12 renewal assisted 1000 Marketing Hub Professional
  2020-09-08 upsell sourced 300 Marketing Hub Professional
  2021-10-05 upsell sourced 800 Marketing Hub Professional
  2021-11-09 cross_sell assisted 400 CMS Hub Professional
  2022-03-15 falls to 1800 Marketing Hub Professional
Bright Harbor Logistics | US | USD
  2020-02-18 net_new sourced 1000 Sales Hub Professional
  2020-03-02 managed
  2021-02-18 renewal assisted 1000 Sales Hub Professional
  2021-09-21 cross_sell sourced 1600 Marketing Hub Professional
  2022-05-10 falls to 1250 Marketing Hub Professional
Cobalt Ridge Solar | US | USD
  2021-12-02 net_new sourced 1500 Marketing Hub Professional
  2021-12-20 managed
  2022-02-08 cross_sell assisted 500 Sales Hub Professional
Dune and Daughters Furniture | US | USD
  2019-08-20 net_new assisted 800 Marketing Hub Professional
  2019-11-01 managed until 2022-10-31
  2021-08-20 renewal assisted 800 Marketing Hub Professional
  2022-04-26 upsell sourced 700 Marketing Hub Professional
Evergreen Credit Union | US | USD
  2020-06-09 net_new sourced 900 Service Hub Professional
  2020-07-01 managed
  2022-01-18 cross_sell sourced 700 Operations Hub Professional
  2022-08-30 increase assisted 250 Service Hub Professional
Fjord Outdoor | CA | USD
  2022-06-14 net_new sourced 1200 Marketing Hub Professional
  2022-07-01 managed
Granite State Physio | US | USD
  2019-11-05 net_new assisted 600 Sales Hub Professional
  2019-12-01 managed until 2021-06-30
  2021-06-30 falls to 0 Sales Hub Professional
Heron Lake Insurance | US | USD
  2019-01-22 net_new sourced 2400 Marketing Hub Enterprise
  2019-02-01 managed
  2021-06-15 upsell sourced 800 Marketing Hub Enterprise
  2022-03-08 upsell assisted 800 Marketing Hub Enterprise
Ivy Terrace Schools | US | USD
  2020-08-15 managed until 2022-08-14
  2022-08-09 net_new sourced 450 Sales Hub Professional
Juniper Lane Legal | US | USD
  2022-07-26 net_new assisted 750 Sales Hub Professional
"""

# On 2022-09-05: EUR 6,749.90 of sales at 3 points per EUR 75 are 269.996 points, shown and compared as 270.00.
EXACT_MINIMUM_HISTORY = """
Clonmel Dairy Foods Ltd | IE | EUR
  2019-05-21 net_new sourced 1200 Marketing Hub Professional
  2019-06-01 managed
  2021-09-28 upsell sourced 849.90 Marketing Hub Professional
  2021-10-19 cross_sell assisted 400 CMS Hub Professional
Dingle Bay Hotels Ltd | IE | EUR
  2019-10-08 net_new sourced 3000 Marketing Hub Enterprise
  2019-11-01 managed
  2022-02-15 cross_sell sourced 1450 Sales Hub Enterprise
Ennis Robotics Ltd | IE | EUR
  2020-11-17 net_new assisted 5600 Marketing Hub Enterprise
  2020-12-01 managed
  2022-03-29 upsell sourced 1250 Marketing Hub Enterprise
  2022-06-21 cross_sell assisted 900 Operations Hub Professional
Foyle Energy Partners Ltd | GB | EUR
  2020-01-28 net_new sourced 12200 Marketing Hub Enterprise
  2020-02-15 managed
  2021-11-23 cross_sell sourced 1500 Sales Hub Enterprise
  2022-08-16 increase assisted 400 Marketing Hub Enterprise
"""

# Sold in pounds, billed in dollars: the expiry of those points is unknown. The second client has no levels at all.
UNKNOWN_DATA_HISTORY = """
Pennine Textiles plc | GB | GBP
  2021-11-16 net_new sourced 1400 Marketing Hub Professional
  2021-12-01 managed
Quarry Bank Cycles Ltd | GB | GBP
  2022-01-25 net_new assisted 900 Sales Hub Professional
  2022-02-01 managed
"""

EXPIRED_AGREEMENT_HISTORY = """
Laurentian Freight Inc | CA | CAD
  2019-09-17 net_new sourced 7800 Marketing Hub Enterprise
  2019-10-01 managed until 2022-08-31
  2022-03-22 cross_sell sourced 1300 Sales Hub Enterprise
"""

# The MRR of June 2022 is below that of a year before, so the sales since then no longer count.
LOWER_THAN_A_YEAR_AGO_HISTORY = """
Barossa Vineyards Pty Ltd | AU | AUD
  2020-04-21 net_new sourced 5600 Marketing Hub Enterprise
  2020-05-01 managed
  2021-10-12 upsell sourced 1100 Marketing Hub Enterprise
  2022-02-22 upsell assisted 900 Marketing Hub Enterprise
  2022-06-21 falls to 4200 Marketing Hub Enterprise
"""

# An edition change is an upsell of the same line. With its 50 points, the sale of 15 September 2022 reaches Platinum.
BILLS_IN_EUR_HISTORY = """
Moselblick Reederei GmbH | DE | EUR
  2021-03-16 net_new assisted 900 Marketing Hub Professional
  2022-03-22 upsell sourced 1250 Marketing Hub Enterprise
"""

NASTY_NAMES_HISTORY = """
<!channel> *Acme* & Söhne | DE | EUR
  2021-10-26 net_new sourced 1200 Marketing Hub Professional
  2021-11-01 managed
  2022-05-31 falls to 950 Marketing Hub Professional
="Summe" + 1, Beratung | DE | EUR
  2022-04-12 net_new assisted 600 Sales Hub Professional
  2022-05-01 managed until 2022-11-30
"""
