module example.org/greet-go

go 1.19

require example.org/words v1.0.2
