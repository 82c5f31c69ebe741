module attachset.example/adapter/sdkv2

go 1.24

require (
	attachset.example/adapter v0.0.0
	github.com/aws/aws-sdk-go-v2 v1.17.1
	github.com/aws/aws-sdk-go-v2/credentials v1.12.21
	github.com/aws/aws-sdk-go-v2/service/support v1.13.18
	github.com/aws/smithy-go v1.13.4
)

replace attachset.example/adapter => ../
