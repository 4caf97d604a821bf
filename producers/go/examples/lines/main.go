// Publish events, each confirmed: one JSON object a line, such as
// {"document": ["article", "42"], "type": "comment.added", "data": {"text": "nice"}}
// For several: "documents": ["article.42", "user.leela"]
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	presently "presently.example/go"
)

type line struct {
	Document, Data          json.RawMessage
	Documents               []string
	Source, Type, Actor, ID string
	Time                    time.Time
}

func main() {
	ctx := context.Background()
	publishers := map[string]*presently.Publisher{} // by source
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := line{Source: "/examples/go", Data: json.RawMessage("{}")}
		try(json.Unmarshal(lines.Bytes(), &line))
		if publishers[line.Source] == nil {
			publisher, err := presently.Dial(ctx, os.Getenv("PRESENTLY_URL"), line.Source)
			try(err)
			publishers[line.Source] = publisher
		}
		if line.Documents == nil {
			line.Documents = []string{idOf(line.Document)}
		}
		id, err := publishers[line.Source].Publish(ctx, presently.Event{
			Documents: line.Documents, Type: line.Type, Data: line.Data,
			Actor: line.Actor, ID: line.ID, Time: line.Time,
		})
		try(err)
		fmt.Println(id)
	}
	try(lines.Err())
	for _, publisher := range publishers {
		try(publisher.Close())
	}
}

// idOf is the document as it stands, or of its words.
func idOf(document json.RawMessage) (id string) {
	var words []string
	if json.Unmarshal(document, &words) == nil {
		return presently.DocumentID(words...)
	}
	try(json.Unmarshal(document, &id))
	return id
}

func try(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
