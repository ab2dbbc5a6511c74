package imports

import (
	"cmp"
	"context"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
)

// orgRow is a row of orgs as an import sees it.
type orgRow struct {
	name, description, category string
	city                        int64
	image                       string
	created                     int64
	address, slogan             string
	gold, certified             bool
	favorites                   int64 // of a new row only
}

// orgTable says how orgs are written: with or without what lines of JSON do not have.
func orgTable(details bool) table[orgRow] {
	t := table[orgRow]{
		name:    "orgs",
		columns: []string{"name", "description", "category", "city_id", "image", "created_at"},
		values: func(r *orgRow) []any {
			return []any{r.name, r.description, r.category, orNull(r.city), r.image, moment(r.created)}
		},
		targets: func(r *orgRow) []any {
			return []any{&r.name, &r.description, &r.category, orZero[int64]{&r.city}, &r.image, since{&r.created}}
		},
		keep: func(want *orgRow, have orgRow) {
			want.created = cmp.Or(want.created, have.created)
			want.favorites = 0
		},
	}
	if !details {
		return t
	}
	values, targets := t.values, t.targets
	t.columns = append(t.columns, "address", "slogan", "is_gold", "is_certified")
	t.start = []string{"favorites"}
	t.values = func(r *orgRow) []any {
		return append(values(r), r.address, r.slogan, r.gold, r.certified, r.favorites)
	}
	t.targets = func(r *orgRow) []any {
		return append(targets(r), &r.address, &r.slogan, &r.gold, &r.certified)
	}
	return t
}

func (b *batch) orgs(ctx context.Context, orgs []*intake.Org) error {
	cities := map[string]bool{}
	for _, o := range orgs {
		cities[o.City] = true
	}
	cityIDs, err := b.idsByName(ctx, "cities", cities)
	if err != nil {
		return err
	}
	adopted, err := b.adoptOrgs(ctx, orgs)
	if err != nil {
		return err
	}
	for _, details := range []bool{false, true} {
		group := filter(orgs, func(o *intake.Org) bool { return (o.Details != nil) == details })
		if err := b.orgGroup(ctx, group, orgTable(details), cityIDs, adopted); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) orgGroup(ctx context.Context, orgs []*intake.Org, t table[orgRow], cities map[string]int64, adopted map[string]bool) error {
	keys, rows := make([]string, len(orgs)), make([]orgRow, len(orgs))
	for i, o := range orgs {
		keys[i] = o.Key
		rows[i] = orgRow{
			name: o.Name, description: o.Description, category: string(cmp.Or(o.Category, catalog.OrgTraining)),
			city: cities[o.City], image: o.Image, created: millis(o.CreatedAt),
		}
		if d := o.Details; d != nil {
			rows[i].address, rows[i].slogan = d.Address, d.Slogan
			rows[i].gold, rows[i].certified, rows[i].favorites = d.Gold, d.Certified, d.Favorites
		}
	}
	outcomes, err := upsert(ctx, b, t, keys, rows)
	if err != nil {
		return err
	}
	counts := b.history("org")
	for i, o := range outcomes {
		o.changed = o.changed || adopted[keys[i]]
		tell(&b.tally.Orgs, o)
		if err := counts.add(ctx, o, orgs[i].History); err != nil {
			return err
		}
	}
	return counts.flush(ctx)
}

// adoptOrgs takes over the rows that were made for the names of orgs without a row.
func (b *batch) adoptOrgs(ctx context.Context, orgs []*intake.Org) (map[string]bool, error) {
	keys := make([]string, len(orgs))
	for i, o := range orgs {
		keys[i] = o.Key
	}
	ids, err := b.idsByKey(ctx, "orgs", keys)
	if err != nil {
		return nil, err
	}
	var names []string
	want := map[string][]string{}
	for _, o := range orgs {
		if ids[o.Key] == 0 {
			names = append(names, o.Name)
			want[o.Name] = append(want[o.Name], o.Key)
		}
	}
	return b.adopt(ctx, "orgs", "name", names, want)
}

// tell counts an outcome.
func tell(c *intake.Count, o outcome) {
	switch {
	case o.created:
		c.Created++
	case o.changed:
		c.Updated++
	default:
		c.Unchanged++
	}
}

func filter[T any](items []T, keep func(T) bool) []T {
	var kept []T
	for _, item := range items {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}
