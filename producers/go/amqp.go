package presently

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	exchange     = "hub.in"
	waiting      = 1000 // events not confirmed yet, at most
	heartbeat    = 10 * time.Second
	pause        = 50 * time.Millisecond
	longestPause = time.Second
)

var errOnlyEvents = fmt.Errorf("%w: a broker knows events, not people: ask the HTTP API", ErrRefused)

// amqpLine is RabbitMQ: the exchange hub.in, with confirms.
//
// One plain connection and channel, made again when they are gone. An event waits for them until
// its time is up and is repeated under its own id, which is harmless. What waits is bounded: past
// the bound Publish fails at once.
type amqpLine struct {
	url     string
	slots   chan struct{} // one for each event that is waiting
	mu      sync.Mutex    // held while connecting
	closing sync.Mutex
	open    *link
}

// link is one connection with one channel. Gone is closed after why was set.
type link struct {
	connection *amqp.Connection
	channel    *amqp.Channel
	gone       chan struct{}
	why        error
}

func newAMQPLine(url string) *amqpLine {
	return &amqpLine{url: url, slots: make(chan struct{}, waiting)}
}

func (l *amqpLine) send(ctx context.Context, messages []message) error {
	results := make(chan error, len(messages))
	for _, each := range messages {
		select {
		case l.slots <- struct{}{}:
		default:
			return fmt.Errorf("%w: %d events are waiting for the broker already", ErrUnavailable, waiting)
		}
		go func() { // writing to a broker that has stopped reading knows no deadline
			results <- l.deliver(ctx, each)
			<-l.slots
		}()
	}
	for range messages {
		select {
		case err := <-results:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (l *amqpLine) deliver(ctx context.Context, each message) error {
	for wait := pause; ; wait = min(2*wait, longestPause) {
		err := l.once(ctx, each)
		if err == nil || errors.Is(err, ErrRefused) && !refusedOther(err, RoutingKey(each.document)) {
			return err
		}
		if deadline, has := ctx.Deadline(); has && time.Until(deadline) < wait {
			return err // says more than that the time is up
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

func (l *amqpLine) once(ctx context.Context, each message) error {
	link, err := l.ready(ctx)
	if err != nil {
		return err
	}
	publishing := amqp.Publishing{
		ContentType: contentType, DeliveryMode: amqp.Persistent, Body: each.body,
	}
	if len(each.id) <= 255 { // AMQP takes no more there; the event has it anyway
		publishing.MessageId = each.id
	}
	confirm, err := link.channel.PublishWithDeferredConfirmWithContext(
		ctx, exchange, RoutingKey(each.document), false, false, publishing)
	if err != nil {
		return link.ended(err)
	}
	acked, err := confirm.WaitContext(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("no confirm: %w", err)
	case !acked && link.channel.IsClosed():
		return link.ended(amqp.ErrClosed)
	case !acked:
		return errors.New("the broker does not take it")
	}
	return nil
}

func (l *amqpLine) presence(context.Context, string) (Presence, error) {
	return Presence{}, errOnlyEvents
}

// close waits for what is being delivered: it would connect again, and leave that open.
func (l *amqpLine) close() error {
	l.closing.Lock()
	defer l.closing.Unlock()
	for range waiting {
		l.slots <- struct{}{}
	}
	defer func() {
		for range waiting {
			<-l.slots
		}
	}()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil || l.open.connection.IsClosed() {
		return nil
	}
	return l.open.connection.Close()
}

// ready is the link, made anew if it is gone.
func (l *amqpLine) ready(ctx context.Context) (*link, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open != nil && !l.open.channel.IsClosed() {
		return l.open, nil
	}
	confirms := func(channel *amqp.Channel) error { return channel.Confirm(false) }
	link, err := connect(ctx, l.url, l.open == nil, confirms)
	if err != nil {
		return nil, err
	}
	l.open = link
	return link, nil
}

// connect opens a link and prepares its channel while ctx lasts.
//
// A handshake that breaks off says to the client that the password is wrong, and that is all it
// learns: believed at first, but not of a password that was good before.
func connect(ctx context.Context, url string, first bool, prepare func(*amqp.Channel) error) (*link, error) {
	giveUp := func() bool { return true }
	connection, err := amqp.DialConfig(url, amqp.Config{
		Heartbeat: heartbeat,
		Dial: func(network, address string) (net.Conn, error) {
			socket, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err == nil { // the client's own calls know no context
				giveUp = context.AfterFunc(ctx, func() { _ = socket.Close() })
			}
			return socket, err
		},
	})
	var made *link
	if err == nil {
		made, err = open(connection, prepare)
	}
	if !giveUp() {
		return nil, fmt.Errorf("the broker does not answer: %w", ctx.Err())
	}
	if err == nil {
		return made, nil
	}
	if refused := refusal(err); refused != nil && (first || err != amqp.ErrCredentials) {
		return nil, refused
	}
	return nil, err
}

func open(connection *amqp.Connection, prepare func(*amqp.Channel) error) (*link, error) {
	channel, err := connection.Channel()
	if err != nil {
		_ = connection.Close()
		return nil, err
	}
	made := &link{connection: connection, channel: channel, gone: make(chan struct{})}
	go made.watch(channel.NotifyClose(make(chan *amqp.Error, 1)))
	if err := prepare(channel); err != nil {
		return nil, made.ended(err)
	}
	return made, nil
}

// watch ends the connection with its channel: a channel that is closed takes nothing any more.
func (l *link) watch(closed chan *amqp.Error) {
	if err := <-closed; err != nil {
		l.why = err
	}
	close(l.gone)
	_ = l.connection.Close()
}

// ended is why the link is gone, as the broker said it.
func (l *link) ended(otherwise error) error {
	select {
	case <-l.gone:
	case <-time.After(longestPause):
		_ = l.connection.Close()
		return otherwise
	}
	if refused := refusal(l.why); refused != nil {
		return refused
	}
	if l.why != nil {
		return l.why
	}
	return otherwise
}
