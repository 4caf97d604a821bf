package presently

import (
	"context"
	"encoding/json"
	"sync"
)

// Memory is a publisher for the tests of your code: it checks events as they would be, and keeps
// them. Its zero value is ready. Read Events once nobody publishes.
type Memory struct {
	mu     sync.Mutex
	Events []CloudEvent
}

// Publish keeps the event. Its source is /test.
func (m *Memory) Publish(_ context.Context, event Event) (string, error) {
	messages, err := write("/test", event)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, each := range messages {
		var kept CloudEvent
		if err := json.Unmarshal(each.body, &kept); err != nil {
			return "", err
		}
		m.Events = append(m.Events, kept)
	}
	return messages[0].id, nil
}

// Presence is nobody, anywhere.
func (m *Memory) Presence(ctx context.Context, document string) (Presence, error) {
	if err := checkDocument(document); err != nil {
		return Presence{}, err
	}
	return memoryLine{}.presence(ctx, document)
}

// Close closes nothing.
func (m *Memory) Close() error { return nil }

// memoryLine is memory://, for an application that is to run with no Presently at all.
type memoryLine struct{}

func (memoryLine) send(context.Context, []message) error { return nil }

func (memoryLine) presence(_ context.Context, document string) (Presence, error) {
	return Presence{Document: document, Complete: true}, nil
}

func (memoryLine) close() error { return nil }
