package verify_test

import (
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic/index"
)

// lax is the SQL mode of an old application: what strict ones refuse is stored as zero.
const lax = `SET SESSION sql_mode = ''`

// values are rows with everything in them that a binlog, a driver or an index may read
// wrongly. want is some of what the document of the course, org or teacher then has, as JSON.
var values = []struct {
	name       string
	statements []string // run on one connection
	kind       catalog.Kind
	id         int64
	want       map[string]string
}{
	{"greatest ids and counts", []string{
		`INSERT INTO orgs (id, name, city_id) VALUES (9223372036854775807, '最后的机构', 1)`,
		`INSERT INTO teachers (id, name, org_id, years_worked) VALUES (9223372036854775807, '最后的老师', 9223372036854775807, 65535)`,
		`INSERT INTO courses (id, name, org_id, minutes, starting_students, enrolments, favorites)
			VALUES (9223372036854775807, '最后的课', 9223372036854775807, 4294967295, 4294967295, 4294967295, 4294967295)`,
		`INSERT INTO course_teachers VALUES (9223372036854775807, 9223372036854775807, 65535)`,
	}, catalog.KindCourse, 9223372036854775807, map[string]string{
		"id": "9223372036854775807", "minutes": "4294967295", "students": "8589934590", "favorites": "4294967295",
		"org":      `{"id":9223372036854775807,"name":"最后的机构","facet":"9223372036854775807 最后的机构"}`,
		"teachers": `[{"id":9223372036854775807,"name":"最后的老师","facet":"9223372036854775807 最后的老师"}]`,
	}},
	{"ids that no document can have", []string{
		`INSERT INTO orgs (id, name) VALUES (18446744073709551614, '太大的机构')`,
		`INSERT INTO teachers (id, name, org_id) VALUES (9223372036854775808, '太大的老师', 18446744073709551614), (30, '小的老师', 18446744073709551614)`,
		`INSERT INTO courses (id, name, org_id) VALUES (18446744073709551614, '太大的课', 1), (30, '小的课', 18446744073709551614)`,
		`INSERT INTO course_teachers VALUES (30, 9223372036854775808, 0), (18446744073709551614, 2, 0)`,
		`UPDATE courses SET name = '仍然太大' WHERE id = 18446744073709551614`,
		`UPDATE orgs SET name = '还是太大' WHERE id = 18446744073709551614`,
		`UPDATE courses SET name = '小课' WHERE id = 30`,
	}, catalog.KindCourse, 30, map[string]string{"name": `"小课"`, "org": "null", "teachers": "[]"}},
	{"times at the edges", []string{
		`SET SESSION time_zone = '+14:00'`,
		`INSERT INTO courses (id, name, created_at) VALUES (31, '很早', '1000-01-01 00:00:00.000'), (32, '很晚', '9999-12-31 23:59:59.999'),
			(33, '零时之前', '1969-12-31 23:59:59.999'), (34, '闰日', '2024-02-29 23:59:59.990'), (35, '现在', NOW(3))`,
	}, catalog.KindCourse, 32, map[string]string{"created_at": `"9999-12-31T23:59:59.999Z"`}},
	{"another time zone takes nothing away", []string{
		`SET SESSION time_zone = '-12:00'`,
		`UPDATE courses SET created_at = '1000-01-01 00:00:00.001' WHERE id = 31`,
	}, catalog.KindCourse, 31, map[string]string{"created_at": `"1000-01-01T00:00:00.001Z"`}},
	{"zero dates", []string{
		lax, `INSERT INTO courses (id, name, created_at) VALUES (36, '零', '0000-00-00 00:00:00'), (37, '无月', '2020-00-00 01:02:03'), (38, '无日', '2020-12-00 00:00:00.5'),
			(39, '无年', '0000-00-07 01:02:03.4')`,
		`INSERT INTO course_daily_counts (course_id, day, views) VALUES (36, '0000-00-00', 9), (37, '9999-12-31', 4000000000), (38, '1000-01-01', 1)`,
	}, catalog.KindCourse, 36, map[string]string{"created_at": `"0001-01-01T00:00:00Z"`}},
	{"emoji, combining and rare characters", []string{
		`INSERT INTO courses (id, name, summary, image) VALUES (40, CONCAT('👩‍👩‍👧‍👦 𠮷野家 é ', CHAR(0xE280AE USING utf8mb4), 'עברית'),
			CONCAT(CHAR(0 USING utf8mb4), CHAR(0xEFBFBF USING utf8mb4), CHAR(0xF48FBFBF USING utf8mb4), '"\\', CHAR(0x7F USING utf8mb4)), '😀')`,
	}, catalog.KindCourse, 40, map[string]string{
		"name": `"👩‍👩‍👧‍👦 𠮷野家 é \u202eעברית"`, "summary": "\"\\u0000\\uffff\U0010ffff\\\"\\\\\\u007f\"", "image": `"😀"`,
	}},
	{"names whose forms are long", []string{
		`INSERT INTO orgs (id, name) VALUES (41, REPEAT('ﷺ', 255)), (42, REPEAT('重长乐', 85)), (43, REPEAT('𠮷', 255)), (44, REPEAT('a', 255))`,
		`INSERT INTO tags (id, name) VALUES (41, REPEAT('😀', 191))`,
		`INSERT INTO courses (id, name, org_id) VALUES (41, REPEAT('ﷺ ', 127), 41), (42, REPEAT('行长', 127), 42)`,
		`INSERT INTO course_tags VALUES (41, 41)`,
	}, catalog.KindOrg, 42, map[string]string{"courses": "1"}},
	{"HTML of a rich text editor, and what looks like it", []string{
		`INSERT INTO orgs (id, name, description) VALUES (46, '富文本', '<p>机构&nbsp;A</p>')`,
		`INSERT INTO teachers (id, name, bio) VALUES (46, '富文本', '<b>老师</b>')`,
		`INSERT INTO courses (id, name, summary, description) VALUES (46, '富文本', 'List<String> 与 a < b', '<p>一</p><p>R&amp;D</p>')`,
	}, catalog.KindCourse, 46, map[string]string{"summary": `"List<String> 与 a < b"`, "description": `"一\nR&D"`}},
	{"texts as long as the columns", []string{
		`INSERT INTO courses (id, name, summary, description, notice) VALUES
			(50, '长', REPEAT('长', 21845), REPEAT('很长 ', 1000000), REPEAT('x', 65535)), (51, '没有空格', REPEAT('x', 65535), REPEAT('x', 16777215), '')`,
		`INSERT INTO courses (id, name, description) VALUES (52, '转义', REPEAT('<', 4000000))`,
	}, catalog.KindCourse, 50, map[string]string{"name": `"长"`}},
	{"more in a transaction than a request may have", []string{
		`INSERT INTO courses (id, name, description) WITH RECURSIVE n AS (SELECT 200 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 224)
			SELECT i, '大', REPEAT('<', 750000) FROM n`,
		`UPDATE courses SET description = '' WHERE id BETWEEN 200 AND 223`,
	}, catalog.KindCourse, 223, map[string]string{"description": `""`}},
	{"gone again", []string{
		`DELETE FROM courses WHERE id BETWEEN 51 AND 52 OR id BETWEEN 200 AND 224`, `UPDATE courses SET description = '短' WHERE id = 50`,
	}, catalog.KindCourse, 50, map[string]string{"description": `"短"`}},
	{"everything that may be NULL", []string{
		`UPDATE courses SET ` + "`key`" + ` = NULL, org_id = NULL, category_id = NULL, level = NULL WHERE id = 1`,
		`UPDATE teachers SET ` + "`key`" + ` = NULL, org_id = NULL WHERE id = 1`,
		`UPDATE orgs SET ` + "`key`" + ` = NULL, city_id = NULL WHERE id = 1`,
	}, catalog.KindCourse, 1, map[string]string{"key": "null", "org": "null", "category": "", "level": "", "city": "", "org_category": ""}},
	{"and something again", []string{
		`UPDATE courses SET ` + "`key`" + ` = 'k', org_id = 1, category_id = 1, level = 'advanced' WHERE id = 1`,
		`UPDATE orgs SET ` + "`key`" + ` = 'o', city_id = 2 WHERE id = 1`,
	}, catalog.KindCourse, 1, map[string]string{"key": `"k"`, "category": `"编程"`, "level": `"advanced"`, "city": `"杭州"`}},
	{"every value of an ENUM, and none of them", []string{
		lax, `INSERT INTO courses (id, name, level) VALUES (60, '一', 'beginner'), (61, '二', 'intermediate'), (62, '三', 'advanced'), (63, '零', 'none'), (64, '无', NULL)`,
		`INSERT INTO orgs (id, name, category) VALUES (60, '一', 'training'), (61, '二', 'university'), (62, '三', 'individual'), (63, '零', 'none')`,
		`INSERT INTO teachers (id, name, org_id) VALUES (60, '教', 63)`,
	}, catalog.KindOrg, 63, map[string]string{"org_category": ""}},
	{"compressed transactions", []string{
		`SET SESSION binlog_transaction_compression = ON`,
		`UPDATE courses SET summary = REPEAT('压缩', 5000), org_id = 2 WHERE id < 30`,
		`UPDATE orgs SET name = '压缩大学' WHERE id = 2`,
		`DELETE FROM course_tags WHERE course_id = 1`,
	}, catalog.KindCourse, 2, map[string]string{"org": `{"id":2,"name":"压缩大学","facet":"2 压缩大学"}`}},
	{"an image of what changed only", []string{
		`SET SESSION binlog_row_image = MINIMAL`,
		`UPDATE courses SET org_id = 1 WHERE id = 20`, `UPDATE orgs SET name = '少' WHERE id = 1`, `DELETE FROM lessons WHERE id = 1`,
		`DELETE FROM course_teachers WHERE course_id = 5`, `UPDATE courses SET org_id = NULL WHERE id = 21`,
	}, catalog.KindOrg, 1, map[string]string{"name": `"少"`}},
	{"an image without texts", []string{
		`SET SESSION binlog_row_image = NOBLOB`, `UPDATE courses SET description = '无图', org_id = 2 WHERE id = 20`, `DELETE FROM courses WHERE id = 35`,
	}, catalog.KindCourse, 20, map[string]string{"description": `"无图"`}},
}

