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

// silent is the URL of a broker that never says a word.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return "amqp://" + listener.Addr().String()
}

func TestASilentBrokerIsGivenUpWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	_, err := Dial(ctx, silent(t), "/shop")
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.Canceled) || errors.Is(err, ErrRefused) {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Error(took)
	}
}

func TestWhyABrokerWasAwayIsSaidWhenTheTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	publisher := &Publisher{newAMQPLine("amqp://127.0.0.1:1"), "/shop"}
	id, err := publisher.Publish(ctx, nice)
	if id != nice.ID || !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "refused") {
		t.Error(id, err)
	}
}

func TestCloseWaitsForWhatIsBeingPublished(t *testing.T) {
	line := newAMQPLine(silent(t))
	ctx, cancel := context.WithCancel(context.Background())
	sent, closed := make(chan error, 1), make(chan error, 1)
	go func() { sent <- line.send(ctx, []message{{"article.1", "7", []byte("{}")}}) }()
	for len(line.slots) == 0 {
		time.Sleep(time.Millisecond)
	}
	go func() { closed <- line.close() }()
	select {
	case err := <-closed:
		t.Fatal("closed before", err)
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	if err := <-sent; err == nil {
		t.Error("sent to a silent broker")
	}
	if err := <-closed; err != nil || line.open != nil || len(line.slots) != 0 {
		t.Error(err)
	}
}

func TestWhatWaitsForASilentBrokerIsBoundedAndGivenUpInTime(t *testing.T) {
	line := newAMQPLine(silent(t))
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
	err := line.send(context.Background(), each)
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "waiting") {
		t.Error(err)
	}
}
