package presently

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

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
