"""The words of a pasted tier table: tiers and figures in English, German, Spanish, French, Portuguese,
Italian, Dutch and Japanese."""

import re
import unicodedata
from collections.abc import Collection, Mapping

_TIERS: Mapping[str, str] = {
    "silver": "silver silber plata argent argento prata zilver シルバー",
    "gold": "gold oro or ouro goud ゴールド",
    "platinum": "platinum platin platino platine platina プラチナ",
    "diamond": "diamond diamant diamante ダイヤモンド ダイアモンド",
    "elite": "elite エリート",
}
_FIGURES: Mapping[str, str] = {
    "sourced_minimum": (
        "sourced vermittelt vermittelte originado originados originadas aportados sources sourcés apportés apporté "
        "generati aangebracht "
        "ソース ソース済み 獲得"
    ),
    "sold_minimum": (
        "sold sales verkauft verkaufte verkauf verkäufe vendido vendidos vendidas ventas vendus vendu ventes vendas "
        "venduti venduto vendite verkocht verkochte 販売"
    ),
    "managed_minimum": (
        "managed betreut betreute verwaltet verwaltete gestionado gestionados administrado administrados gérés géré "
        "gerenciado gerenciados geridos gestiti gestito beheerd beheerde 管理 マネージド"
    ),
    "combined": (
        "total totals combined overall sum gesamt insgesamt summe kombiniert gesamtpunkte gesamtpunktzahl "
        "gesamtschwelle totales combinado combinados totaux combiné combinés totais totale totali totaal "
        "合計 総合 合算 トータル"
    ),
    "retention": (
        "retention c$r crr grr kundenbindung kundenbindungsrate bindungsrate retención rétention fidélisation retenção "
        "維持率 継続率 リテンション"
    ),
}
# Words that say nothing about which figure or tier is meant.
_FILLERS = (
    "minimum minimums min points point pts required requirement requirements threshold thresholds of the for and "
    "partner partners solutions solution hubspot program programme tier tiers level levels customer "
    "dollar dollars gross revenue rate percent target 12 month "
    "mindestpunkte mindestpunktzahl mindest mindestens minimale punkte punktzahl pkt erforderlich erforderliche "
    "schwelle stufe rang an und mínimo mínima mínimos mínimas puntos punto requeridos requerido requisito nivel de del "
    "la el los por y minimal minimaux minima requis seuil niveau des du le les et pontos ponto exigidos exigido limite "
    "nível da do e taxa tasa taux clientes clients kunden partenaire partenaires "
    "palier socio socios parceiro parceiros livello minimo minimi punti punto niveau punten minimaal programa programm "
    "最低 最小 必要 ポイント 点数 点 数 の パートナー ランク レベル"
)
_LATIN = re.compile(r"[a-z$]+|\d+")
_FOOTNOTE = re.compile(r"[¹²³⁰⁴-⁹*†‡§]+|[\[(]\d{1,2}[\])]\s*$")
_BY_INVITATION = re.compile(r"\b(invitation|invite|einladung|invitacion|convite|invito|uitnodiging)\b|招待")


def plain(text: str) -> str:
    """The text in small letters without accents, for comparing words."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    return {plain(word): meaning for meaning, listed in words.items() for word in listed.split()}


_TIER_OF, _FIGURE_OF = _by_word(_TIERS), _by_word(_FIGURES)
_IGNORED = sorted({plain(word) for word in _FILLERS.split()}, key=len, reverse=True)


def tier_of(text: str, known: Collection[str]) -> str | None:
    """The tier that the text names, alone or with words such as "partner"; None for none, or for several."""
    meanings = {**_TIER_OF, **{plain(each): each for each in known}}
    found = _meanings(text, meanings)
    return next(iter(found)) if found and len(found) == 1 and found <= set(known) else None


def figures_of(text: str) -> frozenset[str] | None:
    """The figures that a heading names: none for "points", two for "sold and managed"; None for an unknown heading."""
    return _meanings(text, _FIGURE_OF)


def figure_words() -> Collection[str]:
    """The words that name a figure by themselves, in small letters without accents."""
    return _FIGURE_OF.keys()


def is_by_invitation(text: str) -> bool:
    """Whether a cell says that the tier is by invitation, in place of a figure."""
    return not any(each.isdigit() for each in text) and bool(_BY_INVITATION.search(plain(text)))


def _meanings(text: str, known: Mapping[str, str]) -> frozenset[str] | None:
    """What the words of the text mean, marks of footnotes aside; None where one of them is unknown."""
    rest, found = plain(_FOOTNOTE.sub(" ", text)), set[str]()
    for word in _LATIN.findall(rest):
        if word in known:
            found.add(known[word])
        elif word not in _IGNORED:
            return None
    return _without_spaces(_LATIN.sub(" ", rest), known, found)


def _without_spaces(rest: str, known: Mapping[str, str], found: set[str]) -> frozenset[str] | None:
    """The same for a script that has no spaces between words, such as Japanese: the longest words first."""
    for word in sorted((each for each in known if not each.isascii()), key=len, reverse=True):
        if word in rest:
            found.add(known[word])
            rest = rest.replace(word, " ")
    for word in _IGNORED:
        if not word.isascii():
            rest = rest.replace(word, " ")
    return None if any(each.isalnum() for each in rest) else frozenset(found)
