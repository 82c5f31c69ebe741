// Package adapter speaks the adapter protocol for clients written in Go.
package adapter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strings"
	"time"
)

// ErrNoDryRun is what Send returns for a dryRun that its client cannot express.
var ErrNoDryRun = errors.New("this client has no dryRun")

// Client is the client under test.
type Client struct {
	Name    string
	Version string
	// Connect sets up the client; it stays until a call has other settings.
	Connect func(Settings) Send
	// Explain says what the client's public API tells about an error.
	Explain func(error) Error
}

// Send makes one call.
type Send func(Input) (*Output, error)

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

// Input is the operation's input; what is nil is absent.
type Input struct {
	AttachmentSetID *string
	Attachments     []struct {
		FileName *string
		Data     []byte
	}
	DryRun *bool
}

// Output is the operation's output; what is nil is absent.
type Output struct {
	AttachmentSetID *string `json:"attachmentSetId,omitempty"`
	ExpiryTime      *string `json:"expiryTime,omitempty"`
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
	Protocol int
	ID       string
	Input    Input
	Settings
}

type answer struct {
	ID          string  `json:"id"`
	Output      *Output `json:"output,omitempty"`
	Error       *Error  `json:"error,omitempty"`
	Unsupported string  `json:"unsupported,omitempty"`
}

// Serve answers calls until standard input ends.
func Serve(client Client) {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	os.Stdout = os.Stderr // standard output is for answers

	var settings Settings
	var send Send
	for {
		var q question
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
			out.Encode(map[string]any{"protocol": 1, "client": about})
			continue
		}
		if send == nil || q.Settings != settings {
			settings, send = q.Settings, client.Connect(q.Settings)
		}
		out.Encode(client.call(q, send))
	}
}

func (c Client) call(q question, send Send) (a answer) {
	a.ID = q.ID
	defer func() {
		if p := recover(); p != nil {
			a.Error = &Error{Kind: "unexpected", Message: fmt.Sprint("panic: ", p)}
		}
	}()
	output, err := send(q.Input)
	if err == ErrNoDryRun {
		a.Unsupported = err.Error()
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
