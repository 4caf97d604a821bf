package presently

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
	"unicode/utf8"
)

const (
	audience  = "presently" // without it a session token signed with the same key would open every document
	keyBytes  = 32          // RFC 7518 §3.2: a key of at least the size of the hash
	infoBytes = 1024
	userBytes = 128
	nameBytes = 200
)

// Claims say who a user is and what they may do.
type Claims struct {
	User   string            // the user's id; whoever bears it may always read user.<id>
	Rights map[string]string // AMQP topic pattern -> read, send or edit; the strongest match wins
	Name   string            // what others see, of which 200 bytes are kept; the id if empty
	Info   map[string]any    // goes with the name, at most 1 KiB as JSON
	TTL    time.Duration     // until it expires; an hour if 0
}

// MintToken signs claims as a JWT (RFC 7519, HS256). The key is one of the gateway's
// PRESENTLY_JWT_KEYS, at least 32 bytes.
func MintToken(key []byte, c Claims) (string, error) {
	if len(key) < keyBytes {
		return "", fmt.Errorf("a key needs at least %d bytes, this one has %d", keyBytes, len(key))
	}
	if c.User == "" {
		return "", fmt.Errorf("a token needs a user")
	}
	if len(c.User) > userBytes {
		return "", fmt.Errorf("a user's id may have %d bytes", userBytes)
	}
	rights := map[string]string{}
	for pattern, right := range c.Rights {
		if right != "read" && right != "send" && right != "edit" {
			return "", fmt.Errorf("no such right: %q; there are read, send, edit", right)
		}
		rights[pattern] = right
	}
	if len(c.Name) > nameBytes { // in whole letters
		end := nameBytes
		for !utf8.RuneStart(c.Name[end]) {
			end--
		}
		c.Name = c.Name[:end]
	}
	if c.Name == "" {
		c.Name = c.User
	}
	if c.TTL == 0 {
		c.TTL = time.Hour
	}
	now := time.Now()
	claims := map[string]any{
		"sub": c.User, "name": c.Name, "docs": rights, "aud": audience,
		"iat": now.Unix(), "exp": now.Add(c.TTL).Unix(),
	}
	if c.Info != nil {
		info, err := encodeJSON(c.Info)
		if err != nil {
			return "", fmt.Errorf("info cannot be JSON: %w", err)
		}
		if len(info) > infoBytes {
			return "", fmt.Errorf("info may have %d bytes as JSON", infoBytes)
		}
		claims["info"] = c.Info
	}
	body, err := encodeJSON(claims)
	if err != nil {
		return "", err
	}
	signed := base64url([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64url(body)
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(signed))
	return signed + "." + base64url(sum.Sum(nil)), nil
}

func base64url(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
