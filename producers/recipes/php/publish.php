<?php
// Publish events to Presently, each confirmed: one JSON object a line, such as
// {"document": ["article", "42"], "type": "comment.added", "data": {"text": "nice"}}
declare(strict_types=1);

use PhpAmqpLib\Channel\AMQPChannel;
use PhpAmqpLib\Message\AMQPMessage;

require __DIR__ . '/connect.php';

const WORD = '(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}';
const JSON = JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;

/** Join plain words to a document id: documentId('page', 'a/b') is page.a%2Fb. */
function documentId(string ...$words): string
{
    // rawurlencode leaves A-Z a-z 0-9 _ ~ - and the dot.
    $encoded = array_map(fn ($word) => str_replace('.', '%2E', rawurlencode($word)), $words);
    if (end($encoded) === '~') {
        $encoded[array_key_last($encoded)] = '%7E'; // page.~ is the list of page
    }
    return implode('.', $encoded);
}

function routingKey(string $document): string
{
    return sprintf(':%02d.%s', crc32($document) % 16, $document);
}

/** The CloudEvent of a line; repeating an event under the same id is harmless. */
function eventOf(stdClass $line): stdClass
{
    $document = $line->document;
    unset($line->document);
    $subject = is_array($document) ? documentId(...$document) : $document;
    if (strlen($subject) > 200 || !preg_match('/^' . WORD . '(?:\.' . WORD . '){1,4}$/D', $subject)) {
        throw new InvalidArgumentException("no document id: $subject");
    }
    $event = [
        'specversion' => '1.0', 'id' => bin2hex(random_bytes(16)), 'source' => '/recipes/php',
        'time' => (new DateTime('now', new DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.up'),
    ];
    return (object) array_merge($event, (array) $line, ['subject' => $subject]);
}

function publish(AMQPChannel $channel, stdClass $event): void
{
    $message = new AMQPMessage(json_encode($event, JSON), [
        'content_type' => 'application/cloudevents+json',
        'delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT,
    ]);
    $key = routingKey($event->subject);
    $channel->basic_publish($message, 'hub.in', $key);
    $channel->wait_for_pending_acks(5.0); // or once, after many
    echo "$event->id $key\n";
}

$channel = connect()->channel();
$channel->confirm_select();
$channel->set_nack_handler(fn () => throw new RuntimeException('the broker does not take it'));
while (($line = fgets(STDIN)) !== false) {
    // Objects stay objects: as an array, {} would become [].
    publish($channel, eventOf(json_decode($line, false, 512, JSON)));
}
