// Package adapter speaks the adapter protocol for clients written in Go.
package adapter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"runtime"
	"strings"
	"time"
)

// Client is the client under test.
type Client struct {
	Name    string
	Version string
	// Type is the client's type: its methods are the operations.
	Type reflect.Type
	// Connect sets up the client; it stays until a call has other settings.
	Connect func(Settings) any
	// Explain says what the client's public API tells about an error.
	Explain func(error) Error
}

// Settings is what a client is set up with.
type Settings struct {
	Endpoint    string
	Region      string
	Credentials struct {
		AccessKeyID     string
		SecretAccessKey string
		SessionToken    string
	}
	MaxAttempts int
	TimeoutMs   int
}

// Timeout is the connect and read time-out.
func (s Settings) Timeout() time.Duration {
	return time.Duration(s.TimeoutMs) * time.Millisecond
}

// Error is a failed call.
type Error struct {
	Kind      string `json:"kind"`
	Code      string `json:"code,omitempty"`
	Message   string `json:"message"`
	Status    int    `json:"status,omitempty"`
	RequestID string `json:"requestId,omitempty"`
}

type question struct {
	Protocol  int
	ID        string
	Operation string
	Input     json.RawMessage
	Settings
}

type answer struct {
	ID          string `json:"id"`
	Output      any    `json:"output,omitempty"`
	Error       *Error `json:"error,omitempty"`
	Unsupported string `json:"unsupported,omitempty"`
}

// Serve answers calls until standard input ends.
func Serve(client Client) {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	os.Stdout = os.Stderr // standard output is for answers

	var settings Settings
	var connected any
	for {
		q := question{Operation: "AddAttachmentsToSet"}
		if err := in.Decode(&q); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		if q.Protocol > 0 {
			about := map[string]string{
				"name": client.Name, "version": client.Version, "language": "go",
				"runtime": "Go " + strings.TrimPrefix(runtime.Version(), "go"),
			}
			out.Encode(map[string]any{
				"protocol": 1, "client": about, "operations": operations(client.Type),
			})
			continue
		}
		if connected == nil || q.Settings != settings {
			settings, connected = q.Settings, client.Connect(q.Settings)
		}
		out.Encode(client.call(q, connected))
	}
}

func (c Client) call(q question, connected any) (a answer) {
	a.ID = q.ID
	defer func() {
		if p := recover(); p != nil {
			a.Error = &Error{Kind: "unexpected", Message: fmt.Sprint("panic: ", p)}
		}
	}()
	output, err := send(connected, q.Operation, q.Input)
	if reason, ok := err.(unsupported); ok {
		a.Unsupported = reason.Error()
	} else if err != nil {
		failure := c.Explain(err)
		a.Error = &failure
	} else {
		a.Output = output
	}
	return a
}

// TimedOut tells whether a time-out caused the error.
func TimedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}
