"""What exports call our columns and values, in several languages: for proposing a mapping, never for reading one."""

from enum import Enum

from tiercore.ingest.mapping.texts import plain


class Meaning(Enum):
    """What a column of theirs holds."""

    CLIENT_ID = "client id"
    CLIENT = "client"
    COUNTRY = "country"
    SALE_ID = "sale id"
    PARTNER_ID = "partner id"
    PARTNER = "partner"
    PRODUCT = "product"
    DEAL_TYPE = "deal type"
    MOTION = "motion"
    STAGE = "stage"
    MRR = "monthly amount"
    ARR = "annual amount"
    TCV = "amount of the whole term"
    AMOUNT = "amount, monthly, annual or of the whole term"
    TERM = "term in months"
    CURRENCY = "currency"
    SOLD_ON = "day of the sale"
    STARTS_ON = "first day of the agreement"
    ENDS_ON = "last day of the agreement"
    EFFECTIVE_ON = "day since which it is paid"
    RENEWS_ON = "day of the renewal"


_HEADERS = {
    Meaning.CLIENT_ID: "client id|customer id|company id|account id|hub id|portal id|associated company ids"
    "|associated company ids (primary)|kundennummer|kunden-id|id cliente|código de cliente|numéro client|client_id",
    Meaning.CLIENT: "client|client name|customer|customer name|company|company name|account|account name"
    "|associated company|associated company (primary)|organisation|organization|kunde|kundenname|firma|unternehmen"
    "|cliente|nombre del cliente|empresa|nom du client|société|entreprise|nome do cliente|azienda|klant|klantnaam",
    Meaning.COUNTRY: "country|country/region|client country|customer country|company country|land|país|pais|pays|paese",
    Meaning.SALE_ID: "sale id|deal id|record id|line item id|opportunity id|order id"
    "|order number|invoice number|sale_id"
    "|sale number|deal number|transaction id|transaction number|invoice no|invoice no.|order no|order no."
    "|auftragsnummer|auftragsnr|auftragsnr.|auftrags-nr.|vorgangsnummer|vorgangsnr|vorgangsnr.|vorgang|belegnummer"
    "|belegnr|belegnr.|rechnungsnummer|rechnungsnr|rechnungsnr.|bestellnummer|id de venta|número de factura"
    "|número de pedido|id du contrat|numéro de commande|numéro de facture|número da fatura|numero fattura",
    Meaning.PARTNER_ID: "partner id|partner_id|agency id|partnernummer|id partner|id del partner",
    Meaning.PARTNER: "partner|partner name|partnername|partner company|solutions partner|solution partner|agency"
    "|agency name|agentur|agenturname|agencia|agence|partenaire|nombre del partner|nom du partenaire|agenzia|parceiro",
    Meaning.PRODUCT: "product|product line|product name|line item name|line item: name|item|hub|subscription|sku name"
    "|produkt|produktname|artikel|producto|línea de producto|produit|ligne de produit|produto|prodotto|product_line",
    Meaning.DEAL_TYPE: "deal type|type|sale type|type of sale|dealtype|deal_type|art|auftragsart|verkaufsart|tipo"
    "|tipo de venta|tipo de negocio|type de vente|type d'affaire|tipo di vendita",
    Meaning.MOTION: "motion|deal motion|partner motion|sales motion|sourced or assisted|co-sell|vertriebsweg",
    Meaning.STAGE: "stage|deal stage|dealstage|status|deal status|phase|etapa"
    "|etapa del negocio|estado|étape|statut|stato"
    "|deal-phase|pipeline stage",
    Meaning.MRR: "mrr|monthly recurring revenue|monthly recurring revenue (mrr)|monthly amount|monthly|monthly revenue"
    "|monthly price|amount per month|line item: monthly recurring revenue|monatsbetrag|monatlicher betrag"
    "|monatlicher umsatz|importe mensual|cuota mensual|ingreso mensual|montant mensuel|revenu mensuel|valor mensal"
    "|importo mensile|maandbedrag",
    Meaning.ARR: "arr|annual recurring revenue|annual recurring revenue (arr)|annual amount|yearly amount|annual value"
    "|acv|annual contract value|annual contract value (acv)|jahresbetrag|jahresumsatz|importe anual|montant annuel"
    "|valor anual|importo annuale|jaarbedrag",
    Meaning.TCV: "tcv|total contract value|total contract value (tcv)|contract value|total value|vertragswert"
    "|gesamtvertragswert|valor total del contrato|valeur du contrat|valor do contrato",
    Meaning.AMOUNT: "amount|value|deal amount|deal value|price|revenue|net amount|betrag"
    "|wert|umsatz|preis|importe|monto"
    "|valor|precio|montant|valeur|prix|importo|bedrag|amount in company currency",
    Meaning.TERM: "term|term (months)|term in months|months|contract length|contract length (months)|duration"
    "|contract term|line item: term (months)|laufzeit|laufzeit (monate)|laufzeit in monaten|plazo|duración"
    "|plazo (meses)|durée|durée (mois)|prazo|durata|looptijd",
    Meaning.CURRENCY: "currency|deal currency|currency code|line item: currency|währung|moneda|divisa|devise|monnaie"
    "|moeda|valuta",
    Meaning.SOLD_ON: "date|close date|closed date|closed on|sale date|sold on|date sold"
    "|deal closed|order date|closedate"
    "|sold_on|datum|abschluss|abschlussdatum|verkaufsdatum|auftragsdatum|fecha|fecha de cierre"
    "|fecha de venta|date de clôture"
    "|date de vente|data|data de fechamento|data di chiusura|data di vendita|sluitdatum|verkoopdatum",
    Meaning.STARTS_ON: "agreement start|agreement start date|relationship start|relationship start date|serviced since"
    "|managed since|service start|service start date|starts_on|contract start|contract start date|betreuung seit"
    "|betreut seit|in betreuung seit|vertragsbeginn|inicio del contrato|gestionado desde|début du contrat"
    "|géré depuis|suivi depuis|gestito dal|in beheer sinds",
    Meaning.ENDS_ON: "agreement end|agreement end date|relationship end|relationship end date|ends_on|contract end"
    "|contract end date|vertragsende|fin del contrato|fin du contrat",
    Meaning.EFFECTIVE_ON: "effective on|effective date|mrr since|subscription start"
    "|subscription start date|effective_on"
    "|gültig ab|fecha efectiva|date d'effet",
    Meaning.RENEWS_ON: "renewal date|next renewal|renews on|renews_on|verlängerung am|fecha de renovación"
    "|date de renouvellement",
}
_VALUES = {
    "net_new": "net new|net-new|net_new|new|new business|newbusiness|new customer|new client|new logo|neukunde"
    "|neugeschäft|nuevo|nuevo cliente|nuevo negocio|nouveau client|nouveau|novo negócio|nuovo cliente|nieuwe klant",
    "cross_sell": "cross sell|cross-sell|cross_sell|crosssell|cross sale|cross-selling|venta cruzada|vente croisée",
    "upsell": "upsell|up-sell|up sell|upgrade|seat upgrade|edition upgrade|upselling|ampliación|montée en gamme",
    "renewal": "renewal|renew|verlängerung|vertragsverlängerung|renovación|renouvellement|renovação|rinnovo|verlenging",
    "increase": "increase|price increase|discount change",
}
_MOTIONS = {
    "sourced": "sourced|partner sourced|partner-sourced|partner collab|partner collaboration",
    "assisted": "assisted|partner assisted|partner-assisted|difm|do it for me",
}
_STAGES = {
    "count": "closed won|closedwon|won|gewonnen|abgeschlossen und gewonnen|ganado|cierre ganado|gagné|ganho|vinto",
    "skip": "closed lost|closedlost|lost|verloren|perdido|cierre perdido|perdu|perso|appointment scheduled"
    "|appointmentscheduled|qualified to buy|qualifiedtobuy|presentation scheduled|presentationscheduled"
    "|decision maker bought-in|decisionmakerboughtin|contract sent|contractsent|open|offen|abierto|ouvert",
}


def _turned(words: dict[str, str]) -> dict[str, str]:
    return {plain(text): word for word, texts in words.items() for text in texts.split("|")}


HEADERS: dict[str, Meaning] = {plain(name): each for each, names in _HEADERS.items() for name in names.split("|")}
DEAL_TYPES, MOTIONS, STAGES = _turned(_VALUES), _turned(_MOTIONS), _turned(_STAGES)
