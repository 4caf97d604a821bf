package presently

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/vmihailenco/msgpack/v5"
)

type asked struct {
	path, key, kind string
	body            []byte
}

// api answers with each status and body in turn; status 0 hangs up.
func api(t *testing.T, answers ...any) (*Publisher, *[]asked) {
	t.Helper()
	var all []asked
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		header := r.Header
		all = append(all, asked{r.URL.EscapedPath(), header.Get("Authorization"), header.Get("Content-Type"), body})
		status, answer := answers[0].(int), answers[1].(string)
		answers = answers[2:]
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	publisher, err := Dial(context.Background(), strings.Replace(server.URL, "://", "://key@", 1), "/shop")
	if err != nil {
		t.Fatal(err)
	}
	return publisher, &all
}

var nice = Event{
	Documents: []string{"article.1"}, Type: "comment.added", ID: "7", Actor: "fry",
	Data: map[string]int{"n": 1}, Time: time.Unix(0, 0),
}

func TestAnEventIsPostedWithTheKeyAndItsIDReturned(t *testing.T) {
	publisher, all := api(t, 202, `{}`, 202, `{}`)
	if id, err := publisher.Publish(context.Background(), nice); id != "7" || err != nil {
		t.Fatal(id, err)
	}
	got := (*all)[0]
	if got.path != "/v1/events" || got.key != "Bearer key" || got.kind != "application/cloudevents+json" {
		t.Errorf("%+v", got)
	}
	want := `{"specversion":"1.0","id":"7","source":"/shop","type":"comment.added",` +
		`"subject":"article.1","time":"1970-01-01T00:00:00Z","actor":"fry","data":{"n":1}}`
	if string(got.body) != want {
		t.Error(string(got.body))
	}
	two := nice
	two.Documents = []string{"article.1", "user.fry"}
	if _, err := publisher.Publish(context.Background(), two); err != nil {
		t.Fatal(err)
	}
	var batch []CloudEvent
	if json.Unmarshal((*all)[1].body, &batch) != nil || len(batch) != 2 || (*all)[1].kind != batchType {
		t.Errorf("%s", (*all)[1].body)
	}
}

func TestWhoseFaultItIsAndWhetherARetryHelps(t *testing.T) {
	publisher, _ := api(t,
		400, `{"code":"invalid_event","at":"data.op","message":"missing"}`,
		503, `{"code":"unavailable"}`, 401, `{}`, 404, `<html>`, 0, "", 0, "", 0, "")
	for place, kind := range []error{ErrInvalid, ErrUnavailable, ErrRefused, ErrRefused, ErrUnavailable} {
		id, err := publisher.Publish(context.Background(), nice)
		if !errors.Is(err, kind) || id != "7" {
			t.Errorf("answer %d: %q %v, expected %v", place, id, err, kind)
		}
	}
	bad := nice
	bad.Documents = []string{"no id"}
	_, err := publisher.Publish(context.Background(), bad)
	refused(t, err, "subject")
}

func TestPresenceIsRead(t *testing.T) {
	publisher, all := api(t, 200, `{"document":"page.a%2Fb","users":[{"id":"fry","name":"Fry",
		"mode":"editing","info":{},"state":{"x":1},"new":1}],"counts":{"reading":0,"editing":1},
		"lease":{"user":"fry","fence":9},"epoch":"k1","seq":3,"new":1}`, 200, `{}`)
	presence, err := publisher.Presence(context.Background(), "page.a%2Fb")
	if err != nil || len(presence.Users) != 1 || presence.Users[0].Mode != "editing" ||
		presence.Counts.Editing != 1 || presence.Lease.Fence != 9 || !presence.Complete {
		t.Errorf("%+v %v", presence, err)
	}
	if (*all)[0].path != "/v1/documents/page.a%252Fb" {
		t.Error((*all)[0].path)
	}
	if _, err := publisher.Presence(context.Background(), "page.1"); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
}

func TestAWrongAddressIsSaidAtOnce(t *testing.T) {
	t.Setenv("PRESENTLY_URL", "")
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for address, kind := range map[string]error{
		"": ErrRefused, "nonsense": ErrRefused, "ftp://x": ErrRefused, "http://a b": ErrRefused, "amqp://127.0.0.1:1": ErrUnavailable,
	} {
		if _, err := Dial(ctx, address, "/shop"); !errors.Is(err, kind) {
			t.Errorf("%q: %v", address, err)
		}
	}
	_, err := Dial(ctx, "http://x", "")
	refused(t, err, "source")
}

func TestInMemoryEventsAreKept(t *testing.T) {
	memory := &Memory{}
	if _, err := memory.Publish(context.Background(), nice); err != nil {
		t.Fatal(err)
	}
	if len(memory.Events) != 1 || memory.Events[0].Subject != "article.1" || memory.Events[0].Actor != "fry" {
		t.Errorf("%+v", memory.Events)
	}
	_, err := memory.Publish(context.Background(), Event{Documents: []string{"article"}, Type: "a.b"})
	refused(t, err, "subject")
	if presence, err := memory.Presence(context.Background(), "article.1"); err != nil || len(presence.Users) > 0 {
		t.Error(presence, err)
	}
}

