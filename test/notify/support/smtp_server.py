"""An SMTP server for tests: aiosmtpd, as its makers wrote it, with answers that a test asks for.

Usage: smtp_server.py CERT KEY MODE, where MODE is plain, starttls, implicit, no-tls, busy, refuse or hang. Prints
its port, then each mail that it took as one line of JSON.
"""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

cert, key, mode = sys.argv[1:]


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == "hang":
            await asyncio.sleep(3600)
        if mode == "busy":
            return "451 4.7.1 greylisted, try again later"
        if mode == "refuse" or address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "user": session.auth_data and session.auth_data.login.decode(),
            "text": envelope.content.decode("utf8"),
        }), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"fleet" and data.password == b"pass-4711"
    return AuthResult(success=good, handled=good, auth_data=data)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    with_auth = mode in ("starttls", "implicit")
    options = {
        "authenticator": authenticate,
        "auth_required": with_auth,
        "auth_require_tls": mode == "starttls",
        "tls_context": None if mode in ("implicit", "no-tls") else context,
        "require_starttls": mode == "starttls",
    }
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(), **options), "127.0.0.1", 0,
        ssl=context if mode == "implicit" else None,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
