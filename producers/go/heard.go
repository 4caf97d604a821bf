package presently

import (
	"encoding/json"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/vmihailenco/msgpack/v5"
)

// Heard is one of Listening, EventHeard, PresenceHeard, ResetHeard, Connect, Receive, Disconnect
// and GatewayLost.
type Heard interface{ heard() }

// Listening says that from here on we hear all; before, we may have not.
type Listening struct{}

// EventHeard is an event at a document. Seq is 0 for one that is not kept.
type EventHeard struct {
	Document, Epoch string
	Seq             int64
	Event           CloudEvent
}

// PresenceHeard is a change of who is at a document. A listener that begins late learns of a user
// when they next change.
type PresenceHeard struct {
	Document        string
	Joined, Changed []User
	Left            []string
	Users           []User
	Counts          Counts
	Lease           *Lease
}

// ResetHeard says that the document's numbers begin anew; fetch it again.
type ResetHeard struct {
	Document, Epoch string
	Seq             int64
}

// Connect is a browser's connection that said hello.
type Connect struct {
	Connection, User, Name, Gateway string
	Address, Agent, Origin          string
	Client                          map[string]string
	At                              time.Time
}

// Receive is what a browser did at a document.
type Receive struct {
	Document, Connection string
	Kind                 string          // join, update, send, away or leave
	User, Mode           string          // of a join; Mode also of an update
	State, Event         json.RawMessage // of a join or update; of a send
	At                   time.Time
}

// Disconnect is the end of a connection, exactly one for each Connect.
type Disconnect struct {
	Connection, User, Gateway string
	Code                      int
	Cause                     string // closed, lost, kicked or drained
	At                        time.Time
	Duration                  time.Duration
}

// GatewayLost says that a gateway fell silent: all its connections are gone.
type GatewayLost struct {
	Gateway string
	At      time.Time
}

func (Listening) heard()     {}
func (EventHeard) heard()    {}
func (PresenceHeard) heard() {}
func (ResetHeard) heard()    {}
func (Connect) heard()       {}
func (Receive) heard()       {}
func (Disconnect) heard()    {}
func (GatewayLost) heard()   {}

// positions: documents whose position is kept, to tell repeats.
const positions = 10_000

type position struct {
	epoch string
	seq   int64
}

// reader turns messages into what they say; it drops repeats and what a former owner of a shard
// still says.
type reader struct {
	rooms       rooms
	generations [Slots]int64
	last        map[string]position
}

func newReader() *reader { return &reader{rooms: rooms{}, last: map[string]position{}} }

// read says nothing for a message that is none.
func (r *reader) read(delivery amqp.Delivery) []Heard {
	if delivery.Exchange == "hub.clients" {
		return readClient(delivery.Body)
	}
	what, _ := delivery.Headers["w"].(string)
	document, _ := delivery.Headers["d"].(string)
	epoch, _ := delivery.Headers["e"].(string)
	seq, generation := number(delivery.Headers["s"]), number(delivery.Headers["g"])
	place := Slot(document)
	if generation < r.generations[place] {
		return nil
	}
	r.generations[place] = generation
	switch what {
	case "event":
		var frame struct{ Event CloudEvent }
		if json.Unmarshal(delivery.Body, &frame) != nil || r.isRepeat(document, epoch, seq) {
			return nil
		}
		return []Heard{EventHeard{document, epoch, seq, frame.Event}}
	case "presence":
		var frame presenceFrame
		if json.Unmarshal(delivery.Body, &frame) != nil {
			return nil
		}
		return []Heard{r.rooms.take(frame)}
	case "reset":
		return []Heard{ResetHeard{document, epoch, seq}}
	}
	return nil
}

func (r *reader) isRepeat(document, epoch string, seq int64) bool {
	if seq == 0 {
		return false
	}
	known, has := r.last[document]
	if has && known.epoch == epoch && seq <= known.seq {
		return true
	}
	if !has && len(r.last) >= positions {
		for any := range r.last {
			delete(r.last, any)
			break
		}
	}
	r.last[document] = position{epoch, seq}
	return false
}

// clientMessage has the fields of all kinds, see schemas/messages.py. JSON inside is bytes.
type clientMessage struct {
	Kind       string            `msgpack:"kind"`
	Connection string            `msgpack:"connection"`
	User       string            `msgpack:"user"`
	Name       string            `msgpack:"name"`
	Gateway    string            `msgpack:"gateway"`
	Address    string            `msgpack:"address"`
	Agent      string            `msgpack:"agent"`
	Origin     string            `msgpack:"origin"`
	Client     map[string]string `msgpack:"client"`
	Code       int               `msgpack:"code"`
	Cause      string            `msgpack:"cause"`
	DurationMs int64             `msgpack:"duration_ms"`
	At         int64             `msgpack:"at"`
	Document   string            `msgpack:"document"`
	Acts       []struct {
		Kind       string `msgpack:"kind"`
		Connection string `msgpack:"connection"`
		User       string `msgpack:"user"`
		Mode       string `msgpack:"mode"`
		State      []byte `msgpack:"state"`
		Event      []byte `msgpack:"event"`
	} `msgpack:"acts"`
}

func readClient(body []byte) []Heard {
	var m clientMessage
	if msgpack.Unmarshal(body, &m) != nil {
		return nil
	}
	at := time.UnixMilli(m.At)
	switch m.Kind {
	case "connect":
		return []Heard{Connect{
			m.Connection, m.User, m.Name, m.Gateway, m.Address, m.Agent, m.Origin, m.Client, at,
		}}
	case "disconnect":
		duration := time.Duration(m.DurationMs) * time.Millisecond
		return []Heard{Disconnect{m.Connection, m.User, m.Gateway, m.Code, m.Cause, at, duration}}
	case "gateway_lost":
		return []Heard{GatewayLost{m.Gateway, at}}
	}
	var all []Heard
	for _, act := range m.Acts {
		if act.Connection != "" { // a gateway's own questions have none
			all = append(all, Receive{
				m.Document, act.Connection, act.Kind, act.User, act.Mode, act.State, act.Event, at,
			})
		}
	}
	return all
}

// number is a header's, whichever integer type the broker chose for it.
func number(value any) int64 {
	switch n := value.(type) {
	case int64:
		return n
	case int32:
		return int64(n)
	case int16:
		return int64(n)
	case int8:
		return int64(n)
	case byte:
		return int64(n)
	}
	return 0
}
