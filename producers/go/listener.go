package presently

import (
	"context"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	prefetch       = 256 // messages that we may hold at once
	connectTime    = 10 * time.Second
	longestAbsence = 5 * time.Second
)

// What a listener wants to hear.
type What struct {
	// Topic patterns: article.42.#, article.#, *.*.event.presently.change.
	Documents []string
	// Also who connects, what browsers do, who disconnects.
	Connections bool
	// A durable queue of this name keeps what comes while you are away. Without it the queue is
	// made for this connection and gone with it.
	Queue string
}

// Listen calls hear for all that happens, in order, until the context ends (then it returns nil),
// hear returns an error, or the broker refuses us. A message is acknowledged once hear returned.
// It reconnects by itself; each beginning is told as Listening.
func Listen(ctx context.Context, url string, what What, hear func(Heard) error) error {
	first := true
	for wait := 2 * pause; ctx.Err() == nil; wait = min(2*wait, longestAbsence) {
		began := time.Now()
		err := listen(ctx, url, what, first, func(heard Heard) error {
			first = false
			return hear(heard)
		})
		var stop stopped
		if errors.As(err, &stop) {
			return stop.error
		}
		if errors.Is(err, ErrRefused) {
			return err
		}
		if time.Since(began) > longestAbsence {
			wait = 2 * pause
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// stopped is an error of hear's.
type stopped struct{ error }

func listen(ctx context.Context, url string, what What, first bool, hear func(Heard) error) error {
	connecting, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	var deliveries <-chan amqp.Delivery
	link, err := connect(connecting, url, first, func(channel *amqp.Channel) (err error) {
		deliveries, err = consume(channel, what)
		return err
	})
	if err != nil {
		return err
	}
	defer link.connection.Close()
	if err := hear(Listening{}); err != nil {
		return stopped{err}
	}
	reader := newReader()
	for {
		select {
		case <-ctx.Done():
			return nil
		case delivery, open := <-deliveries:
			if !open {
				return link.ended(amqp.ErrClosed)
			}
			for _, heard := range reader.read(delivery) {
				if err := hear(heard); err != nil {
					return stopped{err}
				}
			}
			if err := delivery.Ack(false); err != nil {
				return link.ended(err)
			}
		}
	}
}

func consume(channel *amqp.Channel, what What) (<-chan amqp.Delivery, error) {
	durable, kind := what.Queue != "", "classic"
	if durable {
		kind = "quorum"
	}
	queue, err := channel.QueueDeclare(
		what.Queue, durable, false, !durable, false, amqp.Table{"x-queue-type": kind})
	if err != nil {
		return nil, err
	}
	bindings := map[string][]string{"hub.events": what.Documents}
	if what.Connections {
		bindings["hub.clients"] = []string{"connect.#", "receive.#", "disconnect.#", "gateway.lost"}
	}
	for exchange, keys := range bindings {
		for _, key := range keys {
			if err := channel.QueueBind(queue.Name, key, exchange, false, nil); err != nil {
				return nil, err
			}
		}
	}
	if err := channel.Qos(prefetch, 0, false); err != nil {
		return nil, err
	}
	return channel.Consume(queue.Name, "", false, false, false, false, nil)
}
