"""A folder with forty defects: each is reported once, by file, line and column."""

from collections.abc import Callable

from tiercore.ingest import Incoming, Stored, report

PARTNERS = f"""\
partner_id,name,country,currency,joined_on,elite_invited_on,membership_until
P1,Acme,US,USD,2021-01-01,,
P2,No such country,XQ,EUR,2021-01-01,,
P3,Small letters,US,usd,2021-01-01,,
P4,No such day,US,USD,2021-02-30,,
P5,Membership over in the far past,US,USD,2021-01-01,,1989-12-31
P6,Day or month first,DE,EUR,01.02.2021,,
P1,Acme again,US,USD,2021-01-01,,
P7,,US,USD,2021-01-01,,
{"P" * 101},Too long an id,US,USD,2021-01-01,,
P8,Too few cells,US
P9,Far future,US,USD,2021-01-01,2044-01-01,
"""
CLIENTS = """\
client_id;name;country
C1;Acme;US
C2;Not its code;UK
C3;Ring\a the bell;US
C4;Nothing\0 here;US
C1;Once more;US
C5;Too many cells;US;?
"""
SALES = """\
sale_id\tpartner_id\tclient_id\tproduct_line\tdeal_type\tmotion\tmrr\tcurrency\tsold_on\tx_note
S1\tP1\tC1\tHub\tnet_new\tsourced\t1234.56\tUSD\t2024-03-01\t
S2\tP1\tC1\tHub\tnet_new\tsourced\t1,234\tUSD\t2024-03-01\t
S3\tP1\tC1\tHub\tnet_new\tsourced\t€100\tUSD\t2024-03-01\t
S4\tP1\tC1\tHub\tnet_new\tsourced\t-5\tUSD\t2024-03-01\t
S5\tP1\tC1\tHub\tnet_new\tsourced\tNaN\tUSD\t2024-03-01\t
S6\tP1\tC1\tHub\tnet_new\tsourced\t1_000\tUSD\t2024-03-01\t
S7\tP1\tC1\tHub\tnet_new\tsourced\t١٢٣\tUSD\t2024-03-01\t
S8\tP1\tC1\tHub\tnet_new\tsourced\t12.345\tUSD\t2024-03-01\t
S9\tP1\tC1\tHub\tnet_new\tsourced\t12.5\tJPY\t2024-03-01\t
S10\tP1\tC1\tHub\tnet_new\tsourced\t100\tXXX\t2024-03-01\t
S11\tP1\tC1\tHub\tnew\tsourced\t100\tUSD\t2024-03-01\t
S12\tP1\tC1\tHub\tnet_new\tasisted\t100\tUSD\t2024-03-01\t
S13\tP99\tC1\tHub\tnet_new\tsourced\t100\tUSD\t2024-03-01\t
S14\tP1\tC99\tHub\tnet_new\tsourced\t100\tUSD\t2024-03-01\t
S15\tP1\tC1\tHub\tnet_new\tsourced\t100\tUSD\t2062-03-01\t
S1\tP1\tC1\tHub\tnet_new\tsourced\t100\tUSD\t2024-03-01\t
S17\tP1\tC1\tHub\tnet_new\tsourced\t100\tUSD\t2024-03-01\t"a note
of two lines"
S18\tP1\tC1\tHub\tnet_new\tsourced\t100\tUSD\t1999-12-31\t
"""
SUBSCRIPTIONS = """\
client_id,product_line,mrr,currency,effective_on,renews_on
C1,Hub,100,USD,2024-03-01,2024-02-30
C1,Hub,100,USD,2024-04-01,
C1,Hub,200,USD,2024-04-01,
"""
AGREEMENTS = "agreement_id,partner_id,client_id,starts_on,ends_on\nA1,P1,C1,2024-03-01,2024-02-29\n"
USAGE = "client_id,month,tools_used\nC1,2024-13,5\nC1,2024-01,1001\n"
CERTIFICATIONS = "partner_id,certification,valid_from,valid_until\nP1,Solutions,2024-03-01,2024-02-29\n"
TIERS = "partner_id,tier,credited_on\nP1,platnum,2024-01-15\n"
PEOPLE = "email,name,role,partner_id\nann at example.com,Ann,partner,P1\nbob@example.com,Bob,cam,\n"

FOLDER = {
    "partners.csv": PARTNERS,
    "clients.csv": CLIENTS,
    "sales.csv": SALES,
    "subscriptions.csv": SUBSCRIPTIONS,
    "agreements.csv": AGREEMENTS,
    "usage.csv": USAGE,
    "certifications.csv": CERTIFICATIONS,
    "tiers.csv": TIERS,
    "people.csv": PEOPLE,
}
DEFECTS = """\
partners.csv 3 country
partners.csv 4 currency
partners.csv 5 joined_on
partners.csv 6 membership_until
partners.csv 7 joined_on
partners.csv 8 partner_id
partners.csv 9 name
partners.csv 10 partner_id
partners.csv 11 -
partners.csv 12 elite_invited_on
clients.csv 3 country
clients.csv 4 name
clients.csv 5 name
clients.csv 6 client_id
clients.csv 7 -
sales.csv 3 mrr
sales.csv 4 mrr
sales.csv 5 mrr
sales.csv 6 mrr
sales.csv 7 mrr
sales.csv 8 mrr
sales.csv 9 mrr
sales.csv 10 mrr
sales.csv 11 currency
sales.csv 12 deal_type
sales.csv 13 motion
sales.csv 14 partner_id
sales.csv 15 client_id
sales.csv 16 sold_on
sales.csv 17 sale_id
sales.csv 20 sold_on
subscriptions.csv 2 renews_on
subscriptions.csv 4 client_id+product_line+effective_on
agreements.csv 2 ends_on
usage.csv 2 month
usage.csv 3 tools_used
certifications.csv 2 valid_until
tiers.csv 2 tier
people.csv 2 email
people.csv 3 partner_id""".splitlines()

ReadFiles = Callable[..., Incoming]


def test_forty_defects_are_forty_problems_each_with_its_file_line_and_column(read_files: ReadFiles) -> None:
    incoming = read_files(FOLDER, Stored())
    assert len(DEFECTS) == 40
    reported = [f"{problem.file} {problem.line} {problem.column or '-'}" for problem in incoming.problems]
    assert reported == DEFECTS


def test_every_problem_shows_the_value_and_a_correction(read_files: ReadFiles) -> None:
    for problem in read_files(FOLDER, Stored()).problems:
        assert problem.remedy
        assert str(problem).isprintable()
        assert problem.remedy in str(problem)


def test_fifty_problems_are_listed_in_full_and_the_rest_counted_by_kind(read_files: ReadFiles) -> None:
    header = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"
    rows = "".join(f"S{n},P1,C1,Hub,net_new,sourced,nothing,USD,2024-03-01\n" for n in range(1_000))
    late = "".join(f"L{n},P1,C1,Hub,net_new,sourced,1,USD,2062-03-01\n" for n in range(100))
    lines = report(read_files({"sales.csv": header + rows + late}).problems)
    assert len(lines) == 52
    assert lines[0].startswith("sales.csv:2 mrr: 'nothing'")
    assert lines[50:] == ["… and 975 more: bad amount", "… and 75 more: far future"]
