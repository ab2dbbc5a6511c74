package redis

import (
	"embed"

	goredis "github.com/redis/go-redis/v9"
)

// Script reads files lua/NAME.lua as one script: one atomic step and one round trip. What
// it reads, writes and answers is said at its head. A missing file is a mistake in the
// package that embeds them.
func Script(files embed.FS, names ...string) *goredis.Script {
	var source []byte
	for _, name := range names {
		raw, err := files.ReadFile("lua/" + name + ".lua")
		if err != nil {
			panic(err)
		}
		source = append(source, raw...)
	}
	return goredis.NewScript(string(source))
}
