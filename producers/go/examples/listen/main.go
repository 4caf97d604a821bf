package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	presently "presently.example/go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	what := presently.What{
		Documents:   os.Args[1:], // topic patterns, such as article.#
		Connections: true,
		Queue:       os.Getenv("QUEUE"), // if set, it keeps what comes while you are away
	}
	err := presently.Listen(ctx, os.Getenv("PRESENTLY_URL"), what, func(heard presently.Heard) error {
		switch h := heard.(type) {
		case presently.Listening:
			fmt.Println("listening")
		case presently.Connect:
			fmt.Println("connect", h.Connection, h.User)
		case presently.Receive:
			fmt.Println("receive", h.Connection, h.Document, h.Kind)
		case presently.Disconnect:
			fmt.Println("disconnect", h.Connection, h.Cause)
		case presently.EventHeard:
			fmt.Println("event", h.Document, h.Event.Type)
		case presently.PresenceHeard:
			for _, user := range h.Joined {
				fmt.Println("joined", h.Document, user.ID)
			}
			for _, id := range h.Left {
				fmt.Println("left", h.Document, id)
			}
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
