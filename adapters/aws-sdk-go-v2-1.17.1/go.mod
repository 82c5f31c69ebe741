module attachset.example/aws-sdk-go-v2-1.17.1

go 1.24

require github.com/aws/aws-sdk-go-v2/service/support v1.13.18

require (
	attachset.example/adapter v0.0.0 // indirect
	github.com/aws/aws-sdk-go-v2 v1.17.1 // indirect
	github.com/aws/aws-sdk-go-v2/credentials v1.12.21 // indirect
	github.com/aws/smithy-go v1.13.4 // indirect
)

require (
	attachset.example/adapter/sdkv2 v0.0.0
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.1.24 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.4.18 // indirect
)

replace attachset.example/adapter => ../common/go

replace attachset.example/adapter/sdkv2 => ../common/go/sdkv2
