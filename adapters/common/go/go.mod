module attachset.example/adapter

go 1.24
