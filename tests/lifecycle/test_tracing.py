import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lifecycle.figures import Figure, FigureKind, has_figures, marks, trace
from lifecycle.messages import Letter, TracedFigure
from lifecycle.money import Money


def euro(amount):
    return Money(Decimal(amount), "EUR")


FORMS = (
    (Figure(FigureKind.CODE, "order number", "#1001"), ["#1001"]),
    (Figure(FigureKind.AMOUNT, "order total", euro("1234.50")), ["€1,234.50", "1.234,50\u00a0€", "1234.50"]),
    (Figure(FigureKind.AMOUNT, "line 1 total", euro("24")), ["€24.00", "24,00 €", "24"]),
    (Figure(FigureKind.QUANTITY, "line 1 quantity", 3), ["3 ×", "3"]),
    (Figure(FigureKind.DATE, "order date", datetime(2026, 11, 20, 14, 5, tzinfo=UTC)), ["Friday, November 20, 2026"]),
    (Figure(FigureKind.DATE, "estimated delivery", date(2026, 11, 25)), ["Wednesday, November 25, 2026"]),
    (Figure(FigureKind.TEXT, "line 1 title", "iPhone 15 case"), ["iPhone 15 case"]),
    (Figure(FigureKind.TEXT, "store postal address", "Lindenstr. 1\n10969 Berlin"), ["Lindenstr. 1\n10969 Berlin"]),
    (Figure(FigureKind.CODE, "parcel 1 tracking number", "1Z999AA10123456784"), ["1Z999AA10123456784"]),
    (Figure(FigureKind.PERCENT, "offer percentage", "10"), ["10%", "10 %"]),
    (Figure(FigureKind.PHRASE, "shipped", (3, 5)), ["3 of 5"]),
)
GOOD = "<p>Order #1001 of Friday, November 20, 2026</p><td>3 ×</td><td>iPhone 15 case</td><td>€24.00</td><p>Total: €1,234.50</p>"


def letter(subject="Order #1001", html=GOOD, text="Order #1001: **€1,234.50**"):
    return Letter("ada@example.com", subject, html, text)


def untraced(of, forms=FORMS):
    return [(figure.shown, figure.where) for figure in trace(of, forms) if not figure.fact]


def test_letter_of_facts_traces_whole_and_names_each_fact():
    found = trace(letter(), FORMS)

    assert {figure.fact for figure in found} == {"order number", "order date", "line 1 quantity", "line 1 title", "line 1 total", "order total"}  # fmt: skip
    assert TracedFigure("€1,234.50", "text", "order total") in found
    assert TracedFigure("#1001", "subject", "order number") in found


@pytest.mark.parametrize(
    ("planted", "shown"),
    [
        ("$13.37", "$13.37"),
        ("13.37 €", "13.37 €"),
        ("in 3-5 business days", "3-5"),
        ("ships 24 November", "24"),
        ("ships in 3 days", "3"),
        ("Total: €1,234.51", "€1,234.51"),
        ("Total: $1,234.50", "$1,234.50"),
        ("Total: CA€24.00", "€24.00"),
        ("Total: €24.00 USD", "24.00"),
        ("Total: USD €24.00", "24.00"),
        ("€24", "€24"),
        ("24", "24"),
        ("€124.00", "€124.00"),
        ("€24.005", "€24.005"),
        ("1€24.00", "1"),
        ("Saturday, November 21, 2026", "21"),
        ("4 ×", "4"),
        ("3%", "3%"),
        ("3 USD", "3"),
        ("#1002", "#1002"),
        ("#10011", "#10011"),
        ("#1001-2", "#1001-2"),
        ("A1Z999AA10123456784", "A1Z999AA10123456784"),
        ("1Z999AA10123456785", "1Z999AA10123456785"),
        ("3 of 6", "3"),
        ("13 of 5", "13"),
        ("iPhone 16 case", "16"),
        ("at 14:05", "14:05"),
        ("٣٣ قطعة", "33"),
        ("１３ 点", "13"),
        ("since 1999", "1999"),
        ("Rs. 24.00", "24.00"),
    ],
)
@pytest.mark.parametrize("where", ["subject", "html", "text"])
def test_planted_figure_is_found_wherever_it_stands_alone(planted, shown, where):
    parts = {
        "subject": letter(subject=f"Order #1001 {planted}"),
        "html": letter(html=f"{GOOD}<p>{planted}</p>"),
        "text": letter(text=f"Order #1001\n\n{planted}\n"),
    }

    found = untraced(parts[where])

    assert found
    assert all(place == where for _, place in found)
    assert any(shown.strip("#€$ %") in each or each in shown for each, _ in found)


