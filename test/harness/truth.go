package harness

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/mappings"
)

// hasHanzi says in which field the vector of a text is.
var hasHanzi = regexp.MustCompile(`\p{Han}`)

// truths are the statements of the tests' own oracle: MySQL itself makes, of each visible
// row, the JSON that the document ought to be. They share nothing with the indexer's reader
// and builder, nor with the oracle of `xunke verify`. What starts with _ is turned into
// fields by truth, below.
var truths = map[catalog.Kind]string{
	catalog.KindCourse: `SELECT c.id, JSON_OBJECT('id', c.id, 'key', c.` + "`key`" + `, 'name', c.name, 'summary', c.summary,
			'description', c.description, 'level', c.level, 'language', NULLIF(c.language, ''), 'minutes', c.minutes,
			'students', c.starting_students + c.enrolments, 'favorites', c.favorites, 'image', c.image,
			'ratings', (SELECT COUNT(*) FROM course_ratings r WHERE r.course_id = c.id),
			'_stars', (SELECT SUM(r.stars) FROM course_ratings r WHERE r.course_id = c.id),
			'_created', DATE_FORMAT(c.created_at, '%Y-%m-%dT%H:%i:%s.%f'),
			'category', (SELECT k.name FROM categories k WHERE k.id = c.category_id),
			'_org', o.id, '_org_name', o.name, 'org_category', o.category,
			'city', (SELECT t.name FROM cities t WHERE t.id = o.city_id),
			'_teachers', (SELECT JSON_ARRAYAGG(JSON_OBJECT('at', x.position, 'id', t.id, 'name', t.name))
				FROM course_teachers x JOIN teachers t ON t.id = x.teacher_id WHERE x.course_id = c.id AND t.hidden = 0),
			'_tags', (SELECT JSON_ARRAYAGG(g.name) FROM course_tags x JOIN tags g ON g.id = x.tag_id WHERE x.course_id = c.id),
			'_lessons', (SELECT JSON_ARRAYAGG(JSON_OBJECT('at', l.position, 'id', l.id, 'name', l.name)) FROM lessons l WHERE l.course_id = c.id),
			'_vector', (SELECT JSON_OBJECT('model', v.model, 'text', v.text_hash, 'hex', HEX(v.vector)) FROM course_vectors v WHERE v.course_id = c.id),
			'_days', (SELECT JSON_ARRAYAGG(JSON_ARRAY(DATEDIFF(d.day, '2020-01-01'), d.views + 5 * d.favorites + 10 * d.enrolments))
				FROM course_daily_counts d WHERE d.course_id = c.id))
		FROM courses c LEFT JOIN orgs o ON o.id = c.org_id AND o.hidden = 0
		WHERE c.hidden = 0 AND c.id > ? ORDER BY c.id LIMIT ?`,
	catalog.KindOrg: `SELECT o.id, JSON_OBJECT('id', o.id, 'key', o.` + "`key`" + `, 'name', o.name, 'description', o.description,
			'org_category', o.category, 'city', (SELECT t.name FROM cities t WHERE t.id = o.city_id),
			'students', (SELECT COALESCE(SUM(c.starting_students + c.enrolments), 0) FROM courses c WHERE c.org_id = o.id AND c.hidden = 0),
			'courses', (SELECT COUNT(*) FROM courses c WHERE c.org_id = o.id AND c.hidden = 0),
			'favorites', o.favorites, 'image', o.image, '_created', DATE_FORMAT(o.created_at, '%Y-%m-%dT%H:%i:%s.%f'),
			'_days', (SELECT JSON_ARRAYAGG(JSON_ARRAY(DATEDIFF(d.day, '2020-01-01'), d.views + 5 * d.favorites + 10 * d.enrolments))
				FROM org_daily_counts d WHERE d.org_id = o.id),
			'_more_days', (SELECT JSON_ARRAYAGG(JSON_ARRAY(DATEDIFF(d.day, '2020-01-01'), d.views + 5 * d.favorites + 10 * d.enrolments))
				FROM courses c JOIN course_daily_counts d ON d.course_id = c.id WHERE c.org_id = o.id AND c.hidden = 0))
		FROM orgs o WHERE o.hidden = 0 AND o.id > ? ORDER BY o.id LIMIT ?`,
	catalog.KindTeacher: `SELECT p.id, JSON_OBJECT('id', p.id, 'key', p.` + "`key`" + `, 'name', p.name, 'title', p.title, 'description', p.bio,
			'_org', o.id, '_org_name', o.name, 'org_category', o.category,
			'city', (SELECT t.name FROM cities t WHERE t.id = o.city_id),
			'students', (SELECT COALESCE(SUM(c.starting_students + c.enrolments), 0) FROM course_teachers x JOIN courses c ON c.id = x.course_id
				WHERE x.teacher_id = p.id AND c.hidden = 0),
			'courses', (SELECT COUNT(*) FROM course_teachers x JOIN courses c ON c.id = x.course_id WHERE x.teacher_id = p.id AND c.hidden = 0),
			'favorites', p.favorites, 'image', p.image, '_created', DATE_FORMAT(p.created_at, '%Y-%m-%dT%H:%i:%s.%f'),
			'_days', (SELECT JSON_ARRAYAGG(JSON_ARRAY(DATEDIFF(d.day, '2020-01-01'), d.views + 5 * d.favorites + 10 * d.enrolments))
				FROM teacher_daily_counts d WHERE d.teacher_id = p.id),
			'_more_days', (SELECT JSON_ARRAYAGG(JSON_ARRAY(DATEDIFF(d.day, '2020-01-01'), d.views + 5 * d.favorites + 10 * d.enrolments))
				FROM course_teachers x JOIN courses c ON c.id = x.course_id JOIN course_daily_counts d ON d.course_id = c.id
				WHERE x.teacher_id = p.id AND c.hidden = 0))
		FROM teachers p LEFT JOIN orgs o ON o.id = p.org_id AND o.hidden = 0
		WHERE p.hidden = 0 AND p.id > ? ORDER BY p.id LIMIT ?`,
}

