package main

import (
	"attachset.example/adapter/sdkv2"
	"github.com/aws/aws-sdk-go-v2/service/support"
)

func main() {
	sdkv2.Serve("aws-sdk-go-v2", func(o *support.Options, url string) {
		o.BaseEndpoint = &url
	})
}
