#!/usr/bin/env bash
# Makes Rollcall's topics by hand, as the gateway makes them itself with [kafka] create_topics = true (the default).
#
#   deploy/kafka/topics.sh BOOTSTRAP [PREFIX] [PARTITIONS] [REPLICAS] [MIN_INSYNC_REPLICAS]
#
# Wants Kafka's kafka-topics.sh in PATH; COMMAND_CONFIG=FILE is given to it as --command-config.
set -euo pipefail

bootstrap=${1:?"usage: $0 BOOTSTRAP [PREFIX] [PARTITIONS] [REPLICAS] [MIN_INSYNC_REPLICAS]"}
prefix=${2:-rollcall} partitions=${3:-12} replicas=${4:-3} in_sync=${5:-2}

make() {
    local topic=$1 settings=()
    shift
    for setting in "min.insync.replicas=$in_sync" "$@"; do settings+=(--config "$setting"); done
    kafka-topics.sh --bootstrap-server "$bootstrap" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
        --create --if-not-exists --topic "$prefix.$topic.v1" \
        --partitions "$partitions" --replication-factor "$replicas" "${settings[@]}"
}

# Everything that happened, in order. Retention is yours: it is also how long an erased person's values survive here.
make events cleanup.policy=delete
# The newest state by key: users, groups, memberships, tenants.
make state cleanup.policy=compact min.cleanable.dirty.ratio=0.2 segment.ms=86400000 \
    delete.retention.ms=86400000 max.compaction.lag.ms=604800000
# How far each log was relayed: the gateway reads it at its start.
make relay cleanup.policy=compact min.cleanable.dirty.ratio=0.1 segment.bytes=16777216
