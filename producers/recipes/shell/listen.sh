#!/usr/bin/env bash
# Hear who connects, what they do, who is at which document, and what happens there.
# Argument: a topic pattern of documents, such as article.#
#
# amqp-consume (Debian: amqp-tools) runs a command for each message, with its body as input. It makes
# a queue for each binding. Messages of hub.clients are msgpack: perl reads them (Debian:
# libdata-messagepack-perl).
set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null' EXIT
trap 'exit 143' TERM

consume() {
    exec amqp-consume --url "$PRESENTLY_URL" --heartbeat 20 --exclusive --exchange "$1" --routing-key "$2" -- "${@:3}"
}

# What a browser's connection does: schemas/messages.py.
read_client='
    local $/; my $m = Data::MessagePack->unpack(<STDIN>);
    my %line = (
        connect => "connect $m->{connection} $m->{user}\n",
        disconnect => "disconnect $m->{connection} $m->{cause}\n",
        acts => join("", map { "receive $_->{connection} $m->{document} $_->{kind}\n" }
            grep { $_->{connection} ne "" } @{$m->{acts}}),  # "": the gateway itself asks
    );
    print $line{$m->{kind}};'
for key in connect.# receive.# disconnect.#; do
    consume hub.clients "$key" perl -MData::MessagePack -e "$read_client" &
done

# What everybody at a document is told: docs/protocol.md. One frame a line, so that jq can remember.
tell='
foreach inputs as $frame ({here: {}};
    $frame.document as $d
    | if $frame.type == "event" then .told = ["event \($d) \($frame.event.type)"]
      elif $frame.type == "presence" then
        (.here[$d] // []) as $before
        | ((if $frame.full then [] else $before end) + [$frame.users[].id] - $frame.left | unique) as $now
        | .here[$d] = $now
        | .told = ["joined \($d) \($now - $before | .[])", "left \($d) \($before - $now | .[])"]
      else .told = [] end;
    .told[])'
consume hub.events "$1" sh -c 'cat; echo' | jq --raw-output --null-input --unbuffered "$tell" &

echo listening
wait -n || true
exit 1 # one of them is gone, and we would be half deaf