// raw is what a truth says of lists and of what is embedded.
type raw struct {
	Created  string       `json:"_created"`
	Org      *int64       `json:"_org"`
	OrgName  string       `json:"_org_name"`
	Teachers []placed     `json:"_teachers"`
	Tags     []string     `json:"_tags"`
	Lessons  []placed     `json:"_lessons"`
	Ratings  float64      `json:"ratings"`
	Stars    float64      `json:"_stars"`
	Days     [][2]float64 `json:"_days"`
	MoreDays [][2]float64 `json:"_more_days"`
	Name     string       `json:"name"`
	Category string       `json:"category"`
	Summary  string       `json:"summary"`
	Vector   *struct {
		Model, Text, Hex string
	} `json:"_vector"`
}

type placed struct {
	At   int64  `json:"at"`
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func inOrder(list []placed) []placed {
	slices.SortFunc(list, func(a, b placed) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
	return list
}

// truth makes the fields of a document of what a statement yielded, null ones left out.
func truth(k catalog.Kind, text []byte) (map[string]any, error) {
	var r raw
	var fields map[string]any
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read the truth: %w", err)
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("read the truth: %w", err)
	}
	for name, value := range fields {
		if strings.HasPrefix(name, "_") || value == nil {
			delete(fields, name)
		}
	}
	fields["deleted"] = false
	fields["created_at"] = strings.TrimSuffix(strings.TrimRight(r.Created, "0"), ".") + "Z"
	days := append(r.Days, r.MoreDays...)
	fields["hot"], fields["recent"] = hot(days), recent(days)
	if r.Org != nil {
		fields["org"] = reference(*r.Org, r.OrgName)
	}
	fields["name_terms"] = mappings.TermsOf(r.Name)
	switch k {
	case catalog.KindTeacher:
		fields["name_terms"] = mappings.TermsOfPerson(r.Name)
	case catalog.KindCourse:
		teachers, names, lessons := []any{}, []string{}, []string{}
		for _, t := range inOrder(r.Teachers) {
			teachers, names = append(teachers, reference(t.ID, t.Name)), append(names, t.Name)
		}
		for _, l := range inOrder(r.Lessons) {
			lessons = append(lessons, l.Name)
		}
		tags := append([]string{}, r.Tags...)
		slices.Sort(tags)
		fields["teachers"], fields["lessons"], fields["tags"] = teachers, lessons, tags
		fields["weighted_rating"] = 0
		if r.Ratings > 0 {
			fields["rating"], fields["weighted_rating"] = r.Stars/r.Ratings, (r.Stars+5*4)/(r.Ratings+5)
		}
		fields["people"] = mappings.TermsOfPeople(r.OrgName, names)
		field, text := "vector", []string{r.Name, r.Category, strings.Join(tags, " "), r.Summary}
		if !hasHanzi.MatchString(r.Name + r.Summary) {
			field, text = "vector_other", []string{r.Name, latin(r.Category), latin(tags...), r.Summary}
		}
		if v := r.Vector; v != nil && v.Text == hashOf(text...) && len(v.Hex) == 2*384 {
			fields[field], fields["vector_model"], fields["vector_text"] = numbers(v.Hex), v.Model, v.Text
		}
	}
	plain, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("write the truth: %w", err)
	}
	fields = nil
	err = json.Unmarshal(plain, &fields)
	return fields, err
}

