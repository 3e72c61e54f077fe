"""A client that knows nothing of Delt: grpcio, mutual TLS, a token, and what server reflection says.

    foreign.py ADDRESS CA CERTIFICATE KEY [TOKEN_FILE] < script

Standard input is JSON lines, one call each: {"method": "package.Service/Method", "request": {…}}, in the JSON form of
protobuf. Standard output has a line for each: {"responses": […]} or {"code": "…", "reason": "…", "violations": […]}.
A call with "list": true answers {"services": […]}.
"""

import json
import sys
import warnings

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.any_pb2 import Any  # noqa: F401  (known to the pool)
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

warnings.simplefilter("ignore")


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Hub:
    def __init__(self, address, ca, certificate, key, token):
        credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(certificate))
        self.channel = grpc.secure_channel(address, credentials)
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)
        self.metadata = [("authorization", "Bearer " + token)] if token else []

    def message(self, name):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))

    def call(self, path, request):
        service, name = path.split("/")
        method = self.pool.FindServiceByName(service).FindMethodByName(name)
        ask = message_factory.GetMessageClass(method.input_type)
        answer = message_factory.GetMessageClass(method.output_type)
        kind = {
            (False, False): self.channel.unary_unary,
            (False, True): self.channel.unary_stream,
            (True, True): self.channel.stream_stream,
        }[(method.client_streaming, method.server_streaming)]
        stub = kind("/" + path, request_serializer=ask.SerializeToString, response_deserializer=answer.FromString)
        read_one = lambda value: json_format.ParseDict(value, ask(), descriptor_pool=self.pool)
        sent = iter([read_one(value) for value in request]) if method.client_streaming else read_one(request)
        got = stub(sent, metadata=self.metadata, timeout=30)
        got = list(got) if method.server_streaming else [got]
        return [json_format.MessageToDict(one, preserving_proto_field_name=True, descriptor_pool=self.pool) for one in got]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The length-delimited fields of a message; error details use no others that matter here."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        length, at = varint(data, at)
        if tag & 7 == 2:
            yield tag >> 3, data[at:at + length]
            at += length


def details(error):
    """google.rpc.Status in the trailer `grpc-status-details-bin`: ErrorInfo and BadRequest, read by hand so that no
    package with Google's error messages is needed."""
    said = {"code": error.code().name, "message": error.details(), "reason": "", "domain": "", "violations": []}
    trailer = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    for number, packed in fields_of_status(trailer):
        if number != 3:
            continue
        url, value = b"", b""
        for field, content in fields(packed):
            url, value = (content, value) if field == 1 else (url, content)
        kind = url.decode().rsplit(".", 1)[-1]
        if kind == "ErrorInfo":
            for field, content in fields(value):
                said[{1: "reason", 2: "domain"}.get(field, "metadata")] = content.decode()
        if kind == "BadRequest":
            for _, violation in fields(value):
                said["violations"].append({field: text.decode() for field, text in fields(violation)}[1])
    return said


def fields_of_status(data):
    """The first field of google.rpc.Status is the code, a varint."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            _, at = varint(data, at)
            continue
        length, at = varint(data, at)
        yield tag >> 3, data[at:at + length]
        at += length


def main():
    address, ca, certificate, key, *rest = sys.argv[1:]
    token = read(rest[0]).decode().strip() if rest else ""
    hub = Hub(address, ca, certificate, key, token)
    for line in sys.stdin:
        call = json.loads(line)
        try:
            if call.get("list"):
                answer = {"services": sorted(hub.database.get_services())}
            else:
                answer = {"responses": hub.call(call["method"], call["request"])}
        except grpc.RpcError as error:
            answer = details(error)
        print(json.dumps(answer), flush=True)


main()
