package main

import "attachset.example/adapter/sdkv1"

func main() {
	sdkv1.Serve("aws-sdk-go-v1-1.44.133")
}
