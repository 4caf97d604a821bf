"""What tests share: `eventually` (poll with a deadline), `rabbit` (a private RabbitMQ)."""
