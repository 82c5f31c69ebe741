// Package sdkv2 drives the AWS SDK for Go v2, in the version that an adapter pins.
package sdkv2

import (
	"context"
	"errors"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/support"
	"github.com/aws/aws-sdk-go-v2/service/support/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"attachset.example/adapter"
)

// Version is what differs between the versions of the SDK.
type Version struct {
	// Endpoint sets the URL that is called.
	Endpoint func(*support.Options, string)
	// DryRun sets the member of the input; nil where there is none.
	DryRun func(*support.AddAttachmentsToSetInput, *bool)
}

// Serve answers calls until standard input ends.
func Serve(name string, version Version) {
	adapter.Serve(adapter.Client{
		Name:    name,
		Version: aws.SDKVersion,
		Connect: version.connect,
		Explain: explain,
	})
}

func (v Version) connect(s adapter.Settings) adapter.Send {
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
	v.Endpoint(&options, s.Endpoint)
	client := support.New(options)

	return func(in adapter.Input) (*adapter.Output, error) {
		input := support.AddAttachmentsToSetInput{AttachmentSetId: in.AttachmentSetID}
		if in.DryRun != nil {
			if v.DryRun == nil {
				return nil, adapter.ErrNoDryRun
			}
			v.DryRun(&input, in.DryRun)
		}
		if in.Attachments != nil {
			input.Attachments = []types.Attachment{}
		}
		for _, a := range in.Attachments {
			input.Attachments = append(input.Attachments, types.Attachment{FileName: a.FileName, Data: a.Data})
		}
		out, err := client.AddAttachmentsToSet(context.Background(), &input)
		if err != nil {
			return nil, err
		}
		return &adapter.Output{AttachmentSetID: out.AttachmentSetId, ExpiryTime: out.ExpiryTime}, nil
	}
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
