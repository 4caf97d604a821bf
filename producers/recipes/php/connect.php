<?php
declare(strict_types=1);

use PhpAmqpLib\Connection\AMQPStreamConnection;

// Composer's, or Debian's package php-amqplib.
require is_file(__DIR__ . '/vendor/autoload.php') ? __DIR__ . '/vendor/autoload.php' : 'PhpAmqpLib/autoload.php';

/**
 * A connection to PRESENTLY_URL, amqp://user:password@host:port/vhost.
 *
 * With a heartbeat (seconds) a broker that is gone without a word is noticed, but then PHP must look at the connection
 * at least that often.
 */
function connect(int $heartbeat = 0): AMQPStreamConnection
{
    $url = array_map('rawurldecode', array_map('strval', parse_url(getenv('PRESENTLY_URL'))));
    $vhost = isset($url['path']) ? substr($url['path'], 1) : '/';
    $port = (int) ($url['port'] ?? 5672);
    [$user, $password] = [$url['user'] ?? 'guest', $url['pass'] ?? 'guest'];
    // Without a time-out, closing would wait on for a broker that says nothing.
    $times = ['heartbeat' => $heartbeat, 'channel_rpc_timeout' => 3.0];
    return new AMQPStreamConnection($url['host'], $port, $user, $password, $vhost, ...$times);
}
