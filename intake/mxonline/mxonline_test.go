package mxonline_test

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/intake"
	"github.com/xunke/xunke/intake/mxonline"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/internal/mysql/imports"
	"github.com/xunke/xunke/internal/testenv"
)

// platform makes a database with a platform's tables beside the test's own.
func platform(t *testing.T, ours string, statements string) *sql.DB {
	t.Helper()
	cfg, err := driver.ParseDSN(ours)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DBName += "_theirs"
	if _, err := mysql.EnsureDatabase(t.Context(), cfg.FormatDSN()); err != nil {
		t.Fatal(err)
	}
	db, err := mysql.OpenForeign(t.Context(), cfg.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), "DROP DATABASE "+cfg.DBName); err != nil {
			t.Errorf("drop the platform: %v", err)
		}
		_ = db.Close()
	})
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	// As on the platforms' own servers: zero dates and wrong values are let in.
	for _, statement := range append([]string{"SET sql_mode = ''"}, strings.Split(statements, ";\n")...) {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

// classic is the platform of the first years: apps in the plural, citydict, a tag
// column, HTML in the details, no teacher on some courses.
const classic = `
CREATE TABLE organization_citydict (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20), ` + "`desc`" + ` VARCHAR(200), add_time DATETIME) CHARSET utf8mb3;
INSERT INTO organization_citydict VALUES (1, '北京市', '', NOW()), (2, '重庆市', '', NOW());
CREATE TABLE organization_courseorg (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50), ` + "`desc`" + ` LONGTEXT, tag VARCHAR(10), category VARCHAR(20),
	click_nums INT, fav_nums INT, students INT, course_nums INT, image VARCHAR(100), address VARCHAR(150), city_id INT, add_time DATETIME) CHARSET utf8mb3;
INSERT INTO organization_courseorg VALUES (1, '青藤网校', '<p>第一段&nbsp;文字</p><p>第二段 &lt;C++&gt;</p>', '口碑好', 'pxjg', 10, 3, 5, 9, 'org/2016/11/a.jpg', '中关村', 1, '2016-11-05 16:04:00'),
	(2, '云溪学院', '', '', 'gx', 0, 0, 0, 0, '', '', 2, '0000-00-00 00:00:00'), (3, '老曾', '', '', 'xx', 0, -1, 0, 0, '', '', 77, NOW());
CREATE TABLE organization_teacher (id INT PRIMARY KEY AUTO_INCREMENT, org_id INT, name VARCHAR(50), work_years INT, work_company VARCHAR(50), work_position VARCHAR(50),
	points VARCHAR(50), click_nums INT, fav_nums INT, image VARCHAR(100), add_time DATETIME) CHARSET utf8mb3;
INSERT INTO organization_teacher VALUES (5, 1, '曾雨桐', 5, '某公司', '架构师', '幽默', 1, 2, '', NOW()), (6, 99, '单立言', 0, '', '', '', 0, 0, '', NOW()), (7, 1, '', 0, '', '', '', 0, 0, '', NOW());
CREATE TABLE courses_course (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50), ` + "`desc`" + ` VARCHAR(300), detail LONGTEXT, degree VARCHAR(2), learn_times INT, students INT, fav_nums INT,
	image VARCHAR(100), click_nums INT, add_time DATETIME(6), course_org_id INT, category VARCHAR(20), tag VARCHAR(10), teacher_id INT, youneed_know VARCHAR(300), teacher_tell VARCHAR(300), is_banner TINYINT(1)) CHARSET utf8mb3;
INSERT INTO courses_course VALUES
	(1, 'C#与.NET', '简介', '<h1 class="x">标题</h1><script>alert(1)</script>正文<br/>第二行', 'cj', 90, 30, 4, 'courses/2016/11/b.jpg', 6, '2016-11-05 16:04:00.250000', 1, '后端开发', 'C#', 5, '会一点', '学会', 1),
	(2, 'python入门', '', '没有标签的\n两行', 'zj', 0, 0, 0, '', 0, '2016-11-05 16:07:00', NULL, '后端开发', '', 7, '', '', 0),
	(9, '  ', '', '', 'gj', 0, 0, 0, '', 0, NOW(), 2, '', '', NULL, '', '', 0),
	(12, '高级课', '', '', 'tj', -5, 0, 0, '', 0, '2016-11-06 07:59:59', 2, '', 'a，b', NULL, '', '', 0);
CREATE TABLE courses_lesson (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100), add_time DATETIME, course_id INT) CHARSET utf8mb3;
INSERT INTO courses_lesson VALUES (1, '第一章', NOW(), 1), (2, '第二章', NOW(), 1), (3, '', NOW(), 2), (4, '孤儿', NOW(), 500);
CREATE TABLE courses_video (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100), add_time DATETIME, lesson_id INT, url VARCHAR(200), learn_times INT) CHARSET utf8mb3;
INSERT INTO courses_video VALUES (1, '1.1', NOW(), 1, 'http://example.com/1', 8), (2, '1.2', NOW(), 1, 'javascript:x', 0), (3, '2.1', NOW(), 2, '', 0);
CREATE TABLE courses_courseresource (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100), download VARCHAR(100), add_time DATETIME, course_id INT) CHARSET utf8mb3;
INSERT INTO courses_courseresource VALUES (1, '前端页面', 'course/resource/2016/11/media.zip', NOW(), 1);
CREATE TABLE users_userprofile (id INT PRIMARY KEY AUTO_INCREMENT, username VARCHAR(50)) CHARSET utf8mb3;
INSERT INTO users_userprofile VALUES (1, 'a'), (2, 'b');
CREATE TABLE operation_userask (id INT PRIMARY KEY AUTO_INCREMENT) CHARSET utf8mb3;
CREATE TABLE django_session (session_key VARCHAR(40)) CHARSET utf8mb3;
`

// later is the platform after the framework's second version: renamed apps and columns,
// a table of tags, flags on orgs, no detail column.
const later = `
CREATE TABLE organizations_city (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20), ` + "`desc`" + ` VARCHAR(200), add_time DATETIME(6));
INSERT INTO organizations_city VALUES (1, '成都', '', NOW());
CREATE TABLE organizations_courseorg (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50), ` + "`desc`" + ` LONGTEXT, tag VARCHAR(10), ct VARCHAR(20), cover VARCHAR(100), city_id BIGINT,
	is_gold TINYINT(1), is_auth TINYINT(1), fav_num INT, add_time DATETIME(6));
INSERT INTO organizations_courseorg VALUES (1, '个人工作室', '', '全国知名', 'gr', 'o.png', 1, 1, 0, 0, '2020-05-01 08:00:00');
CREATE TABLE organizations_teacher (id BIGINT PRIMARY KEY AUTO_INCREMENT, org_id BIGINT, name VARCHAR(50), age INT, add_time DATETIME(6));
INSERT INTO organizations_teacher VALUES (1, 1, 'García', 30, NOW()), (2, 1, 'Garcia', 30, NOW());
CREATE TABLE courses_course (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50), ` + "`desc`" + ` VARCHAR(300), degree VARCHAR(50), learn_times INT, students INT, category VARCHAR(20), ct VARCHAR(20),
	thumb VARCHAR(100), org_id BIGINT, you_need_know VARCHAR(300), is_classics TINYINT(1), add_time DATETIME(6));
INSERT INTO courses_course VALUES (3, 'Vue3', '渐进式', 'gj', 45, 12, '前端', '', '/c.png', 1, '会 HTML', 1, '2020-05-01 08:00:00');
CREATE TABLE courses_coursetag (id BIGINT PRIMARY KEY AUTO_INCREMENT, course_id BIGINT, tag VARCHAR(100), add_time DATETIME(6));
INSERT INTO courses_coursetag VALUES (1, 3, 'Vue', NOW()), (2, 3, '前端', NOW()), (3, 3, 'Vue', NOW());
CREATE TABLE operations_usercourse (id BIGINT PRIMARY KEY AUTO_INCREMENT, user_id BIGINT, course_id BIGINT, add_time DATETIME(6));
INSERT INTO operations_usercourse VALUES (1, 7, 3, '2021-02-03 04:05:06'), (2, 8, 3, '2021-02-04 00:00:00'), (3, 8, 3, NOW()), (4, 7, 99, NOW()), (5, NULL, 3, NOW());
`

type carried struct {
	summary intake.Summary
	report  mxonline.Report
	said    []string
}

func carry(t *testing.T, from, to *sql.DB, o mxonline.Options) carried {
	t.Helper()
	var c carried
	var err error
	o.Report = func(p intake.Problem) { c.said = append(c.said, p.String()) }
	if c.summary, c.report, err = mxonline.Import(t.Context(), from, imports.NewStore(to), o); err != nil {
		t.Fatal(err)
	}
	return c
}

func expect(t *testing.T, db *sql.DB, query string, want ...string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var got []string
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		got = append(got, s.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n got %q\nwant %q", query, got, want)
	}
}

const (
	orgRows = "SELECT CONCAT_WS('|', o.`key`, o.name, o.description, o.slogan, o.category, COALESCE(c.name, '-'), o.address, o.image, o.favorites, o.is_gold, o.is_certified, o.created_at)" +
		" FROM orgs o LEFT JOIN cities c ON c.id = o.city_id WHERE o.id = 1"
	courseRows = "SELECT CONCAT_WS('|', c.`key`, c.name, c.summary, c.description, COALESCE(o.name, '-'), COALESCE(g.name, '-'), COALESCE(c.level, '-'), c.language, c.minutes, c.starting_students," +
		" c.favorites, c.image, c.prerequisites, c.outcomes, c.is_classic, DATE(c.created_at))" +
		" FROM courses c LEFT JOIN orgs o ON o.id = c.org_id LEFT JOIN categories g ON g.id = c.category_id ORDER BY c.id"
)

func TestTheClassicPlatform(t *testing.T) {
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	from := platform(t, c.MySQL.DSN, classic)
	shanghai := time.FixedZone("+08:00", 8*3600)
	got := carry(t, from, db, mxonline.Options{MediaURL: "https://old.example.com/media/", Location: shanghai})

	expect(t, db, orgRows, "mxonline:org:1|青藤网校|第一段 文字\n第二段 <C++>|口碑好|training|北京市|中关村|https://old.example.com/media/org/2016/11/a.jpg|3|0|0|2016-11-05 08:04:00.000")
	expect(t, db, "SELECT CONCAT_WS('|', `key`, category, favorites, COALESCE(city_id, '-')) FROM orgs WHERE id > 1 ORDER BY id",
		"mxonline:org:2|university|0|2", "mxonline:org:3|training|0|-")
	expect(t, db, "SELECT CONCAT_WS('|', `key`, name, COALESCE(org_id, '-'), title, company, years_worked, style, favorites) FROM teachers ORDER BY id",
		"mxonline:teacher:5|曾雨桐|1|架构师|某公司|5|幽默|2", "mxonline:teacher:6|单立言|-|||0||0")
	expect(t, db, courseRows,
		"mxonline:course:1|C#与.NET|简介|标题\n正文\n第二行|青藤网校|后端开发|beginner|zh|90|30|4|https://old.example.com/media/courses/2016/11/b.jpg|会一点|学会|0|2016-11-05",
		"mxonline:course:2|python入门||没有标签的\n两行|-|后端开发|intermediate|zh|0|0|0||||0|2016-11-05",
		"mxonline:course:12|高级课|||云溪学院|-|-|zh|0|0|0||||0|2016-11-05")
	expect(t, db, "SELECT CONCAT_WS('|', l.course_id, l.name, v.name, v.url, v.minutes) FROM lessons l LEFT JOIN videos v ON v.lesson_id = l.id ORDER BY l.id, v.id",
		"1|第一章|1.1|http://example.com/1|8", "1|第一章|1.2||0", "1|第二章|2.1||0", "2|第1章")
	expect(t, db, "SELECT CONCAT(name, ' ', url) FROM course_resources", "前端页面 https://old.example.com/media/course/resource/2016/11/media.zip")
	expect(t, db, "SELECT GROUP_CONCAT(t.name ORDER BY t.name) FROM course_tags x JOIN tags t ON t.id = x.tag_id GROUP BY x.course_id ORDER BY x.course_id", "C#", "a,b")
	expect(t, db, "SELECT GROUP_CONCAT(t.name) FROM course_teachers x JOIN teachers t ON t.id = x.teacher_id", "曾雨桐")

	want := []string{
		`organization_courseorg:3: category: left out, because it is none of pxjg, gx, gr ("xx")`,
		`organization_courseorg:3: city_id: left out, because there is no such city ("77")`,
		`organization_courseorg:3: fav_nums: taken as 0, because it is no count ("-1")`,
		`organization_teacher:7: name: is missing`,
		`organization_teacher:6: org: left out, because no usable org has this key ("mxonline:org:99")`,
		`courses_course:1: url: left out, because it is neither a path nor an http or https address ("javascript:x")`,
		`courses_course:12: degree: left out, because it is none of cj, zj, gj ("tj")`,
		`courses_course:12: learn_times: taken as 0, because it is no count ("-5")`,
		`courses_course:9: name: is missing`,
		`courses_course:2: teachers: left out, because no usable teacher has this key ("mxonline:teacher:7")`,
	}
	if !reflect.DeepEqual(got.said, want) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(got.said, "\n"), strings.Join(want, "\n"))
	}
	if got.summary.Bad != 2 || got.summary.Warnings != 8 || got.summary.Courses.Created != 3 {
		t.Errorf("summary %+v", got.summary)
	}
	wantReport := `organization_citydict: 2 of 2 rows carried over (columns not taken over: desc, add_time)
organization_courseorg: 3 of 3 rows carried over (columns not taken over: click_nums, students, course_nums)
organization_teacher: 2 of 3 rows carried over (columns not taken over: click_nums)
courses_course: 3 of 4 rows carried over (columns not taken over: click_nums, is_banner)
courses_lesson: 3 of 4 rows carried over (columns not taken over: add_time)
courses_video: 3 of 3 rows carried over (columns not taken over: add_time)
courses_courseresource: 1 of 1 rows carried over (columns not taken over: add_time)
operation_userask: 0 of 0 rows carried over (consultations are not carried over yet)
users_userprofile: 0 of 2 rows carried over (accounts are not carried over yet)
`
	if text := got.report.String(); text != wantReport {
		t.Errorf("report\n%s\nwant\n%s", text, wantReport)
	}

	again := carry(t, from, db, mxonline.Options{MediaURL: "https://old.example.com/media/", Location: shanghai})
	if s := again.summary; s.Orgs.Unchanged != 3 || s.Teachers.Unchanged != 2 || s.Courses.Unchanged != 3 || s.Items() != 8 {
		t.Errorf("the second time: %+v", s)
	}
	if _, err := from.Exec("UPDATE courses_lesson SET name = '新的第二章' WHERE id = 2"); err != nil {
		t.Fatal(err)
	}
	if s := carry(t, from, db, mxonline.Options{MediaURL: "https://old.example.com/media/", Location: shanghai}).summary; s.Courses.Updated != 1 {
		t.Errorf("after a change: %+v", s)
	}
}

