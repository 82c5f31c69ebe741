// Package sdkv1 drives the AWS SDK for Go v1, in the version that an adapter pins.
package sdkv1

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/support"

	"attachset.example/adapter"
)

// Serve answers calls until standard input ends.
func Serve(name string) {
	adapter.Serve(adapter.Client{
		Name:    name,
		Version: aws.SDKVersion,
		Type:    reflect.TypeFor[*support.Support](),
		Connect: connect,
		Explain: explain,
	})
}

func connect(s adapter.Settings) any {
	keys := s.Credentials
	return support.New(session.Must(session.NewSession(&aws.Config{
		Endpoint: aws.String(s.Endpoint),
		Region:   aws.String(s.Region),
		Credentials: credentials.NewStaticCredentials(
			keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
		MaxRetries: aws.Int(s.MaxAttempts - 1),
		HTTPClient: &http.Client{Timeout: s.Timeout()},
	})))
}

func explain(err error) adapter.Error {
	failure := adapter.Error{Kind: "unexpected", Message: err.Error()}
	var own awserr.Error
	if !errors.As(err, &own) {
		return failure
	}
	failure.Code = own.Code()
	answered, ok := own.(awserr.RequestFailure)
	if ok {
		failure.Status, failure.RequestID = answered.StatusCode(), answered.RequestID()
	}

	switch {
	case timedOut(own):
		failure.Kind = "timeout"
	case own.Code() == request.ErrCodeSerialization:
		failure.Kind = "decode"
	case own.Code() == request.ErrCodeRequestError:
		failure.Kind = "transport"
	case own.Code() == request.InvalidParameterErrCode && !ok:
		failure.Kind = "client"
	case ok:
		failure.Kind, failure.Message = "service", own.Message()
	}
	return failure
}

// timedOut looks into the SDK's errors, which do not unwrap.
func timedOut(err error) bool {
	var own awserr.Error
	if errors.As(err, &own) && own.OrigErr() != nil {
		return timedOut(own.OrigErr())
	}
	return adapter.TimedOut(err)
}
