package presently

import (
	"errors"
	"fmt"
	"regexp"

	amqp "github.com/rabbitmq/amqp091-go"
)

// What can go wrong, by whose fault it is and whether trying again helps; for errors.Is.
var (
	// ErrInvalid: the caller's fault. It was not sent; trying again does not help.
	ErrInvalid = errors.New("invalid event")
	// ErrUnavailable: the world's. Whether the event was taken is unknown: publish it again under
	// the same ID.
	ErrUnavailable = errors.New("unavailable")
	// ErrRefused: Presently refuses us: a wrong address, key or right.
	ErrRefused = errors.New("refused")
)

// InvalidEvent is an ErrInvalid that says where.
type InvalidEvent struct {
	At  string // path of the first fault, such as data.op; empty for the whole
	Why string
}

func (e *InvalidEvent) Error() string {
	if e.At == "" {
		return e.Why
	}
	return e.At + ": " + e.Why
}

// Is makes it an ErrInvalid.
func (e *InvalidEvent) Is(target error) bool { return target == ErrInvalid }

func invalid(at, format string, facts ...any) error {
	return &InvalidEvent{At: at, Why: fmt.Sprintf(format, facts...)}
}

func unavailable(why error) error {
	if errors.Is(why, ErrUnavailable) || errors.Is(why, ErrRefused) || errors.Is(why, ErrInvalid) {
		return why
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, why)
}

var topic = regexp.MustCompile(`access to topic '([^']*)'`)

// refusedOther tells whether it is the broker's "no" to another event: it ends the channel for all,
// and names that one's topic.
func refusedOther(why error, key string) bool {
	named := topic.FindStringSubmatch(why.Error())
	return named != nil && named[1] != key
}

// refusal is the broker's "no", if the error is one: the user, password, vhost or right is wrong.
func refusal(why error) error {
	var said *amqp.Error
	if errors.As(why, &said) && (said.Code == amqp.AccessRefused || said.Code == amqp.NotAllowed) {
		return fmt.Errorf("%w by the broker: %s", ErrRefused, said.Reason)
	}
	return nil
}
