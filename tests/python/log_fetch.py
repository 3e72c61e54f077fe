"""Fetches paths of the log over HTTPS with Python's own client and no certificate.

    log_fetch.py HOST:PORT CA < paths

Standard output has a line of JSON for each path: {"path": …, "status": …, "type": …, "cache": …, "body": base64}.
"""

import base64
import http.client
import json
import ssl
import sys

address, ca = sys.argv[1:]
connection = http.client.HTTPSConnection(address, context=ssl.create_default_context(cafile=ca), timeout=20)
for path in sys.stdin.read().split("\n"):
    if not path:
        continue
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    print(json.dumps({
        "path": path,
        "status": answer.status,
        "type": answer.headers.get("content-type", ""),
        "cache": answer.headers.get("cache-control", ""),
        "body": base64.b64encode(body).decode(),
    }))
