package presently

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"time"
	"unicode/utf8"
)

// Timeout is how long a call may take if its context has no deadline.
const Timeout = 5 * time.Second

// Publisher publishes events. Make one per process and keep it: it is safe for concurrent use and
// reconnects by itself.
type Publisher struct {
	line   line
	source string
}

// line carries messages somewhere.
type line interface {
	send(ctx context.Context, messages []message) error
	presence(ctx context.Context, document string) (Presence, error)
	close() error
}

// Dial opens a publisher.
//
// The URL is http(s):// (Presently's API; its key in the URL as http://key@host, or in
// PRESENTLY_API_KEY), amqp(s):// (its broker), memory:// (nowhere: what is published is checked and
// forgotten), or empty for PRESENTLY_URL. Source says who publishes, a URI reference such as /shop;
// event ids are unique within it.
func Dial(ctx context.Context, address, source string) (*Publisher, error) {
	if length := utf8.RuneCountInString(source); length < 1 || length > 256 {
		return nil, invalid("source", "expected 1 to 256 characters")
	}
	if address == "" {
		address = os.Getenv("PRESENTLY_URL")
	}
	if address == "" {
		return nil, fmt.Errorf("%w: no URL: give one, or set PRESENTLY_URL", ErrRefused)
	}
	at, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%w: the URL cannot be read", ErrRefused) // err may tell the password
	}
	switch at.Scheme {
	case "http", "https":
		return &Publisher{newHTTPLine(at), source}, nil
	case "amqp", "amqps":
		ctx, cancel := limited(ctx)
		defer cancel()
		line := newAMQPLine(address)
		if _, err := line.ready(ctx); err != nil {
			return nil, unavailable(err)
		}
		return &Publisher{line, source}, nil
	case "memory":
		return &Publisher{memoryLine{}, source}, nil
	}
	return nil, fmt.Errorf("%w: a URL begins with amqp(s)://, http(s):// or memory://", ErrRefused)
}

// Publish tells everybody at the event's documents, and returns its id once the broker has it on
// disk.
//
// ErrInvalid: it was not sent. ErrUnavailable: whether it arrived is unknown, publish it again with
// the ID returned. ErrRefused: a wrong address, key or right.
func (p *Publisher) Publish(ctx context.Context, event Event) (id string, err error) {
	messages, err := write(p.source, event)
	if err != nil {
		return "", err
	}
	ctx, cancel := limited(ctx)
	defer cancel()
	if err := p.line.send(ctx, messages); err != nil {
		return messages[0].id, unavailable(err)
	}
	return messages[0].id, nil
}

// Presence tells who is at the document. Over HTTP only: a broker knows events, not people.
func (p *Publisher) Presence(ctx context.Context, document string) (Presence, error) {
	if err := checkDocument(document); err != nil {
		return Presence{}, err
	}
	ctx, cancel := limited(ctx)
	defer cancel()
	presence, err := p.line.presence(ctx, document)
	if err != nil {
		return Presence{}, unavailable(err)
	}
	return presence, nil
}

// Close waits for what is being published, then closes the connection. Publishing again opens a new
// one.
func (p *Publisher) Close() error { return p.line.close() }

func limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, Timeout)
}
