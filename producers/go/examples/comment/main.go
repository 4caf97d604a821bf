package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	presently "presently.example/go"
)

func main() {
	ctx := context.Background()
	publisher, err := presently.Dial(ctx, os.Getenv("PRESENTLY_URL"), "/shop")
	if err != nil {
		log.Fatal(err)
	}
	defer publisher.Close()
	document := presently.DocumentID("article", "42") // encodes what a word may not hold
	id, err := publisher.Publish(ctx, presently.Event{
		Documents: []string{document}, Type: "comment.added", Data: map[string]any{"text": "nice"}, Actor: "fry",
	})
	switch {
	case errors.Is(err, presently.ErrInvalid): // yours: it was not sent
		log.Fatal(err)
	case errors.Is(err, presently.ErrUnavailable): // the world's: publish it again under this id
		log.Fatal(err, " ", id)
	case err != nil: // refused: a wrong address, key or right
		log.Fatal(err)
	}
	presence, err := publisher.Presence(ctx, document)
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range presence.Users {
		fmt.Println(id, "is seen by", user.ID, user.Mode)
	}
}
