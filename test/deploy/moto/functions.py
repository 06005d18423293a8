"""Runs a function of the stack, which moto does in Docker alone: the code of its zip, with its own variables, in Node."""

import datetime
import http.server
import io
import ipaddress
import json
import os
import queue
import ssl
import subprocess
import tempfile
import threading
import uuid
import zipfile
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PROGRAM = """
const text = await new Response(process.stdin).text();
const { handler } = await import(process.argv[1]);
await handler(JSON.parse(text), { functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, awsRequestId: 'stack' });
"""


class Answers:
    """The address where CloudFormation takes the answers of custom resources. It speaks TLS, as AWS's does."""

    def __init__(self) -> None:
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.folder = tempfile.TemporaryDirectory(prefix="answers-")
        folder = Path(self.folder.name)
        self.certificate = folder / "certificate.pem"
        key = folder / "key.pem"
        write_certificate(self.certificate, key)
        answers = self.answers

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                answers.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{server.server_port}/answer"


def write_certificate(certificate: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CloudFormation's answers")])
    now = datetime.datetime.now(datetime.timezone.utc)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(key.private_bytes(*pem))


def invoke(configuration: dict[str, Any], code: bytes, event: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Runs the function with the event, as CloudFormation does for a custom resource. Returns the function's answer."""
    event = {**event, "ResponseURL": answers.url, "RequestId": str(uuid.uuid4())}
    environment = {
        **configuration.get("Environment", {}).get("Variables", {}),
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
        "AWS_ACCESS_KEY_ID": "function",
        "AWS_SECRET_ACCESS_KEY": "not-checked-here",
        "NODE_EXTRA_CA_CERTS": str(answers.certificate),
    }
    with tempfile.TemporaryDirectory(prefix="function-") as folder:
        zipfile.ZipFile(io.BytesIO(code)).extractall(folder)
        program = [os.environ["NODE"], "--input-type=module", "--eval", PROGRAM, f"{folder}/index.mjs"]
        run = subprocess.run(program, input=json.dumps(event), env=environment, text=True, capture_output=True, timeout=300)
    if run.returncode != 0:
        raise RuntimeError(f"The function {configuration['FunctionName']} failed: {run.stderr}")
    return answers.answers.get(timeout=1)
