// Package presently publishes events to Presently, tells who is where, and mints the tokens of its
// browsers.
//
//	publisher, err := presently.Dial(ctx, "http://key@127.0.0.1:8002", "/shop")
//	id, err := publisher.Publish(ctx, presently.Event{
//		Documents: []string{presently.DocumentID("article", "42")},
//		Type:      "comment.added",
//		Data:      map[string]any{"text": "nice"},
//	})
//
// Reading order: errors.go what can go wrong, documents.go ids and slots, events.go the envelope,
// publisher.go the front door, http.go, amqp.go and memory.go what carries them, listener.go and
// heard.go what a backend hears, presence.go, tokens.go.
package presently