@pytest.mark.parametrize(
    "hidden",
    [
        '<img alt="13 left">',
        '<a href="#" title="13 left">x</a>',
        '<div aria-label="13 left">x</div>',
        "<title>13 left</title>",
        '<script type="application/ld+json">{"price": "13.37", "priceCurrency": "EUR"}</script>',
        '<script type="application/ld+json">{"price": "1234.50", "priceCurrency": "USD"}</script>',
        '<script type="application/ld+json">{"orderDate": "2026-11-21"}</script>',
        '<script type="application/ld+json">{"eligibleQuantity": {"value": 4}}</script>',
        '<script type="application/ld+json">{"description": "only 13 left"}</script>',
        '<script type="application/ld+json">{"broken": 13</script>',
        '<div style="display:none">13 left</div>',
        "<p>only 1&#51; left</p>",
        "<p>only 1<b>3</b> left</p>",
        "<p>only 1&#8203;3 left</p>",
    ],
)
def test_figure_hidden_in_html_is_found(hidden):
    assert untraced(letter(html=GOOD + hidden))


def test_structured_data_of_facts_traces():
    data = (
        '{"@context": "http://schema.org", "@type": "Order", "orderNumber": "#1001", "price": "1234.50", "priceCurrency": "EUR",'
        ' "orderDate": "2026-11-20T15:05:00+01:00", "acceptedOffer": [{"price": 24.00, "priceCurrency": "EUR",'
        ' "eligibleQuantity": {"value": 3}, "gift": true}], "totalPrice": 24.0, "expectedArrivalUntil": "2026-11-25",'
        ' "merchant": {"name": "iPhone 15 case, #1001"}, "url": "https://shop.example/orders/77"}'
    )

    found = trace(letter(html=f'{GOOD}<script type="application/ld+json">{data}</script>'), FORMS)

    assert [figure for figure in found if not figure.fact] == []
    assert TracedFigure("1234.50 EUR", "html", "order total") in found


@pytest.mark.parametrize(
    "unseen",
    [
        "<style>p{margin:13px}</style>",
        "<script>var a = 13</script>",
        "<!-- 13 -->",
        "<!--[if mso]><table width=13><tr><td>13</td></tr></table><![endif]-->",
        '<head><meta name="x" content="13"><style>13</style>13</head><body>',
        '<table width="13">',
        '<a href="https://shop.example/13">here</a>',
        "<p>https://shop.example/orders/13</p>",
    ],
)
def test_what_no_reader_sees_is_no_figure(unseen):
    assert untraced(letter(html=unseen + GOOD)) == []


def test_markdown_is_read_as_its_reader_sees_it():
    text = "# Order \\#1001\n\n- 3 × [iPhone 15 case](https://shop.example/p/13): €24\\.00\n- https://shop.example/13\n\n&euro;24.00\n"

    assert untraced(letter(text=text)) == []


@pytest.mark.parametrize(
    "said",
    ["3 ×", "× 3", "3", "Quantity: 3", "Menge: 3,", "(3)", "2 → 3", "<td>3</td>", "3\u00a0×", "٣ ×", "３ ×"],
)
def test_bare_quantity_counts_where_a_quantity_stands(said):
    forms = (*FORMS, (Figure(FigureKind.QUANTITY, "change 1: old quantity", 2), ["2"]))

    assert untraced(letter(html=f"<p>#1001</p><p>{said}</p>"), forms) == []


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u202f", "&nbsp;"])
def test_every_kind_of_blank_and_digit_is_the_same_figure(blank):
    assert untraced(letter(html=f"<p>24,00{blank}€</p><bdi dir='ltr'>\u200e1.234,50{blank}€\u200e</bdi><p>١٠٪ ١٠٠١</p>"),
                    (*FORMS, (Figure(FigureKind.CODE, "x", "١٠٠١"), ["١٠٠١"]), (Figure(FigureKind.PERCENT, "y", "10"), ["١٠٪"]))) == []  # fmt: skip


def test_arabic_separators_are_read():
    forms = ((Figure(FigureKind.AMOUNT, "order total", Money(Decimal("1234.500"), "KWD")), ["د.ك. 1,234.500"]),)

    assert untraced(letter(subject="", html="<p>د.ك.\u00a0١٬٢٣٤٫٥٠٠</p>", text=""), forms) == []
    assert untraced(letter(subject="", html="<p>د.ك.\u00a0١٬٢٣٤٫٥٠١</p>", text=""), forms)


def test_thousands_are_not_two_figures():
    forms = (
        (Figure(FigureKind.QUANTITY, "quantity", 1), ["1 ×", "1"]),
        (Figure(FigureKind.AMOUNT, "total", euro("234.50")), ["234,50 €"]),
    )

    assert untraced(letter(subject="", html="<p>1\u202f234,50 €</p>", text=""), forms)
    assert untraced(letter(subject="", html="<td>1</td><td>234,50 €</td>", text=""), forms) == []


