package presently

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
)

// golden reads a table that every language and the hub are held to.
func golden(t *testing.T, name string, table any) {
	t.Helper()
	raw, err := os.ReadFile("../../schemas/golden/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, table); err != nil {
		t.Fatal(err)
	}
}

func TestWordsBecomeTheIdsAndSlotsOfTheGoldenTable(t *testing.T) {
	var table struct {
		Documents []struct {
			Words    []string
			Document string
			Slot     int
		}
		RefusedWords [][]string `json:"refused_words"`
		RefusedIDs   []string   `json:"refused_ids"`
	}
	golden(t, "documents", &table)
	if len(table.Documents) < 20 || len(table.RefusedWords) < 5 || len(table.RefusedIDs) < 10 {
		t.Fatal("the table is short")
	}
	for _, row := range table.Documents {
		id := DocumentID(row.Words...)
		if id != row.Document || Slot(id) != row.Slot || checkDocument(id) != nil {
			t.Errorf("%q: %s in slot %d, expected %s in %d", row.Words, id, Slot(id), row.Document, row.Slot)
		}
	}
	for _, words := range table.RefusedWords {
		refused(t, checkDocument(DocumentID(words...)), "subject")
	}
	for _, id := range table.RefusedIDs {
		refused(t, checkDocument(id), "subject")
	}
}

type row struct {
	Name  string
	Event any
	Pad   int
	At    string
}

func (r row) body(t *testing.T) []byte {
	t.Helper()
	if r.Pad > 0 {
		r.Event.(map[string]any)["data"].(map[string]any)["pad"] = strings.Repeat("x", r.Pad)
	}
	body, err := encodeJSON(r.Event)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestTheGoldenEventsAreTakenAndRefused(t *testing.T) {
	var table struct{ Events, Refused []row }
	golden(t, "events", &table)
	if len(table.Events) < 10 || len(table.Refused) < 20 {
		t.Fatal("the table is short")
	}
	for _, row := range table.Events {
		t.Run("taken: "+row.Name, func(t *testing.T) {
			if err := check(row.body(t)); err != nil {
				t.Error(err)
			}
		})
	}
	for _, row := range table.Refused {
		t.Run("refused: "+row.Name, func(t *testing.T) {
			refused(t, check(row.body(t)), row.At)
		})
	}
}

func refused(t *testing.T, err error, at string) {
	t.Helper()
	var said *InvalidEvent
	if !errors.As(err, &said) || !errors.Is(err, ErrInvalid) || said.At != at {
		t.Errorf("%v, expected a fault at %q", err, at)
	}
}

func TestEachDocumentGetsItsOwnEventUnderOneID(t *testing.T) {
	messages, err := write("/shop", Event{
		Documents: []string{"a.1", "b.2", "a.1"}, Type: "x.y", Data: map[string]any{"html": "<b>&</b>"},
	})
	if err != nil || len(messages) != 2 || messages[0].id != messages[1].id {
		t.Fatal(messages, err)
	}
	var event CloudEvent
	if err := json.Unmarshal(messages[1].body, &event); err != nil {
		t.Fatal(err)
	}
	if event.Subject != "b.2" || string(event.Data) != `{"html":"<b>&</b>"}` {
		t.Errorf("%+v", event)
	}
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	for at, event := range map[string]Event{
		"subject": {Type: "x.y"},
		"data":    {Documents: []string{"a.1"}, Type: "x.y", Data: make(chan int)},
		"type":    {Documents: []string{"a.1"}, Type: "presently.mine"},
	} {
		_, err := write("/shop", event)
		refused(t, err, at)
	}
	var nothing map[string]any
	messages, err := write("/shop", Event{Documents: []string{"a.1"}, Type: "x.y", Data: nothing})
	if err != nil || !strings.Contains(string(messages[0].body), `"data":{}`) {
		t.Error(messages, err)
	}
}

func TestPresenceIsWhoJoinedChangedAndLeft(t *testing.T) {
	rooms := rooms{}
	user := func(id, mode string) User { return User{ID: id, Name: id, Mode: mode} }
	take := func(full bool, users []User, left ...string) [3]int {
		heard := rooms.take(presenceFrame{Document: "a.1", Full: full, Users: users, Left: left})
		return [3]int{len(heard.Joined), len(heard.Changed), len(heard.Left)}
	}
	got := [][3]int{
		take(false, []User{user("fry", "reading")}),
		take(false, []User{user("fry", "editing"), user("leela", "reading")}),
		take(true, []User{user("fry", "editing"), user("zoidberg", "reading")}),
		take(false, nil, "fry", "zoidberg"),
	}
	if want := [][3]int{{1, 0, 0}, {1, 1, 0}, {1, 0, 1}, {0, 0, 2}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, expected %v", got, want)
	}
	if len(rooms) != 0 {
		t.Error("an empty room is kept")
	}
}
