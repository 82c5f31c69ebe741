module attachset.example/adapter/sdkv1

go 1.24

require (
	attachset.example/adapter v0.0.0
	github.com/aws/aws-sdk-go v1.44.133
)

replace attachset.example/adapter => ../
