package searchapi

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/comments"
	"github.com/xunke/xunke/messages"
)

func (f *fixture) learners() *LearnerDeps {
	return &LearnerDeps{Accounts: f.accounts, Learning: fakeLearning{f.accounts}, Comments: fakeComments{f.accounts}, Messages: fakeMessages{f.accounts}}
}

// fakeComments has one of each.
type fakeComments struct{ accounts *fakeAccounts }

func (f fakeComments) Write(context.Context, int64, int64, string) error { return f.accounts.err }

func (f fakeComments) Shown(context.Context, int64, catalog.Page) (comments.CommentList, error) {
	return comments.CommentList{Total: 2, Hits: []comments.Comment{
		{ID: 2, Nickname: "小明", Text: "好", Stars: &stars, CreatedAt: learntAt, Reply: &comments.Reply{Text: "谢谢", At: learntAt}}, {ID: 1},
	}}, f.accounts.err
}

func (f fakeComments) Own(context.Context, int64, catalog.Page) (comments.OwnList, error) {
	return comments.OwnList{Total: 1, Hits: []comments.Own{{ID: 1, Course: catalog.Ref{ID: 1, Name: "数据结构"}, State: comments.Waiting}}}, f.accounts.err
}

func (f fakeComments) Delete(context.Context, int64, int64) error { return f.accounts.err }

func (f fakeComments) Export(context.Context, int64) (comments.Record, error) {
	return comments.Record{Comments: []comments.Own{{ID: 1, State: comments.Hidden}}}, f.accounts.err
}

// fakeMessages has one.
type fakeMessages struct{ accounts *fakeAccounts }

func (f fakeMessages) List(context.Context, int64, catalog.Page) (messages.MessageList, error) {
	return messages.MessageList{Total: 1, Unread: 1, Hits: []messages.Message{{ID: 1, Kind: messages.NewLessons, Subject: "新课时", URL: "/courses/1"}}}, f.accounts.err
}

func (f fakeMessages) Read(context.Context, int64, int64) error { return f.accounts.err }

func (f fakeMessages) Delete(context.Context, int64, int64) error { return f.accounts.err }

func (f fakeMessages) Export(context.Context, int64) (messages.Record, error) {
	return messages.Record{Messages: []messages.Message{{ID: 1, Kind: messages.Admin}}}, f.accounts.err
}

// TestCommentsAreForAll: whoever asks reads what is shown, from any site; who writes is logged in.
func TestCommentsAreForAll(t *testing.T) {
	s := fullFixture().server(t)
	a := get(t, s, "/api/v1/courses/1/comments?per_page=5")
	if a.status != http.StatusOK || a.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(a.body, `"reply":{"text":"谢谢"`) {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	post(t, s, "/api/v1/courses/1/comments", jsonType, `{"text":"讲得很清楚"}`).problem(t, http.StatusUnauthorized)
	get(t, new(fixture).server(t), "/api/v1/courses/1/comments").problem(t, http.StatusNotFound) // without accounts there is no such call
}
