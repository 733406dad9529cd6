"""`twilio-binding send`: a text or picture from the terminal."""

from __future__ import annotations

import click

from twilio_binding.cli.sending import Terms, carry_out, given_text, sending


@click.command()
@click.argument("to", metavar="TO")
@click.argument("text", metavar="[TEXT|-]", required=False)
@click.option("--media", multiple=True, metavar="URL", help="Public URL of a picture; you can repeat this option.")
@click.option("--whatsapp", is_flag=True, help="Send over WhatsApp.")
@sending
def send(to: str, text: str | None, media: tuple[str, ...], terms: Terms, *, whatsapp: bool) -> None:
    """Send TEXT to the number TO through the running service. Write commas between several numbers.

    With - the command reads the text from standard input.
    """
    message = given_text(text)
    if message is None and not media:
        raise click.UsageError("TEXT is missing. Give it after TO, or use - to read it from standard input.")
    args = {"message": message, "mediaUrl": list(media) or None}
    carry_out(terms, "sendWhatsApp" if whatsapp else "sendSMS", to, args)
