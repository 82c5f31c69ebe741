module attachset.example/aws-sdk-go-v2

go 1.24

require github.com/aws/aws-sdk-go-v2/service/support v1.38.0

require (
	attachset.example/adapter v0.0.0 // indirect
	github.com/aws/aws-sdk-go-v2 v1.48.0 // indirect
	github.com/aws/aws-sdk-go-v2/credentials v1.21.0 // indirect
	github.com/aws/smithy-go v1.28.9 // indirect
)

require (
	attachset.example/adapter/sdkv2 v0.0.0
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.12 // indirect
)

replace attachset.example/adapter => ../common/go

replace attachset.example/adapter/sdkv2 => ../common/go/sdkv2
