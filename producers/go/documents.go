package presently

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
)

// Slots is part of the contract, never configured.
const Slots = 16

const documentBytes = 200

const word = `(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}`

var document = regexp.MustCompile(`^` + word + `(?:\.` + word + `){1,4}$`)

// DocumentID joins two to five plain words to a document id: DocumentID("page", "a/b") is
// page.a%2Fb.
//
// Every byte outside [A-Za-z0-9_~-] is percent-encoded. The last word is the key, those before it
// name the collection. A key that is ~ becomes %7E: page.~ is the list of page. Words that make no
// id (too few, too many, empty, too long) make one that Publish refuses.
func DocumentID(words ...string) string {
	encoded := make([]string, len(words))
	for place, each := range words {
		encoded[place] = encode(each)
	}
	if last := len(encoded) - 1; last >= 0 && encoded[last] == "~" {
		encoded[last] = "%7E"
	}
	return strings.Join(encoded, ".")
}

// Slot is where a document's messages stand in line: 0 to 15.
func Slot(document string) int {
	return int(crc32.ChecksumIEEE([]byte(document)) % Slots)
}

// RoutingKey is where an event of the document goes on hub.in: ":03.article.42".
func RoutingKey(document string) string {
	return fmt.Sprintf(":%02d.%s", Slot(document), document)
}

func checkDocument(id string) error {
	if len(id) <= documentBytes && document.MatchString(id) {
		return nil
	}
	return invalid("subject", "%.80q is no document id: 2 to 5 words joined by '.', of letters, "+
		"digits, '_', '~', '-' or %%XX, at most %d bytes", id, documentBytes)
}

func encode(plain string) string {
	var encoded strings.Builder
	for _, each := range []byte(plain) {
		if isPlain(each) {
			encoded.WriteByte(each)
		} else {
			fmt.Fprintf(&encoded, "%%%02X", each)
		}
	}
	return encoded.String()
}

func isPlain(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' ||
		b == '_' || b == '~' || b == '-'
}