func TestALaterPlatform(t *testing.T) {
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	got := carry(t, platform(t, c.MySQL.DSN, later), db, mxonline.Options{})
	expect(t, db, orgRows, "mxonline:org:1|个人工作室||全国知名|individual|成都|||0|1|0|2020-05-01 08:00:00.000")
	expect(t, db, "SELECT CONCAT(`key`, name) FROM teachers ORDER BY id", "mxonline:teacher:1García", "mxonline:teacher:2Garcia")
	expect(t, db, courseRows, "mxonline:course:3|Vue3|渐进式||个人工作室|前端|advanced|zh|45|10|0||会 HTML||1|2020-05-01")
	expect(t, db, "SELECT GROUP_CONCAT(t.name ORDER BY t.name) FROM course_tags x JOIN tags t ON t.id = x.tag_id", "Vue,前端")
	if len(got.said) != 0 || got.summary.Bad != 0 {
		t.Errorf("said %q", got.said)
	}
	text := got.report.String()
	for _, line := range []string{
		"organizations_courseorg: 1 of 1 rows carried over (images need --media-url)",
		"courses_course: 1 of 1 rows carried over (images need --media-url; columns not taken over: ct)",
		"courses_coursetag: 3 of 3 rows carried over (columns not taken over: add_time)",
		"operations_usercourse: 3 of 5 rows carried over",
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the report lacks %q:\n%s", line, text)
		}
	}
}

