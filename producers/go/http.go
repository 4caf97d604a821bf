package presently

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

const answerBytes = 16 << 20

// httpLine is Presently's HTTP API.
type httpLine struct {
	base, key string
	client    *http.Client
}

func newHTTPLine(at *url.URL) *httpLine {
	key := at.User.Username()
	if password, has := at.User.Password(); has {
		key = password
	}
	if key == "" {
		key = os.Getenv("PRESENTLY_API_KEY")
	}
	plain := url.URL{Scheme: at.Scheme, Host: at.Host, Path: strings.TrimRight(at.Path, "/")}
	noRedirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &httpLine{plain.String(), key, &http.Client{CheckRedirect: noRedirects}}
}

func (l *httpLine) send(ctx context.Context, messages []message) error {
	kind, body := contentType, messages[0].body
	if len(messages) > 1 {
		bodies := make([][]byte, len(messages))
		for place, each := range messages {
			bodies[place] = each.body
		}
		kind, body = batchType, joined(bodies)
	}
	return l.ask(ctx, http.MethodPost, "/v1/events", kind, body, nil)
}

func (l *httpLine) presence(ctx context.Context, document string) (presence Presence, err error) {
	presence.Complete = true
	err = l.ask(ctx, http.MethodGet, "/v1/documents/"+url.PathEscape(document), "", nil, &presence)
	if err == nil && presence.Document == "" {
		err = fmt.Errorf("%w: the API answered with no presence", ErrRefused)
	}
	return presence, err
}

func (l *httpLine) close() error {
	l.client.CloseIdleConnections()
	return nil
}

func (l *httpLine) ask(ctx context.Context, method, path, kind string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, l.base+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	request.Header.Set("Accept", "application/json")
	if l.key != "" {
		request.Header.Set("Authorization", "Bearer "+l.key)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
		// Lets net/http try again when a kept connection has gone stale: the event's id makes it
		// harmless. Nil: the header itself is not sent.
		request.Header["Idempotency-Key"] = nil
	}
	response, err := l.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, answerBytes))
	if err != nil {
		return err
	}
	return judge(response.StatusCode, raw, answer)
}

func judge(status int, raw []byte, answer any) error {
	if status == http.StatusOK || status == http.StatusAccepted {
		if answer == nil {
			return nil
		}
		if json.Unmarshal(raw, answer) != nil {
			return fmt.Errorf("%w: the API answered %d with no JSON of ours", ErrRefused, status)
		}
		return nil
	}
	var said struct{ Code, Message, At string }
	_ = json.Unmarshal(raw, &said) // somebody else's page then: the status says enough
	if status == http.StatusBadRequest && said.Code == "invalid_event" {
		return &InvalidEvent{said.At, said.Message}
	}
	kind := ErrRefused
	if status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500 {
		kind = ErrUnavailable
	}
	return fmt.Errorf("%w: the API answered %d: %s", kind, status, said.Message)
}

func joined(bodies [][]byte) []byte {
	return append(append([]byte("["), bytes.Join(bodies, []byte(","))...), ']')
}
