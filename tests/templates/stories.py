"""Invented stories for every mail: what the golden letters are printed from. Nothing here is computed by the code under test."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from lifecycle.carts import Checkout
from lifecycle.composing import Change, Link, Story
from lifecycle.mails import MAILS
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Labelled, LineItem, Order, Part, Passage, Payment, Refund, Tracking
from lifecycle.people import Address, Consent, ConsentState, Customer
from lifecycle.stores import Incentive, Reward, Store, StoreSettings

AT = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """What differs from country to country. Prices: (mug, apron, gift card, discount, shipping, tax), as texts."""

    name: str
    currency: str
    timezone: str
    country: str
    postal: str
    first_name: str
    titles: tuple[str, str, str]
    variant: str
    prices: tuple[str, ...]
    ship_to: Address
    carrier: str
    method: str
    shipping: str
    tax: str
    tax_included: bool


SHOPS = {
    "en_US": Shop(
        "Blue Fern", "USD", "America/New_York", "US", "Blue Fern LLC\n12 Harbor Street\nPortland, ME 04101\nUnited States",
        "Ada", ("Stoneware mug", "Linen apron", "Gift card"), "Moss / M", ("18.50", "64.00", "25.00", "10.00", "6.90", "7.31"),
        Address("Ada Example", "", "350 Sample Avenue", "Apt 4B", "10118", "New York", "NY", "US"),
        "UPS", "Visa ending in 4242", "Ground", "NY sales tax", False,
    ),
    "de_DE": Shop(
        "Farn & Blau", "EUR", "Europe/Berlin", "DE", "Farn & Blau GmbH\nLindenstraße 1\n10969 Berlin",
        "Jürgen", ("Steingutbecher", "Leinenschürze", "Gutschein"), "Moos / M",
        ("18.50", "64.00", "25.00", "10.00", "4.90", "19.30"),
        Address("Jürgen Beispiel", "Beispiel GmbH", "Musterweg 7", "", "20095", "Hamburg", "", "DE"),
        "DHL", "PayPal", "Standardversand", "MwSt. 19 %", True,
    ),
    "ja_JP": Shop(
        "あおしだ商店", "JPY", "Asia/Tokyo", "JP", "〒150-0001\n東京都渋谷区神宮前1-2-3\nあおしだ商店",
        "花子", ("陶器のマグカップ", "リネンエプロン", "ギフトカード"), "モス / M",
        ("2400", "8800", "3000", "1000", "600", "1472"),
        Address("見本 花子", "", "神宮前4-5-6", "見本ビル 701号室", "150-0001", "渋谷区", "東京都", "JP"),
        "ヤマト運輸", "クレジットカード", "宅配便", "消費税 (10%)", True,
    ),
    "ar_KW": Shop(
        "السرخس الأزرق", "KWD", "Asia/Kuwait", "KW", "السرخس الأزرق\nشارع فهد السالم ١٢\nمدينة الكويت",
        "ليلى", ("كوب خزفي", "مئزر كتان", "بطاقة هدية"), "أخضر / M", ("5.750", "19.500", "7.500", "3.000", "2.250", "0.000"),
        Address("ليلى مثال", "", "شارع سالم المبارك 15", "", "22001", "السالمية", "حولي", "KW"),
        "Aramex", "KNET", "توصيل عادي", "", False,
    ),
    "fr_FR": Shop(
        "Fougère Bleue", "EUR", "Europe/Paris", "FR", "Fougère Bleue SARL\n3 rue des Exemples\n75011 Paris",
        "Chloé", ("Tasse en grès", "Tablier en lin", "Carte cadeau"), "Mousse / M",
        ("18.50", "64.00", "25.00", "10.00", "5.90", "20.90"),
        Address("Chloé Exemple", "", "8 rue Modèle", "", "69001", "Lyon", "", "FR"),
        "Colissimo", "Carte bancaire", "Livraison à domicile", "TVA 20 %", True,
    ),
    "es_ES": Shop(
        "Helecho Azul", "EUR", "Europe/Madrid", "ES", "Helecho Azul S.L.\nCalle Muestra 5\n28004 Madrid",
        "Lucía", ("Taza de gres", "Delantal de lino", "Tarjeta regalo"), "Musgo / M",
        ("18.50", "64.00", "25.00", "10.00", "4.95", "21.78"),
        Address("Lucía Ejemplo", "", "Avenida Ejemplo 9", "2.º B", "46001", "Valencia", "", "ES"),
        "Correos", "Tarjeta", "Envío estándar", "IVA 21 %", True,
    ),
}  # fmt: skip
LOCALES = tuple(SHOPS)


def money(locale: str, text: str) -> Money:
    return Money(Decimal(text), SHOPS[locale].currency)


def store(locale: str) -> Store:
    shop = SHOPS[locale]
    settings = StoreSettings(postal_address=shop.postal, reply_to="hello@example.com")
    return Store(
        id="s1",
        platform="custom",
        key="https://shop.example.com",
        token="t",
        name=shop.name,
        currency=shop.currency,
        timezone=shop.timezone,
        locale=locale,
        country=shop.country,
        settings=settings,
    )


def customer(locale: str) -> Customer:
    consent = Consent(ConsentState.SUBSCRIBED, AT, "checkout")
    return Customer("1", "ada@example.com", SHOPS[locale].first_name, "Example", locale=locale, consent=consent)


def lines(locale: str) -> tuple[LineItem, ...]:
    shop = SHOPS[locale]
    mug, apron, card = (money(locale, price) for price in shop.prices[:3])
    return (
        LineItem("l1", shop.titles[0], 3, mug * 3, mug, sku="MUG-1"),
        LineItem("l2", shop.titles[1], 1, apron, apron, variant=shop.variant, note=("Engraving: A & B",)),
        LineItem("l3", shop.titles[2], 1, card, card, gift_card=True, needs_shipping=False),
    )


def order(locale: str) -> Order:
    shop = SHOPS[locale]
    discount, shipping, tax = (money(locale, price) for price in shop.prices[3:])
    items = lines(locale)
    subtotal = items[0].total + items[1].total + items[2].total
    total = subtotal - discount + shipping + (money(locale, "0") if shop.tax_included else tax)
    return Order(
        id="o1",
        number="#1001",
        placed_at=AT,
        updated_at=AT,
        payment=Payment.PAID,
        customer=customer(locale),
        lines=items,
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        tax=tax,
        total=total,
        tax_included=shop.tax_included,
        discounts=(Labelled("FERN10", discount),),
        taxes=(Labelled(shop.tax, tax),) if shop.tax else (),
        shipping_method=shop.shipping,
        payment_method=shop.method,
        ship_to=shop.ship_to,
        bill_to=shop.ship_to,
        status_url="https://shop.example.com/orders/1001?key=scrubbed",
    )


def checkout(locale: str) -> Checkout:
    whole = order(locale)
    return Checkout(
        "c1", AT, whole.customer, whole.lines[:2], whole.lines[0].total + whole.lines[1].total, payment_failed=True
    )


def parcel(locale: str, passage: Passage) -> Fulfillment:
    first, second, _ = lines(locale)
    return Fulfillment(
        id="f1",
        order_id="o1",
        passage=passage,
        lines=(Part(first.id, first.title, 2), Part(second.id, second.title, 1, second.variant)),
        trackings=(Tracking("1Z999AA10123456784"),),
        shipped_at=AT,
        happened_at=LATER,
        estimated_delivery=LATER,
        delivered_at=LATER if passage is Passage.DELIVERED else None,
        place=SHOPS[locale].ship_to.city,
    )


PASSAGES = {
    "shipping_notice": Passage.SHIPPED,
    "tracking_update": Passage.IN_TRANSIT,
    "out_for_delivery": Passage.OUT_FOR_DELIVERY,
    "delivery_notice": Passage.DELIVERED,
    "delivery_problem": Passage.FAILED,
}


def story(mail: str, locale: str) -> Story:
    """The usual story of this mail in this shop."""
    told = Story(
        mail=MAILS[mail],
        store=store(locale),
        to="ada@example.com",
        locale=locale,
        links={"order": "https://shop.example.com/orders/1001?key=scrubbed"},
    )
    if mail in PASSAGES:
        return _shipped(told, mail, locale)
    if mail.startswith("cart_recovery") or mail == "payment_pending":
        return _unbought(told, mail, locale)
    return _ordered(replace(told, order=order(locale)), mail, locale)


def _shipped(told: Story, mail: str, locale: str) -> Story:
    carrier = SHOPS[locale].carrier
    link = Link(Tracking("1Z999AA10123456784", carrier), carrier, "https://track.example.com/?n=1Z999AA10123456784")
    old = Link(Tracking("1Z999AA10123456700", carrier), carrier, None)
    return replace(
        told,
        order=order(locale),
        fulfillment=parcel(locale, PASSAGES[mail]),
        parcels=(link,),
        old_parcels=(old,) if mail == "tracking_update" else (),
    )


def _unbought(told: Story, mail: str, locale: str) -> Story:
    back = "https://shop.example.com/cart/scrubbed"
    if mail == "payment_pending":
        return replace(told, checkout=replace(checkout(locale), number="#1002"), links={"pay": back})
    gifts = {
        "cart_recovery_2": Incentive(2, Reward.FREE_SHIPPING, "SHIPFREE"),
        "cart_recovery_3": Incentive(3, Reward.PERCENT, "FERN10", Decimal(10)),
    }
    links = {"recover": back, "unsubscribe": "https://mail.example.com/unsubscribe/scrubbed"}
    return replace(told, checkout=checkout(locale), incentive=gifts.get(mail), links=links)


def _ordered(told: Story, mail: str, locale: str) -> Story:
    whole = told.order
    assert whole is not None
    first = whole.lines[0]
    if mail == "order_change":
        less = whole.total - whole.lines[1].total
        changes = (Change("added", whole.lines[1].title, new=1), Change("quantity", first.title, 2, 3))
        return replace(told, changes=(*changes, Change("total", old=less, new=whole.total)))
    if mail == "order_cancellation":
        return replace(told, order=replace(whole, cancelled_at=LATER, cancel_reason="inventory"))
    if mail == "refund_notice":
        part = Part(first.id, first.title, 1, amount=first.unit_price)
        assert first.unit_price is not None
        refund = Refund("r1", "o1", first.unit_price, (part,), method=SHOPS[locale].method, refunded_at=LATER)
        return replace(told, order=replace(whole, refunds=(refund,)), refund=refund, refunded_so_far=refund.amount)
    return told