// The students of a course there are its enrolments here and a starting figure, which is
// what is left: together they are as many as there.
func TestEnrolmentsAreCountedOnce(t *testing.T) {
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	from := platform(t, c.MySQL.DSN, later)
	const students = "SELECT CONCAT_WS('|', starting_students, enrolments) FROM courses"
	if s := carry(t, from, db, mxonline.Options{}).summary; s.Enrolments.Created != 2 || s.Enrolments.Unchanged != 1 {
		t.Errorf("%+v", s.Enrolments)
	}
	expect(t, db, students, "10|2")
	expect(t, db, "SELECT CONCAT(COUNT(DISTINCT learner_id), '|', MIN(created_at), '|', MIN(learner_id) >= 1 << 62) FROM enrolments", "2|2021-02-03 04:05:06.000|1")
	if s := carry(t, from, db, mxonline.Options{}).summary; s.Enrolments.Created != 0 || s.Courses.Unchanged != 1 {
		t.Errorf("a second time: %+v", s)
	}
	expect(t, db, students, "10|2")
	// Somebody more enrols there, where counters lose updates: what is there counts.
	if _, err := from.Exec("INSERT INTO operations_usercourse VALUES (6, 9, 3, NOW())"); err != nil {
		t.Fatal(err)
	}
	carry(t, from, db, mxonline.Options{})
	expect(t, db, students, "9|3")
}

func TestADatabaseThatIsNoPlatform(t *testing.T) {
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	from := platform(t, c.MySQL.DSN, "CREATE TABLE courses_course (id INT PRIMARY KEY, title VARCHAR(9))")
	_, _, err := mxonline.Import(t.Context(), from, imports.NewStore(db), mxonline.Options{})
	if e, ok := errors.AsType[*catalog.Error](err); !ok || e.Code != catalog.CodeInvalid || !strings.Contains(e.Hint, "--dsn") {
		t.Errorf("error %v", err)
	}
}

// More rows than a page, and videos of more lessons than courses on a page.
func TestManyPages(t *testing.T) {
	c := testenv.Config(t)
	db := testenv.MySQL(t, c)
	from := platform(t, c.MySQL.DSN, later)
	if _, err := from.Exec(`INSERT /*+ SET_VAR(cte_max_recursion_depth = 5000) */ INTO courses_course (name, org_id)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300) SELECT CONCAT('课', i), 1 FROM n`); err != nil {
		t.Fatal(err)
	}
	if s := carry(t, from, db, mxonline.Options{}).summary; s.Courses.Created != 1301 {
		t.Errorf("%+v", s)
	}
}
