package presently

import (
	"bytes"
	"encoding/json"
	"slices"
)

// User is one user at one document, all their tabs taken together.
type User struct {
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Mode  string          `json:"mode"` // watching, reading or editing
	Info  json.RawMessage `json:"info"`
	State json.RawMessage `json:"state"` // what they say there
}

// Counts says how many users are here; Users may list fewer.
type Counts struct {
	Reading int `json:"reading"`
	Editing int `json:"editing"`
}

// Lease is somebody's sole right to edit. Fence only grows: refuse a save with an older one.
type Lease struct {
	User  string `json:"user"`
	Fence int64  `json:"fence"`
}

// Presence is everybody at a document.
type Presence struct {
	Document string `json:"document"`
	Users    []User `json:"users"`
	Counts   Counts `json:"counts"`
	Complete bool   `json:"complete"` // whether Users lists everybody
	Lease    *Lease `json:"lease"`
	Epoch    string `json:"epoch"`
	Seq      int64  `json:"seq"` // number of its latest event, within Epoch
}

// rooms holds the users of each document that has any: presence frames taken together.
type rooms map[string][]User

type presenceFrame struct {
	Document string   `json:"document"`
	Full     bool     `json:"full"`
	Users    []User   `json:"users"`
	Left     []string `json:"left"`
	Counts   Counts   `json:"counts"`
	Lease    *Lease   `json:"lease"`
}

// take puts a frame in and tells what is new in it.
func (r rooms) take(frame presenceFrame) PresenceHeard {
	before := r[frame.Document]
	now := []User{}
	if !frame.Full {
		now = slices.DeleteFunc(slices.Clone(before), func(user User) bool {
			return slices.Contains(frame.Left, user.ID) || find(frame.Users, user.ID) != nil
		})
	}
	now = append(now, frame.Users...)
	if len(now) > 0 {
		r[frame.Document] = now
	} else {
		delete(r, frame.Document)
	}
	heard := PresenceHeard{Document: frame.Document, Users: now, Counts: frame.Counts, Lease: frame.Lease}
	for _, user := range now {
		if known := find(before, user.ID); known == nil {
			heard.Joined = append(heard.Joined, user)
		} else if !known.same(user) {
			heard.Changed = append(heard.Changed, user)
		}
	}
	for _, user := range before {
		if find(now, user.ID) == nil {
			heard.Left = append(heard.Left, user.ID)
		}
	}
	return heard
}

func find(users []User, id string) *User {
	for place := range users {
		if users[place].ID == id {
			return &users[place]
		}
	}
	return nil
}

func (u User) same(other User) bool {
	return u.Name == other.Name && u.Mode == other.Mode &&
		bytes.Equal(u.Info, other.Info) && bytes.Equal(u.State, other.State)
}