func TestWithoutAPresentlyEventsAreCheckedAndForgotten(t *testing.T) {
	publisher, err := Dial(context.Background(), "memory://", "/shop")
	if err != nil {
		t.Fatal(err)
	}
	defer publisher.Close()
	if id, err := publisher.Publish(context.Background(), nice); id != nice.ID || err != nil {
		t.Error(id, err)
	}
	_, err = publisher.Publish(context.Background(), Event{Type: "a.b"})
	refused(t, err, "subject")
	if presence, err := publisher.Presence(context.Background(), "article.1"); err != nil || !presence.Complete {
		t.Error(presence, err)
	}
}

func TestATokenSaysWhoAndWhatAndIsSigned(t *testing.T) {
	key := []byte("a key of the tests that is longer than thirty-two bytes")
	rights := map[string]string{"article.*": "edit"}
	token, err := MintToken(key, Claims{User: "fry", Rights: rights, TTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(parts[0] + "." + parts[1]))
	if signature, _ := base64.RawURLEncoding.DecodeString(parts[2]); !bytes.Equal(signature, sum.Sum(nil)) {
		t.Error("signature")
	}
	var claims struct {
		Sub, Name, Aud string
		Docs           map[string]string
		Iat, Exp       int64
	}
	body, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if json.Unmarshal(body, &claims) != nil || claims.Sub != "fry" || claims.Name != "fry" ||
		claims.Aud != "presently" || claims.Docs["article.*"] != "edit" || claims.Exp-claims.Iat != 60 {
		t.Errorf("%s", body)
	}
	for _, bad := range []Claims{
		{Rights: rights}, {User: strings.Repeat("x", 129), Rights: rights}, {User: "fry", Rights: map[string]string{"a.*": "admin"}},
		{User: "fry", Info: map[string]any{"a": strings.Repeat("x", 1024)}},
	} {
		if _, err := MintToken(key, bad); err == nil {
			t.Errorf("%+v", bad)
		}
	}
	if _, err := MintToken([]byte("short"), Claims{User: "fry"}); err == nil {
		t.Error("a short key")
	}
}

func TestOfALongNameWholeLettersAreKept(t *testing.T) {
	key := []byte("a key of the tests that is longer than thirty-two bytes")
	for given, kept := range map[string]string{
		strings.Repeat("x", 300):       strings.Repeat("x", 200),
		"x" + strings.Repeat("ü", 150): "x" + strings.Repeat("ü", 99),
		strings.Repeat("€", 66):        strings.Repeat("€", 66),
	} {
		token, err := MintToken(key, Claims{User: "fry", Name: given})
		if err != nil {
			t.Fatal(err)
		}
		var claims struct{ Name string }
		body, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		if json.Unmarshal(body, &claims) != nil || claims.Name != kept {
			t.Errorf("%s", body)
		}
	}
}

func TestAnEventIsHeardOnceAndNotFromAFormerOwner(t *testing.T) {
	reader := newReader()
	event := func(epoch string, seq int64, generation int64) int {
		return len(reader.read(amqp.Delivery{
			Headers: amqp.Table{"w": "event", "d": "a.1", "e": epoch, "s": seq, "g": generation},
			Body:    []byte(`{"event":{"id":"1"}}`),
		}))
	}
	got := []int{event("k1", 1, 1), event("k1", 2, 1), event("k1", 2, 1), event("k2", 1, 2), event("k1", 3, 1), event("k2", 0, 2)}
	for place, want := range []int{1, 1, 0, 1, 0, 1} {
		if got[place] != want {
			t.Errorf("message %d was heard %d times", place, got[place])
		}
	}
}

func TestWhatClientsDoIsReadAndNonsenseIsNot(t *testing.T) {
	body, err := msgpack.Marshal(map[string]any{
		"kind": "acts", "document": "a.1", "at": 5, "new": 1, "acts": []map[string]any{
			{"kind": "join", "connection": "c.1", "user": "fry", "state": []byte(`{"x":1}`), "new": 1},
			{"kind": "ask", "connection": "", "ask": 1},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	heard := newReader().read(amqp.Delivery{Exchange: "hub.clients", Body: body})
	if len(heard) != 1 || heard[0].(Receive).Kind != "join" || string(heard[0].(Receive).State) != `{"x":1}` {
		t.Errorf("%+v", heard)
	}
	for _, body := range []string{"\xc1", "", "{"} {
		if heard := readClient([]byte(body)); heard != nil {
			t.Errorf("%q: %v", body, heard)
		}
	}
}
