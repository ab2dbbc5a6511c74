package hanzi_test

import (
	"testing"

	"github.com/xunke/xunke/internal/hanzi"
)

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "数据", 2}, {"数据", "", 2}, {"python", "python", 0}, {"pyhton", "python", 1}, {"pythn", "python", 1},
		{"pythoon", "python", 1}, {"pithon", "python", 1}, {"钢禽", "钢琴", 1}, {"ca", "abc", 3}, {"语法英语", "英语语法", 4},
	} {
		if got := hanzi.Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("from %q to %q is %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if there, back := hanzi.Distance(tt.a, tt.b), hanzi.Distance(tt.b, tt.a); there != back {
			t.Errorf("from %q to %q is %d, and back %d", tt.a, tt.b, there, back)
		}
	}
}
