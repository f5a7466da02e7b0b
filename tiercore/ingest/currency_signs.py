"""Currency signs and the currencies that they may stand for."""

from collections.abc import Mapping

_DOLLARS = frozenset(
    "USD ARS AUD BBD BMD BND BSD BZD CAD CLP COP CVE DOP FJD GYD HKD JMD KYD LRD MXN NAD NIO NZD SBD SGD SRD TTD TWD"
    " UYU XCD".split()
)
_KRONER = frozenset("DKK ISK NOK SEK".split())
SIGNS: Mapping[str, frozenset[str]] = {
    "$": _DOLLARS,
    **{sign: frozenset(codes.split()) for sign, codes in (
        ("US$", "USD"), ("U$S", "USD"), ("CA$", "CAD"), ("C$", "CAD NIO"), ("A$", "AUD"), ("AU$", "AUD"),
        ("NZ$", "NZD"), ("HK$", "HKD"), ("S$", "SGD"), ("NT$", "TWD"), ("MX$", "MXN"), ("MEX$", "MXN"),
        ("COL$", "COP"), ("AR$", "ARS"), ("R$", "BRL"), ("€", "EUR"), ("£", "GBP EGP FKP GIP SHP"),
        ("¥", "JPY CNY"), ("￥", "JPY CNY"), ("円", "JPY"), ("元", "CNY TWD"), ("₹", "INR"),
        ("Rs", "INR PKR LKR NPR MUR"),
        ("Rs.", "INR PKR LKR NPR MUR"), ("₩", "KRW KPW"), ("₽", "RUB"), ("₺", "TRY"), ("₪", "ILS"), ("₫", "VND"),
        ("฿", "THB"), ("₱", "PHP"), ("₦", "NGN"), ("₴", "UAH"), ("₡", "CRC"), ("₲", "PYG"), ("₵", "GHS"), ("₸", "KZT"),
        ("zł", "PLN"), ("Kč", "CZK"), ("Ft", "HUF"), ("lei", "RON MDL"), ("Fr.", "CHF"), ("SFr.", "CHF"), ("R", "ZAR"),
        ("RM", "MYR"), ("Rp", "IDR"), ("S/", "PEN"), ("S/.", "PEN"), ("лв", "BGN"), ("лв.", "BGN"),
    )},
    "kr": _KRONER,
    "kr.": _KRONER,
}  # fmt: skip
