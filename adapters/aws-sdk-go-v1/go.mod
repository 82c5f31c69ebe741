module attachset.example/aws-sdk-go-v1

go 1.24

require (
	attachset.example/adapter v0.0.0 // indirect
	github.com/aws/aws-sdk-go v1.55.8 // indirect
)

require (
	attachset.example/adapter/sdkv1 v0.0.0
	github.com/jmespath/go-jmespath v0.4.0 // indirect
)

replace attachset.example/adapter => ../common/go

replace attachset.example/adapter/sdkv1 => ../common/go/sdkv1
