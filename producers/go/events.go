package presently

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	contentType = "application/cloudevents+json"
	batchType   = "application/cloudevents-batch+json"
	dataBytes   = 64 << 10
	eventBytes  = dataBytes + 4<<10
)

var eventType = regexp.MustCompile(`^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$`)

// Event is what is to be told.
type Event struct {
	Documents []string  // everybody at each of them is told
	Type      string    // your own, such as comment.added
	Data      any       // a JSON object, at most 64 KiB; {} if nil
	Actor     string    // the user who caused it: their own screens need not be told
	ID        string    // repeating an id does no harm, it is shown once; a new one if empty
	Time      time.Time // when it happened; now if zero
}

// CloudEvent is an event as it travels and as subscribers read it.
type CloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"` // the document
	Time        string          `json:"time,omitempty"`
	Actor       string          `json:"actor,omitempty"`
	Data        json.RawMessage `json:"data,omitempty"`
}

// message is a checked event, ready to send.
type message struct {
	document, id string
	body         []byte
}

// write makes one event for each document, all under the same id.
func write(source string, event Event) ([]message, error) {
	data, err := dataOf(event.Data)
	if err != nil {
		return nil, err
	}
	if event.ID == "" {
		event.ID = newID()
	}
	if event.Time.IsZero() {
		event.Time = time.Now()
	}
	var messages []message
	for place, subject := range event.Documents {
		if slices.Contains(event.Documents[:place], subject) {
			continue
		}
		body, err := encodeJSON(CloudEvent{
			SpecVersion: "1.0", ID: event.ID, Source: source, Type: event.Type, Subject: subject,
			Time: event.Time.UTC().Format(time.RFC3339Nano), Actor: event.Actor, Data: data,
		})
		if err != nil {
			return nil, err
		}
		if err := check(body); err != nil {
			return nil, err
		}
		messages = append(messages, message{subject, event.ID, body})
	}
	if messages == nil {
		return nil, invalid("subject", "no document given")
	}
	return messages, nil
}

func dataOf(data any) (json.RawMessage, error) {
	written, err := encodeJSON(data)
	if err != nil {
		return nil, invalid("data", "cannot be JSON: %v", err)
	}
	if string(written) == "null" {
		return json.RawMessage("{}"), nil
	}
	return written, nil
}

// check finds the first fault of an event written as JSON, in the order in which the hub does.
func check(body []byte) error {
	if len(body) > eventBytes {
		return invalid("", "larger than %d bytes", eventBytes)
	}
	event, ok := object(body)
	if !ok {
		return invalid("", "expected an object")
	}
	texts := map[string]string{}
	for _, name := range []string{"specversion", "id", "source", "type", "subject", "time", "actor"} {
		raw, given := event[name]
		optional := name == "time" || name == "actor"
		switch {
		case !given && !optional:
			return invalid(name, "missing")
		case !given || name == "actor" && string(raw) == "null":
			continue
		}
		if text, ok := text(raw); ok {
			texts[name] = text
		} else {
			return invalid(name, "expected a string")
		}
	}
	if texts["specversion"] != "1.0" {
		return invalid("specversion", "expected '1.0'")
	}
	for _, name := range []string{"id", "source", "type"} {
		longest := map[string]int{"id": 128, "source": 256, "type": 120}[name]
		if length := utf8.RuneCountInString(texts[name]); length < 1 || length > longest {
			return invalid(name, "expected 1 to %d characters", longest)
		}
	}
	if err := checkDocument(texts["subject"]); err != nil {
		return err
	}
	if !eventType.MatchString(texts["type"]) {
		return invalid("type", "letters, digits, '_' and '-', in words joined by '.'")
	}
	return checkData(texts["type"], event["data"])
}

func checkData(kind string, raw json.RawMessage) error {
	data := map[string]json.RawMessage{}
	if raw != nil {
		var ok bool
		if data, ok = object(raw); !ok {
			return invalid("data", "expected an object")
		}
	}
	switch {
	case len(raw) > dataBytes:
		return invalid("data", "larger than %d bytes", dataBytes)
	case kind == "presently.change":
		return checkChange(data)
	case strings.HasPrefix(kind, "presently.") && kind != "presently.resync":
		return invalid("type", "types that begin with 'presently.' are reserved")
	}
	return nil
}

// checkChange: presently.change is what the relay sends; others may, for databases without one.
func checkChange(data map[string]json.RawMessage) error {
	if op, _ := text(data["op"]); len(op) != 1 || !strings.Contains("cudrtx", op) {
		return invalid("data.op", "expected one of c, u, d, r, t, x")
	}
	entity, _ := text(data["entity"])
	if length := utf8.RuneCountInString(entity); length < 1 || length > 200 {
		return invalid("data.entity", "expected 1 to 200 characters")
	}
	for _, name := range []string{"key", "after", "before", "ctx"} {
		if raw, given := data[name]; given {
			if _, ok := object(raw); !ok {
				return invalid("data."+name, "expected an object")
			}
		}
	}
	for _, name := range []string{"changed", "omitted"} {
		raw, given := data[name]
		var columns []json.RawMessage
		if given && (json.Unmarshal(raw, &columns) != nil || columns == nil) {
			return invalid("data."+name, "expected an array")
		}
		for at, column := range columns {
			if _, ok := text(column); !ok {
				return invalid(fmt.Sprintf("data.%s[%d]", name, at), "expected a string")
			}
		}
	}
	return nil
}

func object(raw json.RawMessage) (fields map[string]json.RawMessage, ok bool) {
	return fields, json.Unmarshal(raw, &fields) == nil && fields != nil
}

func text(raw json.RawMessage) (text string, ok bool) {
	return text, len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil
}

// encodeJSON is json.Marshal without the escapes that only HTML needs.
func encodeJSON(value any) ([]byte, error) {
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(written.Bytes(), []byte("\n")), err
}

// newID is a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // no randomness: nothing that follows would be right
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
