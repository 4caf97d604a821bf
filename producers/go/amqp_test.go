package presently

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func TestARefusalIsOfTheEventThatItNames(t *testing.T) {
	said := refusal(&amqp.Error{Code: amqp.AccessRefused, Reason: "ACCESS_REFUSED - access to topic " +
		"':08.page.1' in exchange 'hub.in' in vhost 'presently' refused for user 'articles'"})
	if !errors.Is(said, ErrRefused) || refusedOther(said, ":08.page.1") || !refusedOther(said, ":03.article.42") {
		t.Error(said)
	}
	whole := refusal(&amqp.Error{Code: amqp.AccessRefused, Reason: "access to exchange 'hub.in' refused"})
	if refusedOther(whole, ":03.article.42") {
		t.Error(whole)
	}
}

func TestWhatWaitsForASilentBrokerIsBoundedAndGivenUpInTime(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	line := newAMQPLine("amqp://" + silent.Addr().String())
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	results := make(chan error, waiting)
	each := []message{{"article.1", "7", []byte("{}")}}
	for range waiting {
		line.slots <- struct{}{}
		go func() {
			<-line.slots
			results <- line.send(ctx, each)
		}()
	}
	for range waiting {
		if err := unavailable(<-results); !errors.Is(err, ErrUnavailable) {
			t.Fatal(err)
		}
	}
	for range waiting {
		line.slots <- struct{}{} // frees as deliveries end
	}
	err = line.send(context.Background(), each)
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "waiting") {
		t.Error(err)
	}
}
