<?php
declare(strict_types=1);

use PhpAmqpLib\Connection\AMQPStreamConnection;

// Composer's, or Debian's package php-amqplib.
require is_file(__DIR__ . '/vendor/autoload.php') ? __DIR__ . '/vendor/autoload.php' : 'PhpAmqpLib/autoload.php';

/** A connection to PRESENTLY_URL, amqp://user:password@host:port/vhost. */
function connect(): AMQPStreamConnection
{
    $url = array_map('rawurldecode', array_map('strval', parse_url(getenv('PRESENTLY_URL'))));
    $vhost = isset($url['path']) ? substr($url['path'], 1) : '/';
    $port = (int) ($url['port'] ?? 5672);
    return new AMQPStreamConnection($url['host'], $port, $url['user'] ?? 'guest', $url['pass'] ?? 'guest', $vhost);
}