// latin are the texts without Hanzi.
func latin(texts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(texts), hasHanzi.MatchString), " ")
}

// hashOf is the hash by which a vector belongs to a text of these parts.
func hashOf(parts ...string) string {
	text := strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "\n")
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:32]
}

// numbers are the signed bytes of a vector.
func numbers(digits string) []int {
	var list []int
	for i := 0; i+1 < len(digits); i += 2 {
		n, _ := strconv.ParseUint(digits[i:i+2], 16, 8) // MySQL's HEX
		list = append(list, int(int8(n)))               //nolint:gosec // the bits count
	}
	return list
}

func reference(id int64, name string) map[string]any {
	return map[string]any{"id": id, "name": name, "facet": strconv.FormatInt(id, 10) + " " + name}
}

// hot is log2(1 + the points of each day, doubled for each week that it is later), from
// the definition and not from the indexer's way of computing it.
func hot(days [][2]float64) float64 {
	sum := 1.0
	for _, d := range days {
		sum += d[1] * math.Pow(2, d[0]/7)
	}
	return math.Log2(sum)
}

// recent is the last 31 days up to the newest on which something happened, each as its number
// times a thousand million and its points.
func recent(days [][2]float64) []int64 {
	points, newest := map[int64]int64{}, int64(0)
	for _, d := range days {
		if day := int64(d[0]); day >= 0 && d[1] > 0 {
			points[day] += int64(d[1])
			newest = max(newest, day)
		}
	}
	list := []int64{}
	for day := max(0, newest-30); day <= newest; day++ {
		if points[day] > 0 {
			list = append(list, day*1_000_000_000+points[day])
		}
	}
	return list
}

// rows reads a page of truths, by id.
func (w *World) rows(ctx context.Context, k catalog.Kind, after int64, limit int) (map[int64]map[string]any, int64, error) {
	rows, err := w.DB.QueryContext(ctx, truths[k], after, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("ask MySQL for the truth: %w", err)
	}
	defer func() { _ = rows.Close() }()
	page, last := make(map[int64]map[string]any, limit), after
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&last, &text); err != nil {
			return nil, 0, err
		}
		if page[last], err = truth(k, text); err != nil {
			return nil, 0, err
		}
	}
	if len(page) < limit {
		last = math.MaxInt64
	}
	return page, last, rows.Err()
}
