package main

import (
	"fmt"
	"log"
	"os"
	"time"

	presently "presently.example/go"
)

func main() {
	token, err := presently.MintToken([]byte(os.Getenv("JWT_KEY")), presently.Claims{
		User: "fry", Name: "Philip J. Fry", TTL: time.Hour,
		Rights: map[string]string{"article.*": "edit", "site.*": "read"}, // read < send < edit
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token)
}
