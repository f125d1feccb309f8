"""A subscriber to Rollcall's topics: learns who is there, then follows what changes. Values are protobuf (the default).

    pip install confluent-kafka==2.16.1 grpcio-tools==1.85.1
    python -m grpc_tools.protoc -I proto --python_out=. proto/rollcall/events/v1/*.proto
    python docs/examples/subscriber.py localhost:9092 rollcall [--once]

Prints one JSON line when it has caught up, and one for each event after that. See docs/SUBSCRIBING.md.
"""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from rollcall.events.v1 import envelope_pb2, event_type_pb2, events_pb2, state_pb2


class Directory:
    """What this subscriber knows: users and groups by key, and members by key. A null value takes a key away."""

    def __init__(self):
        self.by_key = {}
        # The newest number of each tenant that is known: whatever isn't newer has been seen.
        self.seen = {}

    def state(self, key, value, headers):
        if value is None:
            self.by_key.pop(key, None)
        else:
            self.by_key[key] = state_pb2.State.FromString(value)

    def is_new(self, headers):
        """Each event once, in whatever way it comes. Numbers count within one incarnation of one log."""
        history = (headers["log"], headers["incarnation"], headers["tenant"])
        seq = int(headers["seq"])
        if seq <= self.seen.get(history, 0):
            return False
        self.seen[history] = seq
        return True

    def counts(self):
        """Members of groups, or of members, that are gone don't count: their records stay behind."""
        users = {key for key in self.by_key if key.split("/")[1] == "user"}
        groups = {key for key in self.by_key if key.split("/")[1] == "group"}
        members = 0
        for key in self.by_key:
            tenant, kind, *ids = key.split("/")
            if kind == "member":
                group, member = ids
                there = f"{tenant}/user/{member}" in users or f"{tenant}/group/{member}" in groups
                members += f"{tenant}/group/{group}" in groups and there
        return {"users": len(users), "groups": len(groups), "members": members}


def consumer(brokers):
    # No group: every subscriber reads all. Committed records only: others may never have happened.
    return Consumer({"bootstrap.servers": brokers, "group.id": "subscriber-example", "enable.auto.commit": False,
                     "isolation.level": "read_committed", "enable.partition.eof": True})


def read(follower, topic, each, once):
    """Every record of the topic from the start: to where the partitions end, or for ever."""
    partitions = follower.list_topics(topic, timeout=10).topics[topic].partitions
    places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions]
    follower.assign(places)
    ended = set()
    while not once or len(ended) < len(places):
        message = follower.poll(1.0)
        if message is None:
            continue
        if message.error():
            # The end of a partition, or a broker that comes and goes.
            if message.error().code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
            continue
        headers = {name: value.decode() for name, value in message.headers() or []}
        each(message.key().decode(), message.value(), headers)
    follower.unassign()


def main():
    brokers, prefix = sys.argv[1:3]
    once = "--once" in sys.argv
    directory, follower = Directory(), consumer(brokers)
    read(follower, f"{prefix}.state.v1", directory.state, once=True)
    print(json.dumps({"caught_up": directory.counts()}), flush=True)

    def event(_key, value, headers):
        if directory.is_new(headers):
            envelope = envelope_pb2.Envelope.FromString(value)
            # The payload is not compressed here (CODEC_NONE): it can be read as it is.
            payload = events_pb2.Payload.FromString(envelope.blob.bytes)
            print(json.dumps({"id": headers["ce_id"], "type": headers["ce_type"],
                              "number": event_type_pb2.EventType.Name(envelope.type),
                              "content": payload.WhichOneof("content")}), flush=True)

    read(follower, f"{prefix}.events.v1", event, once)
    follower.close()


if __name__ == "__main__":
    main()
