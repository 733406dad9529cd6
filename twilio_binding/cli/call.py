"""`twilio-binding call`: a phone call from the terminal."""

from __future__ import annotations

import click

from twilio_binding.cli.sending import Terms, carry_out, given_text, sending


@click.command()
@click.argument("to", metavar="TO")
@click.argument("text", metavar="[TEXT|-]", required=False)
@click.option("--voice", metavar="NAME", help="Voice that says TEXT, such as Polly.Amy.")
@click.option("--twiml", metavar="XML|-", help="TwiML that the call carries out, instead of TEXT.")
@sending
def call(to: str, text: str | None, voice: str | None, twiml: str | None, terms: Terms) -> None:
    """Call the number TO through the running service, and say TEXT. Write commas between several numbers.

    With - the command reads the text, or the TwiML, from standard input.
    """
    if (text is None) == (twiml is None):
        raise click.UsageError("give either a TEXT to say (- reads it from standard input) or --twiml.")
    if twiml is not None and voice is not None:
        raise click.UsageError("--voice works only with TEXT; in TwiML, use the voice attribute of <Say>.")
    if twiml is not None:
        carry_out(terms, "makeCall", to, {"twiml": given_text(twiml)})
    else:
        carry_out(terms, "makeTTSCall", to, {"text": given_text(text), "voice": voice})
