package queue

import (
	"embed"

	"github.com/xunke/xunke/internal/redis"
)

//go:embed lua/*.lua
var luaFiles embed.FS

// The scripts.
var (
	recordScript = redis.Script(luaFiles, "record")
	searchScript = redis.Script(luaFiles, "search")
	queueScript  = redis.Script(luaFiles, "queue")
)