func TestDocumentsEqualRowsOfAnyValue(t *testing.T) {
	h := newHarness(t)
	h.index()
	for _, v := range values {
		t.Run(v.name, func(t *testing.T) {
			h.Session(t, v.statements...)
			h.equal()
			if letters, _, err := index.NewDeadLetters(h.Client).Count(t.Context()); err != nil || letters != 0 {
				t.Errorf("dead letters: %d, %v", letters, err)
			}
			h.has(t, catalog.Key{Kind: v.kind, ID: v.id}, v.want)
		})
	}
}

// TestColumnsOfOthers adds columns to a table of the catalogue. A row that changes then
// makes its own document dirty, and not every document.
func TestColumnsOfOthers(t *testing.T) {
	h := newHarness(t)
	h.index()
	h.Session(t,
		`ALTER TABLE courses ADD COLUMN extra JSON NULL FIRST, ADD COLUMN shape POINT NULL, ADD COLUMN bits BIT(64) NULL, ADD COLUMN years YEAR NULL,
			ADD COLUMN doubled BIGINT UNSIGNED AS (minutes * 2) VIRTUAL AFTER name, ADD COLUMN kept VARCHAR(300) AS (UPPER(name)) STORED,
			ADD COLUMN secret INT NOT NULL DEFAULT 7 INVISIBLE, ADD COLUMN marks SET ('a', 'b') NULL, ADD COLUMN price DECIMAL(65, 30) NULL`,
		`ALTER TABLE courses ADD INDEX of_extra ((CAST(extra->>'$.n' AS UNSIGNED)))`)
	// An XA transaction of another test on this server that ends meanwhile has everything read
	// again, since it does not say whose rows it has: hardly three times in a row.
	var sweeps int64
	for range 3 {
		before := h.WaitUntilIndexed().FannedOut
		h.Session(t,
			`DELETE FROM courses WHERE id = 90`,
			`UPDATE courses SET extra = '{"n": 1, "long": ["😀", null, 1e300]}', shape = ST_GeomFromText('POINT(1 2)'), bits = ~0, years = 2155, marks = 'a,b',
				price = -99999.5, name = IF(id = 1, '数据结构与 C++！', '二'), org_id = 2, minutes = 9 WHERE id IN (1, 2)`,
			`UPDATE courses SET extra = JSON_SET(extra, '$.n', 2), org_id = 1 WHERE id = 1`,
			`INSERT INTO courses (id, name, org_id, extra) VALUES (90, '新', 4, '[]')`, `DELETE FROM courses WHERE id = 21`)
		if sweeps = h.WaitUntilIndexed().FannedOut - before; sweeps == 0 {
			break
		}
	}
	if sweeps != 0 {
		t.Errorf("%d sweeps for single rows", sweeps)
	}
	h.equal()
	h.has(t, catalog.Key{Kind: catalog.KindCourse, ID: 1}, map[string]string{"name": `"数据结构与 C++！"`, "minutes": "9"})
	h.has(t, catalog.Key{Kind: catalog.KindOrg, ID: 4}, map[string]string{"courses": "1"})
}
