"""The unsubscribe page's words, in every language that letters are shipped in. `{store}` is the shop's name."""

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"ar"})


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `button` asks, `done` confirms, `still` says what keeps coming, `unknown` is for a wrong link."""

    title: str
    ask: str
    button: str
    done: str
    still: str
    unknown: str


WORDS: dict[str, Words] = {
    "en": Words(
        "Unsubscribe",
        "Stop reminders and offers from {store}?",
        "Unsubscribe",
        "Done. You will get no more reminders and offers from {store}.",
        "Letters about orders that you place still reach you.",
        "This link is not complete. Please open it from the e-mail again, or answer that e-mail.",
    ),
    "de": Words(
        "Abmelden",
        "Keine Erinnerungen und Angebote mehr von {store}?",
        "Abmelden",
        "Erledigt. Sie erhalten keine Erinnerungen und Angebote mehr von {store}.",
        "E-Mails zu Ihren Bestellungen kommen weiterhin an.",
        "Dieser Link ist unvollständig. Bitte öffnen Sie ihn noch einmal aus der E-Mail oder antworten Sie auf sie.",
    ),
    "fr": Words(
        "Se désabonner",
        "Ne plus recevoir de rappels ni d’offres de {store} ?",
        "Se désabonner",
        "C’est fait. Vous ne recevrez plus de rappels ni d’offres de {store}.",
        "Les e-mails concernant vos commandes continueront de vous parvenir.",
        "Ce lien est incomplet. Ouvrez-le à nouveau depuis l’e-mail ou répondez à cet e-mail.",
    ),
    "es": Words(
        "Darse de baja",
        "¿Dejar de recibir recordatorios y ofertas de {store}?",
        "Darse de baja",
        "Listo. Ya no recibirá recordatorios ni ofertas de {store}.",
        "Los correos sobre sus pedidos seguirán llegando.",
        "Este enlace está incompleto. Ábralo de nuevo desde el correo o responda a ese correo.",
    ),
    "ja": Words(
        "配信停止",
        "{store} からのお知らせとご案内の配信を停止しますか?",
        "配信を停止する",
        "手続きが完了しました。今後 {store} からのお知らせとご案内は届きません。",
        "ご注文に関するメールは引き続きお届けします。",
        "リンクが正しくありません。メールからもう一度開くか、そのメールにご返信ください。",
    ),
    "ar": Words(
        "إلغاء الاشتراك",
        "هل تريد إيقاف رسائل التذكير والعروض من {store}؟",
        "إلغاء الاشتراك",
        "تم. لن تصلك رسائل تذكير أو عروض من {store} بعد الآن.",
        "ستستمر الرسائل المتعلقة بطلباتك في الوصول إليك.",
        "هذا الرابط غير مكتمل. افتحه مرة أخرى من البريد الإلكتروني أو ردّ على تلك الرسالة.",
    ),
}
