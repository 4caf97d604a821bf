package presently_test

import (
	"context"
	"testing"

	presently "presently.example/go"
)

// What your own code asks for: a Publisher in production, a Memory in tests.
type publisher interface {
	Publish(ctx context.Context, event presently.Event) (id string, err error)
}

func comment(ctx context.Context, to publisher, text string) error {
	_, err := to.Publish(ctx, presently.Event{
		Documents: []string{"article.42"}, Type: "comment.added", Data: map[string]any{"text": text},
	})
	return err
}

func TestACommentIsTold(t *testing.T) {
	memory := &presently.Memory{}
	if err := comment(context.Background(), memory, "nice"); err != nil {
		t.Fatal(err)
	}
	if memory.Events[0].Subject != "article.42" {
		t.Errorf("%+v", memory.Events)
	}
}
