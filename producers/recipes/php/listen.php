<?php
// Hear who connects, what they do, who is at which document, and what happens there.
// Arguments: topic patterns of documents, such as article.#
declare(strict_types=1);

use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPTable;

require __DIR__ . '/connect.php';

/** What a browser's connection does: schemas/messages.py. */
function client(array $message): void
{
    match ($message['kind']) {
        'connect' => tell('connect', $message['connection'], $message['user']),
        'disconnect' => tell('disconnect', $message['connection'], $message['cause']),
        'acts' => array_map(
            fn ($act) => tell('receive', $act['connection'], $message['document'], $act['kind']),
            array_filter($message['acts'], fn ($act) => $act['connection'] !== ''), // '': the gateway itself
        ),
        default => null, // a newer gateway's
    };
}

/** What everybody at a document is told: docs/protocol.md. */
function document(array $frame): void
{
    match ($frame['type']) {
        'event' => tell('event', $frame['document'], $frame['event']['type']),
        'presence' => presence($frame['document'], $frame),
        default => null, // a reset: fetch the document anew
    };
}

function presence(string $document, array $frame): void
{
    static $here = [];
    $before = $here[$document] ?? [];
    $now = array_merge($frame['full'] ? [] : $before, array_column($frame['users'], 'id'));
    $now = array_diff(array_unique($now), $frame['left']);
    foreach (array_diff($now, $before) as $user) {
        tell('joined', $document, $user);
    }
    foreach (array_diff($before, $now) as $user) {
        tell('left', $document, $user);
    }
    $here[$document] = $now;
}

function tell(string ...$words): void
{
    echo implode(' ', $words), "\n";
}

$channel = connect(heartbeat: 20)->channel();
[$queue] = $channel->queue_declare('', false, false, true, true, false, new AMQPTable(['x-queue-type' => 'classic']));
foreach (['connect.#', 'receive.#', 'disconnect.#'] as $key) {
    $channel->queue_bind($queue, 'hub.clients', $key);
}
foreach (array_slice($argv, 1) as $key) {
    $channel->queue_bind($queue, 'hub.events', $key);
}
$channel->basic_qos(0, 256, false);
$channel->basic_consume($queue, '', false, false, false, false, function (AMQPMessage $message) {
    match ($message->getExchange()) {
        'hub.clients' => client(msgpack_unpack($message->getBody())),
        default => document(json_decode($message->getBody(), true, 512, JSON_THROW_ON_ERROR)),
    };
    $message->ack();
});
tell('listening');
$channel->consume(); // until the connection is gone: then it throws