def test_longest_form_wins_and_two_currencies_stand_side_by_side():
    forms = (
        (Figure(FigureKind.AMOUNT, "a", euro("10")), ["EUR 10.00", "10,00 €"]),
        (Figure(FigureKind.AMOUNT, "b", Money(Decimal(20), "USD")), ["USD 20.00", "$20.00"]),
        (Figure(FigureKind.CODE, "code", "10"), ["10"]),
    )

    found = trace(letter(subject="EUR 10.00 USD 20.00", html="<p>10,00 € $20.00</p>", text="$20.00 10,00 €"), forms)

    assert {figure.fact for figure in found} == {"a", "b"}


def test_same_figure_is_told_once():
    assert trace(letter(subject="#1001 #1001", html="", text=""), FORMS) == (
        TracedFigure("#1001", "subject", "order number"),
    )


def test_currency_sign_and_letters_belong_to_what_is_shown():
    assert untraced(letter(subject="$ 77 and 77€ and AB-77x and 77 % off")) == [
        ("$ 77", "subject"),
        ("77€", "subject"),
        ("AB-77x", "subject"),
        ("77 %", "subject"),
    ]


def test_has_figures_looks_at_every_part():
    assert has_figures(letter(subject="", html="", text="1"))
    assert has_figures(letter(subject="١", html="", text=""))
    assert not has_figures(letter(subject="Hello", html="<p style='width:1px'>you</p>", text="https://x.example/1"))


def test_marks_show_untraced_figures_in_the_text_as_written():
    text = "Only ١٣\u00a0left, €24.00, 130 and 13"

    spans = marks(text, (TracedFigure("13", "text", ""), TracedFigure("€24.00", "text", "line 1 total")))

    assert [text[start:end] for start, end in spans] == ["١٣", "13"]
    assert marks(text, (TracedFigure("€24.00", "text", "total"),)) == ()
    assert marks("", (TracedFigure("1", "text", ""),)) == ()


_AMOUNTS = st.decimals(min_value=0, max_value=99999, places=2)
_WORDS = st.sampled_from(["Total", "Hello Ada,", "was sent", "—", "合計", "وصل", "(paid)", "*bold*"])


@st.composite
def facts(draw):
    amounts = draw(st.lists(_AMOUNTS, min_size=1, max_size=5))
    codes = draw(st.lists(st.from_regex(r"[A-Z]{2}[0-9]{4,9}", fullmatch=True), max_size=3))
    counts = draw(st.lists(st.integers(1, 400), max_size=3))
    return (
        *(
            (Figure(FigureKind.AMOUNT, "amount", euro(amount)), [f"€{amount:,.2f}", f"{amount:.2f}\u00a0€"])
            for amount in amounts
        ),
        *((Figure(FigureKind.CODE, "code", code), [code]) for code in codes),
        *((Figure(FigureKind.QUANTITY, "quantity", count), [str(count), f"{count} ×"]) for count in counts),
    )


@given(facts(), st.data())
def test_letter_made_of_forms_alone_traces_whole(forms, data):
    shapes = [shape for _, each in forms for shape in each]
    lines = data.draw(st.lists(st.sampled_from(shapes) | _WORDS, max_size=12))

    found = untraced(letter(subject=lines[0] if lines else "", html="".join(f"<p>{line}</p>" for line in lines), text="\n\n".join(lines)), forms)  # fmt: skip

    assert found == []


@given(facts(), st.data())
def test_one_changed_digit_anywhere_is_found(forms, data):
    shapes = [shape for _, each in forms for shape in each]
    line = data.draw(st.sampled_from(shapes))
    at = data.draw(st.sampled_from([place for place, char in enumerate(line) if char.isdigit()]))
    wrong = line[:at] + data.draw(st.sampled_from("0123456789".replace(line[at], ""))) + line[at + 1 :]
    assume(wrong not in shapes)

    html = "".join(f"<p>{wrong if each == line else each}</p>" for each in shapes)

    assert untraced(letter(subject="", html=html, text=""), forms)


@given(st.text(), st.text(), st.text())
def test_any_text_is_looked_at_without_an_error(subject, html, text):
    found = trace(letter(subject=subject, html=html, text=text), FORMS)

    assert all(figure.shown for figure in found)
    assert all(0 <= start < end <= len(text) for start, end in marks(text, found))


@pytest.mark.parametrize("bomb", ["3-", "1 ", "€24.00 ", "[", "[a](", "<td>3</td>", "1Z999AA1012345678", "12345 × "])
def test_hundred_kilobytes_are_looked_at_in_good_time(bomb):
    text = bomb * (100_000 // len(bomb))

    begun = time.process_time()
    trace(letter(subject="", html=text, text=text), FORMS * 20)

    assert time.process_time() - begun < 3
