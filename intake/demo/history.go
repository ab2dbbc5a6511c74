package demo

import (
	"math"
	"time"

	"github.com/xunke/xunke/catalog"
)

// historyDays is how many days before today histories begin.
const historyDays = 60

// history is what happened to an item on each of the last days: level is the usual
// number of views a day. A third of the items keep their level; others rise, fade, or
// had their week, some days or some weeks ago, so that the hottest of the day, of the
// week and of the month are not the same.
func (g *Generator) history(k catalog.Kind, n int, level float64) []catalog.DailyCounts {
	d := g.dice(saltHistory, n*3+map[catalog.Kind]int{catalog.KindOrg: 0, catalog.KindTeacher: 1, catalog.KindCourse: 2}[k])
	shape, peak := d.IntN(6), float64(d.IntN(35))
	var days []catalog.DailyCounts
	for age := historyDays - 1; age >= 0; age-- {
		today := level
		x := float64(age)
		switch shape {
		case 0: // rises
			today *= 3 * math.Exp2(-x/8)
		case 1: // fades
			today *= 1.8 * math.Exp2((x-historyDays)/12)
		case 2, 3: // had its days
			today *= 0.3 + 6*math.Exp(-(x-peak)*(x-peak)/8)
		}
		views := d.poisson(today)
		if views == 0 {
			continue
		}
		days = append(days, catalog.DailyCounts{
			Day:        g.today.Add(-time.Duration(age) * 24 * time.Hour),
			Views:      views,
			Favorites:  d.poisson(float64(views) / 25),
			Enrolments: d.poisson(float64(views) / 12),
		})
	}
	return days
}

// poisson is a number of events of which mean are expected: Knuth's product of uniform
// numbers, and for large means the normal distribution that it tends to.
func (d dice) poisson(mean float64) int64 {
	if mean > 30 {
		return max(0, int64(math.Round(mean+math.Sqrt(mean)*d.NormFloat64())))
	}
	limit, n := math.Exp(-mean), int64(-1)
	for p := 1.0; p > limit; n++ {
		p *= d.Float64()
	}
	return max(n, 0)
}
