package searchlog_test

import (
	"testing"

	"github.com/xunke/xunke/searchlog"
)

func TestNearest(t *testing.T) {
	good := []string{"python", "数据结构", "机器学习", "kubernetes", "python 爬虫", "c++", "java"}
	for query, want := range map[string]string{
		"pyhton":     "python",
		"pythno":     "python",
		"kubernets":  "kubernetes",
		"数剧结构":       "数据结构", // sounds the same
		"数据结够":       "数据结构",
		"机器学习实战":     "机器学习",
		"kubernetes": "", // itself
		"养猫":         "",
		"":           "",
		"c":          "c++",
	} {
		if got := searchlog.Nearest(query, good); got != want {
			t.Errorf("nearest to %q is %q, want %q", query, got, want)
		}
	}
}
