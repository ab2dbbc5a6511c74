package searchapi

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/comments"
	"github.com/xunke/xunke/messages"
)

// Comments is what learners say about courses. Errors are those of comments.Service.
type Comments interface {
	Write(ctx context.Context, account, course int64, text string) error
	Shown(ctx context.Context, course int64, p catalog.Page) (comments.CommentList, error)
	Own(ctx context.Context, account int64, p catalog.Page) (comments.OwnList, error)
	Delete(ctx context.Context, account, id int64) error
	Export(ctx context.Context, account int64) (comments.Record, error)
}

// Messages is what learners are told. Errors are those of messages.Service.
type Messages interface {
	List(ctx context.Context, account int64, p catalog.Page) (messages.MessageList, error)
	Read(ctx context.Context, account, id int64) error
	Delete(ctx context.Context, account, id int64) error
	Export(ctx context.Context, account int64) (messages.Record, error)
}

type commentBody struct {
	Text string `json:"text" about:"2 to 1,000 characters of plain text" form:"comment"`
}

// commentOperations are the calls about comments.
func (s *Service) commentOperations() []operation {
	const path = "/api/v1/courses/{id}/comments"
	return []operation{
		{
			id: "comments", method: http.MethodGet, path: path, group: groupItems,
			summary: text{"课程的评论，最近的在前", "What learners say about a course, the latest first"},
			params:  append([]param{idParam()}, listPageParams()...), status: http.StatusOK, answer: comments.CommentList{}, open: true,
			refuses: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusServiceUnavailable},
			example: "/api/v1/courses/1/comments", handle: s.comments,
		},
		{
			id: "comment", method: http.MethodPost, path: path, group: groupAccounts, login: true,
			summary: text{"评论一门课程：审核后才展示", "Comment on a course; it is shown once an admin has looked at it"},
			params:  []param{idParam()}, body: commentBody{}, status: http.StatusAccepted, answer: waiting{},
			refuses: withBody(refusesAction), handle: forLearners(s.comment),
		},
		{
			id: "my_comments", method: http.MethodGet, path: "/api/v1/me/comments", group: groupAccounts, login: true,
			summary: text{"我的评论：等待审核、已展示或未展示", "My comments: waiting, shown or hidden"},
			params:  listPageParams(), status: http.StatusOK, answer: comments.OwnList{}, example: "/api/v1/me/comments", handle: forLearners(s.myComments),
		},
		{
			id: "delete_comment", method: http.MethodDelete, path: "/api/v1/me/comments/{id}", group: groupAccounts, login: true,
			summary: text{"删除我的评论", "Delete a comment of mine"},
			params:  []param{idParam()}, status: http.StatusNoContent, refuses: []int{http.StatusNotFound}, handle: forLearners(s.deleteComment),
		},
	}
}

// waiting is the answer to a comment.
type waiting struct {
	Status comments.State `json:"status"`
}

// messageOperations are the calls about messages.
func (s *Service) messageOperations() []operation {
	const path = "/api/v1/me/messages"
	one := []param{idParam()}
	return []operation{
		{
			id: "messages", method: http.MethodGet, path: path, group: groupAccounts, login: true,
			summary: text{"我的消息，最近的在前；unread 是未读的数目", "My messages, the latest first; unread counts those that were not read"},
			params:  listPageParams(), status: http.StatusOK, answer: messages.MessageList{}, example: path, handle: forLearners(s.myMessages),
		},
		{
			id: "read_message", method: http.MethodPost, path: path + "/{id}/read", group: groupAccounts, login: true,
			summary: text{"标记为已读", "Note that a message was read"},
			params:  one, status: http.StatusNoContent, refuses: []int{http.StatusNotFound}, handle: forLearners(s.readMessage),
		},
		{
			id: "read_messages", method: http.MethodPost, path: "/api/v1/me/all-messages/read", group: groupAccounts, login: true,
			summary: text{"全部标记为已读", "Note that all messages were read"},
			status:  http.StatusNoContent, handle: forLearners(s.readMessage),
		},
		{
			id: "delete_message", method: http.MethodDelete, path: path + "/{id}", group: groupAccounts, login: true,
			summary: text{"删除消息", "Delete a message"},
			params:  one, status: http.StatusNoContent, refuses: []int{http.StatusNotFound}, handle: forLearners(s.deleteMessage),
		},
	}
}

func (s *Service) comments(c *fiber.Ctx, a args) error {
	list, err := s.learners.Comments.Shown(c.UserContext(), a.number("id"), pageOf(a))
	if err != nil {
		return err
	}
	return answerJSON(c, list)
}

func (s *Service) comment(c *fiber.Ctx, account int64, a args) error {
	var body commentBody
	if err := readBody(c, &body, "text"); err != nil {
		return err
	}
	if err := s.learners.Comments.Write(c.UserContext(), account, a.number("id"), body.Text); err != nil {
		return err
	}
	return answerPrivately(c, http.StatusAccepted, waiting{Status: comments.Waiting})
}

func (s *Service) myComments(c *fiber.Ctx, account int64, a args) error {
	list, err := s.learners.Comments.Own(c.UserContext(), account, pageOf(a))
	return answerOwn(c, list, err)
}

func (s *Service) deleteComment(c *fiber.Ctx, account int64, a args) error {
	return answerDone(c, s.learners.Comments.Delete(c.UserContext(), account, a.number("id")))
}

// answerDone answers what is done and has nothing to say.
func answerDone(c *fiber.Ctx, err error) error {
	if err != nil {
		return err
	}
	return answerPrivately(c, http.StatusNoContent, nil)
}

func (s *Service) myMessages(c *fiber.Ctx, account int64, a args) error {
	list, err := s.learners.Messages.List(c.UserContext(), account, pageOf(a))
	for i := range list.Hits {
		if m := &list.Hits[i]; m.URL != "" {
			m.URL = s.link(m.URL)
		}
	}
	return answerOwn(c, list, err)
}

func (s *Service) readMessage(c *fiber.Ctx, account int64, a args) error {
	return answerDone(c, s.learners.Messages.Read(c.UserContext(), account, a.number("id"))) // 0: all
}

func (s *Service) deleteMessage(c *fiber.Ctx, account int64, a args) error {
	return answerDone(c, s.learners.Messages.Delete(c.UserContext(), account, a.number("id")))
}
