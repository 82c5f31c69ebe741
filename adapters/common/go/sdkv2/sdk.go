// Package sdkv2 drives the AWS SDK for Go v2, in the version that an adapter pins.
package sdkv2

import (
	"errors"
	"net"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/support"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"attachset.example/adapter"
)

// Endpoint sets the URL that is called, which differs between the versions of the SDK.
type Endpoint func(*support.Options, string)

// Serve answers calls until standard input ends.
func Serve(name string, endpoint Endpoint) {
	adapter.Serve(adapter.Client{
		Name:    name,
		Version: aws.SDKVersion,
		Type:    reflect.TypeFor[*support.Client](),
		Connect: endpoint.connect,
		Explain: explain,
	})
}

func (set Endpoint) connect(s adapter.Settings) any {
	keys := s.Credentials
	options := support.Options{
		Region: s.Region,
		Credentials: credentials.NewStaticCredentialsProvider(
			keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
		RetryMode:        aws.RetryModeStandard,
		RetryMaxAttempts: s.MaxAttempts,
		HTTPClient: awshttp.NewBuildableClient().
			WithTimeout(s.Timeout()).
			WithDialerOptions(func(d *net.Dialer) { d.Timeout = s.Timeout() }),
	}
	set(&options, s.Endpoint)
	return support.New(options)
}

func explain(err error) adapter.Error {
	failure := adapter.Error{Kind: "unexpected", Message: err.Error()}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		failure.Status = response.HTTPStatusCode()
		failure.RequestID = response.ServiceRequestID()
	}

	var service smithy.APIError
	var decode *smithy.DeserializationError
	var serialize *smithy.SerializationError
	var params smithy.InvalidParamsError
	var send *smithyhttp.RequestSendError
	switch {
	case errors.As(err, &service):
		failure.Kind, failure.Code, failure.Message = "service", service.ErrorCode(), service.ErrorMessage()
	case adapter.TimedOut(err):
		failure.Kind = "timeout"
	case errors.As(err, &decode):
		failure.Kind = "decode"
	case errors.As(err, &send):
		failure.Kind = "transport"
	case errors.As(err, &params), errors.As(err, &serialize):
		failure.Kind = "client"
	}
	return failure
}
